import Bytes
import ModuleKit

/// Where a database is, as Kamailio writes it: `driver://user:password@host:port/database`, `sqlite:///path`,
/// `text:///directory`.
///
/// The password ends at the last `@`. `driver:rest` without slashes is accepted too; the rest is the database then.
public struct DatabaseURL: Sendable, Hashable, CustomStringConvertible {
    public let text: ByteString
    /// `mysql`, `postgres`, `sqlite`, `text`, …; small letters.
    public let scheme: String
    public let user: ByteString?
    public let password: ByteString?
    /// Empty when there is none.
    public let host: ByteString
    /// 0 when there is none.
    public let port: UInt16
    /// What stands behind the host's slash: a name, or for files the path without its first slash.
    public let database: ByteString
    /// Of files: all that stands behind `driver://`, or behind `driver:` without slashes.
    public let path: ByteString

    /// - Throws: `ArgumentError` that says what is missing; the password is never shown.
    public init(_ text: ByteString) throws(ArgumentError) {
        self.text = text
        let bytes = text.bytes
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            bytes[..<colon].allSatisfy({ $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") })
        else { throw ArgumentError("a database is written driver://user:password@host/database") }
        guard !bytes.contains(0) else { throw ArgumentError("a database URL has no NUL in it") }
        let scheme = ByteString(Array(bytes[..<colon])).string.lowercased()
        // Names of driver modules serve as well.
        self.scheme = scheme.hasPrefix("db_") ? String(scheme.dropFirst(3)) : scheme
        var rest = bytes[(colon + 1)...]
        guard rest.starts(with: Array("//".utf8)) else {
            self.user = nil
            self.password = nil
            self.host = ByteString()
            self.port = 0
            self.database = ByteString(Array(rest))
            self.path = self.database
            guard !rest.isEmpty else { throw ArgumentError("no database is named behind \(self.scheme):") }
            return
        }
        rest = rest.dropFirst(2)
        self.path = ByteString(Array(rest))
        // A password may hold slashes: the part with the user ends at the last @, unless that is in the path.
        var user: ByteString?
        var password: ByteString?
        if let at = rest.lastIndex(of: UInt8(ascii: "@")), rest.first != UInt8(ascii: "/") {
            let account = rest[..<at]
            if let colon = account.firstIndex(of: UInt8(ascii: ":")) {
                user = ByteString(Array(account[..<colon]))
                password = ByteString(Array(account[account.index(after: colon)...]))
            } else {
                user = ByteString(Array(account))
            }
            rest = rest[rest.index(after: at)...]
        }
        self.user = user
        self.password = password
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else {
            throw ArgumentError("a database URL names the database behind a slash: \(self.scheme)://host/database")
        }
        let authority = rest[..<slash]
        self.database = ByteString(Array(rest[rest.index(after: slash)...]))
        guard !self.database.isEmpty else { throw ArgumentError("no database is named in \(self.scheme)://…/") }
        let isBracketed = authority.first == UInt8(ascii: "[")
        if let mark = authority.lastIndex(of: UInt8(ascii: ":")), !isBracketed || authority[mark...].count < 7,
            !(isBracketed && authority.last == UInt8(ascii: "]"))
        {
            guard let port = UInt16(ByteString(Array(authority[authority.index(after: mark)...])).string) else {
                throw ArgumentError("the port of a database URL is a number up to 65535")
            }
            self.port = port
            self.host = ByteString(Array(authority[..<mark]))
        } else {
            self.port = 0
            self.host = ByteString(Array(authority))
        }
    }

    /// Without the password: for logs and messages.
    public var description: String {
        guard self.user != nil || !self.host.isEmpty else {
            return self.text.string.contains("//") ? "\(self.scheme):///\(self.database)" : self.text.string
        }
        let account = self.user.map { "\($0)@" } ?? ""
        let port = self.port == 0 ? "" : ":\(self.port)"
        return "\(self.scheme)://\(account)\(self.host)\(port)/\(self.database)"
    }
}
