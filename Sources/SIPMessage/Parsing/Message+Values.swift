import Bytes

// Values that almost every message needs, parsed at first use and kept. A field that occurs more than once counts by
// its first occurrence.

extension Message {
    // Each is parsed where it is kept, and asked for by way of what parses it: values of this size are dear to hand on.

    /// The first Via value. `isValid` is false when there is none or it is broken.
    public var topVia: Via {
        self.findTopVia()
        return self.cache.value.topVia
    }

    /// Whether there is a first Via that can be read.
    var hasTopVia: Bool {
        self.findTopVia()
        return self.cache.value.topVia.isValid
    }

    @inline(__always)
    private func findTopVia() {
        if !self.cache.value.known.contains(.topVia) { self.parseTopVia() }
    }

    private func parseTopVia() {
        self.cache.value.known.insert(.topVia)
        let index = self.first(.via)
        if index >= 0 {
            self.cache.value.topVia.take(self.span, self.fields[index].value, field: index)
        } else {
            self.cache.value.topVia = Via()
        }
    }

    /// From; `isValid` is false when it is missing or broken.
    public var from: NameAddress {
        self.findFrom()
        return self.cache.value.from
    }

    @inline(__always)
    private func findFrom() {
        if !self.cache.value.known.contains(.from) { self.parseFrom() }
    }

    private func parseFrom() {
        self.cache.value.known.insert(.from)
        let index = self.first(.from)
        if index >= 0 {
            self.cache.value.from.take(self.span, self.fields[index].value, field: index)
        } else {
            self.cache.value.from = NameAddress()
        }
    }

    /// To; `isValid` is false when it is missing or broken.
    public var to: NameAddress {
        self.findTo()
        return self.cache.value.to
    }

    /// Whether there is a To that can be read.
    var hasTo: Bool {
        self.findTo()
        return self.cache.value.to.isValid
    }

    @inline(__always)
    private func findTo() {
        if !self.cache.value.known.contains(.to) { self.parseTo() }
    }

    private func parseTo() {
        self.cache.value.known.insert(.to)
        let index = self.first(.to)
        if index >= 0 {
            self.cache.value.to.take(self.span, self.fields[index].value, field: index)
        } else {
            self.cache.value.to = NameAddress()
        }
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
        self.takeRequestURIApart() ? self.cache.value.requestURI : nil
    }

    /// The scheme of `parsedRequestURI`. Here, as below, who asks for no more is given no copy of the whole.
    public var requestURIScheme: SIPURI.Scheme? {
        self.takeRequestURIApart() ? self.cache.value.requestURI.scheme : nil
    }

    /// - Returns: whether it could be.
    private func takeRequestURIApart() -> Bool {
        if !self.cache.value.known.contains(.requestURI) {
            self.cache.value.known.insert(.requestURI)
            if self.cache.value.requestURI.take(self.span, self.requestURI) {
                self.cache.value.proper.insert(.requestURI)
            }
        }
        return self.cache.value.proper.contains(.requestURI)
    }

    /// From's URI taken apart; nil when From or its URI is broken.
    public var fromURI: SIPURI? { self.takeFromURIApart() ? self.cache.value.fromURI : nil }

    /// The scheme of `fromURI`.
    public var fromURIScheme: SIPURI.Scheme? { self.takeFromURIApart() ? self.cache.value.fromURI.scheme : nil }

    private func takeFromURIApart() -> Bool {
        if !self.cache.value.known.contains(.fromURI) {
            self.findFrom()
            self.cache.value.known.insert(.fromURI)
            let from = self.cache.value.from.isValid ? self.cache.value.from.uri : .absent
            if self.cache.value.fromURI.take(self.span, from) { self.cache.value.proper.insert(.fromURI) }
        }
        return self.cache.value.proper.contains(.fromURI)
    }

    /// To's URI taken apart; nil when To or its URI is broken.
    public var toURI: SIPURI? { self.takeToURIApart() ? self.cache.value.toURI : nil }

    /// The scheme of `toURI`.
    public var toURIScheme: SIPURI.Scheme? { self.takeToURIApart() ? self.cache.value.toURI.scheme : nil }

    private func takeToURIApart() -> Bool {
        if !self.cache.value.known.contains(.toURI) {
            self.findTo()
            self.cache.value.known.insert(.toURI)
            let to = self.cache.value.to.isValid ? self.cache.value.to.uri : .absent
            if self.cache.value.toURI.take(self.span, to) { self.cache.value.proper.insert(.toURI) }
        }
        return self.cache.value.proper.contains(.toURI)
    }

    /// The bytes `range` names, copied.
    public func text(_ range: ByteRange) -> ByteString { ByteString(self.span, range) }
}
