import Bytes
import Synchronization

/// What this process takes beyond RFC 3261, and how it writes IPv6 addresses, as its configuration says.
///
/// One for the whole process: a byte of a host means the same wherever it is read. Allowances are looked at only where
/// the strict reading has failed already, so that messages which need none pay nothing. Set when a server starts and
/// when its configuration is exchanged; from any thread.
public enum SyntaxAllowances {
    /// How IPv6 addresses are written (`ipv6_hex_style`).
    public enum IPv6Style: UInt8, Sendable {
        /// The longest run of zeros left out (RFC 5952).
        case compact
        /// All eight groups, in small letters.
        case expanded
        /// All eight groups, in capitals.
        case expandedCapitals
    }

    private static let lowHostBytes = Atomic<UInt64>(0)
    private static let highHostBytes = Atomic<UInt64>(0)
    private static let httpReplies = Atomic<Bool>(false)
    private static let style = Atomic<UInt8>(0)

    /// Takes these bytes in hosts of URIs too (`uri_host_extra_chars`). Those that end a host or a URI stay what they
    /// are, and so do white space, control and all above 126.
    public static func setHostBytes(_ bytes: ByteString) {
        let allowed = ByteClass(extra: bytes)
        self.lowHostBytes.store(allowed.low, ordering: .relaxed)
        self.highHostBytes.store(allowed.high, ordering: .relaxed)
    }

    /// Bytes beyond `ByteClass.host` that a host may hold.
    static var hostBytes: ByteClass {
        ByteClass(
            low: self.lowHostBytes.load(ordering: .relaxed), high: self.highHostBytes.load(ordering: .relaxed))
    }

    /// Replies to HTTP requests are taken as replies (`http_reply_parse`).
    public static var takesHTTPReplies: Bool {
        get { self.httpReplies.load(ordering: .relaxed) }
        set { self.httpReplies.store(newValue, ordering: .relaxed) }
    }

    public static var ipv6Style: IPv6Style {
        get { IPv6Style(rawValue: self.style.load(ordering: .relaxed)) ?? .compact }
        set { self.style.store(newValue.rawValue, ordering: .relaxed) }
    }
}

extension ByteClass {
    var isEmpty: Bool { self.low == 0 && self.high == 0 }

    /// The printable ones of `bytes` that mean nothing in a URI after its host.
    init(extra bytes: ByteString) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for byte in bytes.bytes where byte > 32 && byte < 127 {
            switch byte {
            case 58, 59, 63, 64, 91, 93, 60, 62, 34, 44: continue  // : ; ? @ [ ] < > " ,
            default: break
            }
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
        self.init(low: low, high: high)
    }
}
