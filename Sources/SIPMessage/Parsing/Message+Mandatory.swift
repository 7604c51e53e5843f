import Bytes

extension Message {
    /// The first of the fields that every message must have (RFC 3261 §8.1.1, §8.2.6) that makes it useless: missing,
    /// there twice, or of no form that a reply could be made from. Nil when all is well.
    ///
    /// Via and To have to be whole, CSeq has to name a method, and a Content-Length, if there is one, a length. What
    /// their values mean is not looked into, From's and Call-ID's are not looked at.
    public var unusableField: HeaderName? { self.unusableField(allowingDoubles: false) }

    /// - Parameter allowingDoubles: of a field that is there twice the first counts (`sip_parser_mode=0`).
    public func unusableField(allowingDoubles isLax: Bool) -> HeaderName? {
        guard self.hasTopVia else { return .via }
        guard self.isUsable(.cSeq, isLax), self.cSeq.methodRange.isPresent else { return .cSeq }
        guard self.isUsable(.callID, isLax) else { return .callID }
        guard self.isUsable(.from, isLax) else { return .from }
        guard self.isUsable(.to, isLax), self.hasTo else { return .to }
        guard self.has(.contentLength) else { return nil }
        return self.isUsable(.contentLength, isLax) && self.contentLength != nil ? nil : .contentLength
    }

    @inline(__always)
    private func isUsable(_ name: HeaderName, _ isLax: Bool) -> Bool {
        let index = self.first(name)
        return index >= 0 && (isLax || index == self.last(name))
    }
}
