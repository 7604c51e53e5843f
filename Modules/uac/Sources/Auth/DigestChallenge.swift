import Bytes

/// A challenge of HTTP digest authentication as SIP uses it (RFC 3261 §22.4, RFC 7616, RFC 8760).
package struct DigestChallenge: Equatable, Sendable {
    enum Algorithm: Sendable, Equatable {
        case md5, md5Session, sha256, sha256Session

        /// As it is written in an answer.
        var name: StaticString {
            switch self {
            case .md5: "MD5"
            case .md5Session: "MD5-sess"
            case .sha256: "SHA-256"
            case .sha256Session: "SHA-256-sess"
            }
        }

        var isSession: Bool { self == .md5Session || self == .sha256Session }

        init?(_ text: ByteString) {
            switch text.string.lowercased() {
            case "", "md5": self = .md5
            case "md5-sess": self = .md5Session
            case "sha-256": self = .sha256
            case "sha-256-sess": self = .sha256Session
            default: return nil
            }
        }
    }

    enum Protection: Sendable, Equatable {
        /// As in RFC 2069: without client nonce.
        case none
        case authentication
        /// The body is protected too.
        case integrity
    }

    var realm = ByteString()
    var nonce = ByteString()
    /// nil when there was none.
    var opaque: ByteString?
    var algorithm = Algorithm.md5
    var protection = Protection.none
    var isStale = false

    /// Reads the value of WWW-Authenticate or Proxy-Authenticate.
    /// - Returns: nil when it is not Digest, lacks realm or nonce, or asks for what nobody here can do.
    package init?(_ value: ByteString) {
        let span = value.span
        guard span.count > 7, span.equalsIgnoringCase(ByteRange(start: 0, count: 7), "digest ") else { return nil }
        var scanner = DigestParameters(position: 7)
        var hasRealm = false
        var offered: [ByteString]?
        while let (name, text) = scanner.next(span) {
            switch name.string.lowercased() {
            case "realm":
                self.realm = text
                hasRealm = true
            case "nonce": self.nonce = text
            case "opaque": self.opaque = text
            case "stale": self.isStale = text.string.lowercased() == "true"
            case "algorithm":
                guard let algorithm = Algorithm(text) else { return nil }
                self.algorithm = algorithm
            case "qop":
                offered = text.string.lowercased().split(separator: ",").map { part in
                    ByteString(String(part.filter { $0 != " " }))
                }
            default: break
            }
        }
        guard hasRealm, !self.nonce.isEmpty else { return nil }
        guard let offered else { return }
        if offered.contains("auth") {
            self.protection = .authentication
        } else if offered.contains("auth-int") {
            self.protection = .integrity
        } else {
            return nil
        }
    }
}

/// Walks `name=value, name="value"`.
struct DigestParameters {
    private var position: Int

    init(position: Int) { self.position = position }

    mutating func next(_ span: Span<UInt8>) -> (name: ByteString, value: ByteString)? {
        while self.position < span.count, span[self.position] <= 32 || span[self.position] == UInt8(ascii: ",") {
            self.position += 1
        }
        let start = self.position
        while self.position < span.count, span[self.position].isToken { self.position += 1 }
        let name = ByteString(span, ByteRange(start, self.position))
        self.skipBlanks(span)
        guard !name.isEmpty, self.position < span.count, span[self.position] == UInt8(ascii: "=") else { return nil }
        self.position += 1
        self.skipBlanks(span)
        guard self.position < span.count else { return nil }
        guard span[self.position] == UInt8(ascii: "\"") else {
            let start = self.position
            while self.position < span.count, span[self.position] > 32, span[self.position] != UInt8(ascii: ",") {
                self.position += 1
            }
            return (name, ByteString(span, ByteRange(start, self.position)))
        }
        self.position += 1
        let first = self.position
        while self.position < span.count, span[self.position] != UInt8(ascii: "\"") {
            self.position += span[self.position] == UInt8(ascii: "\\") ? 2 : 1
        }
        let end = min(self.position, span.count)
        self.position = end + 1
        return (name, ByteString(span, ByteRange(first, end)))
    }

    private mutating func skipBlanks(_ span: Span<UInt8>) {
        while self.position < span.count, span[self.position] <= 32 { self.position += 1 }
    }
}
