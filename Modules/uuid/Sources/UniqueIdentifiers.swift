import Bytes
import ModuleKit
import SIPMessage

/// The `uuid` module: identifiers that nobody else makes (RFC 9562).
public final class UniqueIdentifiers: ServerModule {
    public static let name = "uuid"
    public static let summary = "Universally unique identifiers: $uuid(g)."

    private let clock = TimeIdentifiers()

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}

    public var variables: [ScriptVariable] {
        let clock = self.clock
        return [
            ScriptVariable(
                "uuid", inner: .required,
                summary: "A fresh identifier: g and r of random bits (version 4), t and s by time (version 1).",
                reference: "RFC 9562 §5"
            ) { name, _ in
                guard case .literal(let text) = name else { throw ArgumentError("$uuid takes g, r, t or s") }
                return try Self.access(text, clock)
            }
        ]
    }

    static func access(_ kind: ByteString, _ clock: TimeIdentifiers) throws(ArgumentError) -> VariableAccess {
        switch kind {
        case "g", "r": return VariableAccess(read: { _, _ in .text(RandomIdentifier.next().text) })
        case "t", "s": return VariableAccess(read: { _, _ in .text(clock.next().text) })
        default: throw ArgumentError("$uuid takes g, r, t or s, not '\(kind)'")
        }
    }
}

/// The 128 bits of an identifier.
struct Identifier: Equatable, Sendable {
    var high: UInt64
    var low: UInt64

    /// Sets the four bits of the version and the two of the variant (RFC 9562 §4.1, §4.2).
    init(high: UInt64, low: UInt64, version: UInt64) {
        self.high = high & ~0xf000 | version << 12
        self.low = low & ~(3 << 62) | 2 << 62
    }

    /// `f81d4fae-7dec-11d0-a765-00a0c91e6bf6`, in small letters.
    var text: String {
        let out = ByteBuffer(capacity: 36)
        out.append(hex: self.high >> 32, digits: 8)
        out.append(UInt8(ascii: "-"))
        out.append(hex: self.high >> 16 & 0xffff, digits: 4)
        out.append(UInt8(ascii: "-"))
        out.append(hex: self.high & 0xffff, digits: 4)
        out.append(UInt8(ascii: "-"))
        out.append(hex: self.low >> 48, digits: 4)
        out.append(UInt8(ascii: "-"))
        out.append(hex: self.low & 0xffff_ffff_ffff, digits: 12)
        return ByteString(out.span).string
    }
}

enum RandomIdentifier {
    static func next() -> Identifier {
        Identifier(high: .random(in: .min ... .max), low: .random(in: .min ... .max), version: 4)
    }
}

/// Version 1: the time in units of 100 ns since 15 October 1582, never the same twice.
final class TimeIdentifiers: Sendable {
    private static let fromGregorianToUnix: UInt64 = 0x01b2_1dd2_1381_4000
    private let last = Lock<UInt64>(0)
    /// Clock sequence and node: random, the node marked as no address of a card (RFC 9562 §6.10).
    private let place = UInt64.random(in: .min ... .max) | 1 << 40

    func next() -> Identifier { self.next(at: WallClock.microseconds()) }

    func next(at microseconds: Int) -> Identifier {
        let now = UInt64(max(microseconds, 0)) &* 10 &+ Self.fromGregorianToUnix
        let time = self.last.withLock { last in
            last = max(now, last &+ 1)
            return last
        }
        let high = (time & 0xffff_ffff) << 32 | (time >> 32 & 0xffff) << 16 | time >> 48 & 0xfff
        return Identifier(high: high, low: self.place, version: 1)
    }
}
