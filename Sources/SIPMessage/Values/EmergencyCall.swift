import Bytes

extension Message {
    /// Whether it is for an emergency service, or says that it goes before others: `Priority: emergency` (RFC 3261
    /// §20.26), or any `Resource-Priority` (RFC 4412).
    public var isEmergency: Bool {
        if self.span.isEmergencyURI(self.requestURI) || self.first(.resourcePriority) >= 0 { return true }
        return self.first(.priority) >= 0 && self.span.equalsIgnoringCase(self.value(.priority), "emergency")
    }
}

extension Span where Element == UInt8 {
    /// Whether `range` is the URI of an emergency service: `urn:service:sos`, its subservices (RFC 5031), or the user
    /// `sos` of any domain, as `sip:sos@example.com` and `sips:sos.fire@example.com`.
    public func isEmergencyURI(_ range: ByteRange) -> Bool {
        func begins(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            return range.length >= count
                && self.equalsIgnoringCase(ByteRange(start: range.lower, count: count), text)
        }
        guard range.isPresent, range.length >= 8 else { return false }
        let end: Int
        if begins("urn:service:sos") {
            end = range.lower &+ 15
            return end == range.upper || self[end] == UInt8(ascii: ".")
        }
        if begins("sip:sos") {
            end = range.lower &+ 7
        } else if begins("sips:sos") {
            end = range.lower &+ 8
        } else {
            return false
        }
        guard end < range.upper else { return false }
        switch self[end] {
        case UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "."):
            // Without one it is a host.
            return self.nearIndex(of: UInt8(ascii: "@"), from: end, to: range.upper) < range.upper
        default: return false
        }
    }
}
