import Bytes
import Database

/// Whom a row is about: a user of a domain.
public struct AccountName: Hashable, Sendable, CustomStringConvertible {
    public let user: ByteString
    public let domain: ByteString

    public init(user: ByteString, domain: ByteString) throws(AdministrationError) {
        self.user = try Self.checked(user, "a user name")
        self.domain = try Self.checked(domain, "a domain")
        // Digests are made of user:realm:password (RFC 7616 §3.4.2): a colon would let one user pass for another.
        guard !user.bytes.contains(UInt8(ascii: ":")) else {
            throw AdministrationError("a user name has no colon in it, unlike '\(user)'")
        }
    }

    /// Reads `user@domain`, `sip:user@domain`, or `user` with the domain beside it.
    /// - Parameter domain: for names without one.
    public init(_ text: String, domain: String?) throws(AdministrationError) {
        var bytes = Array(text.utf8)
        for scheme in ["sip:", "sips:"] where text.lowercased().hasPrefix(scheme) {
            bytes.removeFirst(scheme.utf8.count)
        }
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else {
            guard let domain, !domain.isEmpty else {
                throw AdministrationError("no domain: write \(text)@domain, or give --domain, or set SIP_DOMAIN")
            }
            try self.init(user: ByteString(bytes), domain: ByteString(domain))
            return
        }
        try self.init(user: ByteString(Array(bytes[..<at])), domain: ByteString(Array(bytes[(at + 1)...])))
    }

    public var description: String { "\(self.user)@\(self.domain)" }

    /// Conditions on the two columns.
    func filter(_ user: ByteString = "username", _ domain: ByteString = "domain") -> Filter {
        [Condition(user, .equal, .string(self.user)), Condition(domain, .equal, .string(self.domain))]
    }

    /// A text that a column of `limit` characters takes.
    static func checked(
        _ text: ByteString, _ what: String, limit: Int = 64, mayBeEmpty: Bool = false
    ) throws(AdministrationError) -> ByteString {
        guard mayBeEmpty || !text.isEmpty else { throw AdministrationError("\(what) is missing") }
        guard !text.bytes.contains(where: { $0 < 32 || $0 == 127 }) else {
            throw AdministrationError("\(what) has no control characters in it")
        }
        guard text.string.unicodeScalars.count <= limit else {
            throw AdministrationError("\(what) has at most \(limit) characters")
        }
        return text
    }
}
