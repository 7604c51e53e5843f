import Bytes
import Database
import ModuleKit
import SIPMessage

/// Whose values a database function means: `$fu`, `$fu/domain`, `$avp(id)/uuid`, `text`.
final class AttributeOwner: Sendable {
    private enum Kind: String {
        case username, domain, uri, uuid
    }

    /// What an owner is in columns.
    enum Key: Sendable, Equatable {
        case uuid(ByteString)
        case username(ByteString)
        case domain(ByteString)
        case user(ByteString, domain: ByteString)
    }

    private let operand: Operand
    private let kind: Kind

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        var parts = SlashText.split(text)
        var kind: Kind?
        if parts.count > 1, let last = parts.last {
            kind = Kind(rawValue: last.string.lowercased())
            if kind != nil {
                parts.removeLast()
            } else if text.bytes.first == UInt8(ascii: "$") {
                throw ArgumentError("'\(last)' is none of username, domain, uri and uuid")
            }
        }
        let source = ByteString(Array(parts.map(\.bytes).joined(separator: [UInt8(ascii: "/")])))
        guard !source.isEmpty else { throw ArgumentError("a source is a variable or a text") }
        self.operand = try Operand(source, compiler)
        let isURI = ["$ru", "$fu", "$tu", "$ou"].contains(source.string)
        self.kind = kind ?? (isURI ? .uri : .uuid)
    }

    /// nil when there is no value now, or no URI where one is needed.
    func key(in route: RouteContext, usesDomain: Bool) -> Key? {
        guard let value = self.operand.values(in: route).first else {
            route.log(.error, "avpops: the source has no value")
            return nil
        }
        let text = route.text(value)
        if self.kind == .uuid { return .uuid(text) }
        guard let uri = SIPURI(text.span, ByteRange(start: 0, count: text.count)) else {
            route.log(.error, "avpops: '\(text)' is no URI")
            return nil
        }
        let user = ByteString(text.span, uri.user)
        let host = ByteString(text.span, uri.host)
        switch self.kind {
        case .username: return .username(user)
        case .domain: return .domain(host)
        case .uri, .uuid: return usesDomain ? .user(user, domain: host) : .username(user)
        }
    }
}

/// Which values a database function means: `$avp(x)`, or all (`a`), those with numbers (`i`) or texts (`s`) as names; then
/// `/table` or `/$scheme`.
final class StoredAttributes: Sendable {
    enum Names: Sendable {
        case one(AttributeReference)
        case all
        case numbers
        case texts
    }

    let names: Names
    let table: ByteString?
    let scheme: DatabaseScheme?

    init(
        _ text: ByteString, schemes: [DatabaseScheme]?, _ compiler: any ScriptCompiling
    ) throws {
        let parts = SlashText.split(text)
        guard parts.count <= 2 else { throw ArgumentError("'\(text)' has too many slashes") }
        switch parts[0] {
        case "a", "A": self.names = .all
        case "i", "I": self.names = .numbers
        case "s", "S": self.names = .texts
        default: self.names = .one(try AttributeReference(parts[0], compiler))
        }
        guard parts.count == 2 else {
            self.table = nil
            self.scheme = nil
            return
        }
        guard parts[1].bytes.first == UInt8(ascii: "$") else {
            guard !parts[1].isEmpty else { throw ArgumentError("'\(text)' names no table behind its slash") }
            self.table = parts[1]
            self.scheme = nil
            return
        }
        self.table = nil
        guard let schemes else { throw ArgumentError("only avp_db_load knows schemes") }
        let name = ByteString(Array(parts[1].bytes.dropFirst()))
        guard let scheme = schemes.first(where: { $0.name == name }) else {
            throw ArgumentError("there is no db_scheme '\(name)'")
        }
        guard case .one = self.names else { throw ArgumentError("values of a scheme go into one $avp") }
        self.scheme = scheme
    }

    /// Whether a name that was found is meant.
    func includes(_ name: AttributeName) -> Bool {
        switch self.names {
        case .one, .all: true
        case .numbers: name.isNumber
        case .texts: !name.isNumber
        }
    }
}

extension AttributeName {
    /// As tables have it.
    var columnText: ByteString {
        switch self {
        case .text(let text): text
        case .number(let number): ByteString(decimal: number)
        }
    }
}
