import Bytes
import SIPMessage

/// The `lp` parameter of our own Via: what a request looked like when it passed, so that one that comes back
/// unchanged is known (RFC 3261 §16.3 step 4, RFC 5393 §4.2).
///
/// It is a keyed hash over what decides where a request goes: Request-URI, Route, tags, Call-ID, CSeq number,
/// Proxy-Require and Proxy-Authorization. Via is not among it, for it grows on the way. A request that spirals, that is
/// comes back with another Request-URI or Route, has another hash. Only this process can make or check one.
public enum LoopMark {
    static let digits = 16

    /// Appends `;lp=…` for `message` as it was received.
    public static func write(for message: Message, to buffer: ByteBuffer) {
        buffer.append(";lp=")
        buffer.append(hex: self.hash(message), digits: self.digits)
    }

    /// Whether `message` has been here before just as it is.
    /// - Complexity: O(bytes of Via); the hash is made only when a Via has a mark.
    public static func isLoop(_ message: Message) -> Bool {
        let span = message.span
        var hash: UInt64?
        var vias = ViaIterator()
        while let via = vias.next(message) {
            guard via.isValid, let mark = via.parameter(span, named: ("lp" as StaticString).span),
                mark.length == self.digits, let value = self.number(span, mark)
            else { continue }
            let own = hash ?? self.hash(message)
            hash = own
            if value == own { return true }
        }
        return false
    }

    private static func number(_ span: Span<UInt8>, _ range: ByteRange) -> UInt64? {
        var value: UInt64 = 0
        for index in range.indices {
            guard let digit = span[index].hexValue else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    private static func hash(_ message: Message) -> UInt64 {
        let span = message.span
        let seed = HashSeed.process
        var value = span.keyedHash(message.requestURI, seed: seed)
        for part in [message.from.tag, message.to.tag, message.callID, message.cSeq.numberRange] {
            value = HashSeed.fold(value, span.keyedHash(part, seed: seed) | 1)
        }
        for name in [HeaderName.route, .proxyRequire, .proxyAuthorization] {
            var index = message.first(name)
            while index >= 0 {
                value = HashSeed.fold(value, span.keyedHash(message.field(at: index).value, seed: seed) | 1)
                index = message.next(after: index)
            }
        }
        return value
    }
}
