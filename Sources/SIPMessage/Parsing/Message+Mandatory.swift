import Bytes

extension Message {
    /// The first of the fields that every message must have (RFC 3261 §8.1.1, §8.2.6) that makes it useless: missing,
    /// there twice, or of no form that a reply could be made from. Nil when all is well.
    ///
    /// Via and To have to be whole, CSeq has to name a method, and a Content-Length, if there is one, a length. What
    /// their values mean is not looked into, From's and Call-ID's are not looked at.
    public var unusableField: HeaderName? {
        guard self.topVia.isValid else { return .via }
        guard self.isSingle(.cSeq), self.cSeq.methodRange.isPresent else { return .cSeq }
        guard self.isSingle(.callID) else { return .callID }
        guard self.isSingle(.from) else { return .from }
        guard self.isSingle(.to), self.to.isValid else { return .to }
        guard self.has(.contentLength) else { return nil }
        return self.isSingle(.contentLength) && self.contentLength != nil ? nil : .contentLength
    }

    private func isSingle(_ name: HeaderName) -> Bool {
        let index = self.first(name)
        return index >= 0 && index == self.last(name)
    }
}
