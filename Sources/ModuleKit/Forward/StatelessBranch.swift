import Bytes
import SIPMessage

/// The branch parameter of requests that are forwarded without a transaction (RFC 3261 §16.11).
///
/// Nothing is remembered, so it is computed from what a retransmission, a CANCEL and the ACK to a negative reply have
/// in common with the request: the branch that the sender gave it or, from senders older than RFC 3261, the topmost
/// Via, the tags, Call-ID, CSeq number and Request-URI. After the hash stands the number of the socket that the
/// request came in on, where the reply has to leave again: `z9hG4bK0123456789abcdef.2`.
public enum StatelessBranch {
    /// Appends the branch for `message`, which came in on `socket`.
    public static func write(for message: Message, receivedOn socket: ListenSocket, to buffer: ByteBuffer) {
        buffer.append("z9hG4bK")
        buffer.append(hex: self.hash(message), digits: 16)
        buffer.append(UInt8(ascii: "."))
        buffer.append(hex: UInt64(socket.index))
    }

    static func hash(_ message: Message) -> UInt64 {
        let span = message.span
        let via = message.topVia
        let seed = HashSeed.process
        guard !via.hasCookie(span) else {
            return HashSeed.fold(span.keyedHash(via.branch, seed: seed), span.keyedHash(via.sentBy, seed: seed) | 1)
        }
        var value = span.keyedHash(via.range, seed: seed)
        let parts = (message.from.tag, message.callID, message.cSeq.numberRange, message.requestURI)
        value = HashSeed.fold(value, span.keyedHash(parts.0, seed: seed) | 1)
        value = HashSeed.fold(value, span.keyedHash(parts.1, seed: seed) | 1)
        value = HashSeed.fold(value, span.keyedHash(parts.2, seed: seed) | 1)
        return HashSeed.fold(value, span.keyedHash(parts.3, seed: seed) | 1)
    }

    /// Number of the socket in a branch that `write` made; nil for other branches.
    static func socketIndex(_ span: Span<UInt8>, _ branch: ByteRange) -> Int? {
        // Cookie, 16 digits, dot.
        guard branch.length > 24, branch.length <= 28, span[branch.lower + 23] == UInt8(ascii: ".") else { return nil }
        var value = 0
        for index in (branch.lower + 24)..<branch.upper {
            guard let digit = span[index].hexValue else { return nil }
            value = value << 4 | Int(digit)
        }
        return value
    }
}

/// The `i` parameter of our own Via: the connection that a request came in on, so that its replies find back to it.
///
/// The number is followed by eight digits of a keyed hash: nobody but this process can make one, so no forged reply is
/// written to a stranger's connection.
public enum ConnectionToken {
    /// Appends `;i=…`; nothing for a request that came without a connection.
    public static func write(_ connection: ConnectionID, to buffer: ByteBuffer) {
        guard connection.isPresent else { return }
        buffer.append(";i=")
        buffer.append(hex: connection.rawValue)
        buffer.append(hex: self.check(connection.rawValue), digits: 8)
    }

    /// The connection that the `i` parameter of our own Via names; none when it is missing or not ours.
    public static func connection(in via: Via, _ span: Span<UInt8>) -> ConnectionID {
        guard via.i.isPresent, via.i.length > 8, via.i.length <= 24 else { return .none }
        var number: UInt64 = 0
        var check: UInt64 = 0
        for index in via.i.indices {
            guard let digit = span[index].hexValue else { return .none }
            if index < via.i.upper - 8 {
                number = number << 4 | UInt64(digit)
            } else {
                check = check << 4 | UInt64(digit)
            }
        }
        return check == self.check(number) ? ConnectionID(rawValue: number) : .none
    }

    private static func check(_ number: UInt64) -> UInt64 { HashSeed.fold(number ^ 0x69, HashSeed.process | 1) >> 32 }
}
