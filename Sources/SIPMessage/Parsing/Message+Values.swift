import Bytes

// Values that almost every message needs, parsed at first use and kept. A field that occurs more than once counts by
// its first occurrence.

extension Message {
    /// The first Via value. `isValid` is false when there is none or it is broken.
    public var topVia: Via {
        if self.cache.value.known.contains(.topVia) { return self.cache.value.topVia }
        return self.parseTopVia()
    }

    private func parseTopVia() -> Via {
        self.cache.value.known.insert(.topVia)
        let index = self.first(.via)
        if index >= 0 {
            let value = self.fields[index].value
            self.cache.value.topVia = Via(self.span, from: value.lower, to: value.upper, field: index)
        } else {
            self.cache.value.topVia = Via()
        }
        return self.cache.value.topVia
    }

    /// From; `isValid` is false when it is missing or broken.
    public var from: NameAddress {
        if self.cache.value.known.contains(.from) { return self.cache.value.from }
        self.cache.value.known.insert(.from)
        self.cache.value.from = self.single(.from)
        return self.cache.value.from
    }

    /// To; `isValid` is false when it is missing or broken.
    public var to: NameAddress {
        if self.cache.value.known.contains(.to) { return self.cache.value.to }
        self.cache.value.known.insert(.to)
        self.cache.value.to = self.single(.to)
        return self.cache.value.to
    }

    private func single(_ name: HeaderName) -> NameAddress {
        let index = self.first(name)
        guard index >= 0 else { return NameAddress() }
        let value = self.fields[index].value
        return NameAddress(self.span, from: value.lower, to: value.upper, isList: false, field: index)
    }

    /// The first Route value (RFC 3261 §20.34); `isValid` is false when there is none or it is broken.
    public var topRoute: NameAddress {
        if self.cache.value.known.contains(.topRoute) { return self.cache.value.topRoute }
        self.cache.value.known.insert(.topRoute)
        self.cache.value.topRoute = self.firstMember(.route)
        return self.cache.value.topRoute
    }

    /// The first Contact value; `isValid` is false when there is none or it is broken.
    public var firstContact: NameAddress {
        if self.cache.value.known.contains(.firstContact) { return self.cache.value.firstContact }
        self.cache.value.known.insert(.firstContact)
        self.cache.value.firstContact = self.firstMember(.contact)
        return self.cache.value.firstContact
    }

    private func firstMember(_ name: HeaderName) -> NameAddress {
        var iterator = NameAddressIterator(name)
        return iterator.next(self) ?? NameAddress()
    }

    /// Call-ID; absent when missing.
    public var callID: ByteRange { self.value(.callID) }

    public var cSeq: CSeq {
        if self.cache.value.known.contains(.cSeq) { return self.cache.value.cSeq }
        self.cache.value.known.insert(.cSeq)
        self.cache.value.cSeq = CSeq(self.span, self.value(.cSeq))
        return self.cache.value.cSeq
    }

    /// Content-Length; nil when it is missing (`has(.contentLength)` is false) or not a number below 2³¹.
    public var contentLength: Int? {
        if !self.cache.value.known.contains(.contentLength) {
            self.cache.value.known.insert(.contentLength)
            self.cache.value.contentLength = self.number(.contentLength) ?? -1
        }
        return self.cache.value.contentLength >= 0 ? self.cache.value.contentLength : nil
    }

    /// Max-Forwards; nil when it is missing or not a number below 2³¹. RFC 3261 §20.22 allows 0 to 255.
    public var maxForwards: Int? { self.number(.maxForwards) }

    /// Expires in seconds; nil when it is missing or not a number, 2³¹-1 when it is more than that.
    public var expires: Int? {
        let index = self.first(.expires)
        guard index >= 0 else { return nil }
        let seconds = NameAddress.seconds(self.span, self.fields[index].value)
        return seconds >= 0 ? seconds : nil
    }

    /// Value of the first field called `name` as a decimal number below 2³¹; nil when missing or anything else.
    public func number(_ name: HeaderName) -> Int? {
        self.span.decimal(in: self.value(name))
    }

    /// Content-Type without parameters, such as `application/sdp`; absent when missing.
    public var contentType: ByteRange {
        let value = self.value(.contentType)
        guard value.isPresent else { return .absent }
        let span = self.span
        return trim(span, value.lower, span.nearIndex(of: 59, from: value.lower, to: value.upper))
    }

    /// The Request-URI taken apart; nil when it is not a proper URI, and in responses.
    public var parsedRequestURI: SIPURI? {
        self.takeRequestURIApart()
        return self.cache.value.requestURI
    }

    /// The scheme of `parsedRequestURI`.
    public var requestURIScheme: SIPURI.Scheme? {
        self.takeRequestURIApart()
        return self.cache.value.requestURI?.scheme
    }

    private func takeRequestURIApart() {
        guard !self.cache.value.known.contains(.requestURI) else { return }
        self.cache.value.known.insert(.requestURI)
        self.cache.value.requestURI = SIPURI(self.span, self.requestURI)
    }

    /// From's URI taken apart; nil when From or its URI is broken.
    public var fromURI: SIPURI? {
        self.takeFromURIApart()
        return self.cache.value.fromURI
    }

    /// The scheme of `fromURI`. Here, as below, who asks for no more is given no copy of the whole.
    public var fromURIScheme: SIPURI.Scheme? {
        self.takeFromURIApart()
        return self.cache.value.fromURI?.scheme
    }

    private func takeFromURIApart() {
        guard !self.cache.value.known.contains(.fromURI) else { return }
        let from = self.from
        self.cache.value.known.insert(.fromURI)
        self.cache.value.fromURI = from.isValid ? SIPURI(self.span, from.uri) : nil
    }

    /// To's URI taken apart; nil when To or its URI is broken.
    public var toURI: SIPURI? {
        self.takeToURIApart()
        return self.cache.value.toURI
    }

    /// The scheme of `toURI`.
    public var toURIScheme: SIPURI.Scheme? {
        self.takeToURIApart()
        return self.cache.value.toURI?.scheme
    }

    private func takeToURIApart() {
        guard !self.cache.value.known.contains(.toURI) else { return }
        let to = self.to
        self.cache.value.known.insert(.toURI)
        self.cache.value.toURI = to.isValid ? SIPURI(self.span, to.uri) : nil
    }

    /// The bytes `range` names, copied.
    public func text(_ range: ByteRange) -> ByteString { ByteString(self.span, range) }
}
