import Bytes
import ModuleKit

extension AttributeOperations {
    public struct Settings: Sendable {
        struct Columns: Sendable {
            var uuid: ByteString = "uuid"
            var username: ByteString = "username"
            var domain: ByteString = "domain"
            var attribute: ByteString = "attribute"
            var value: ByteString = "value"
            var type: ByteString = "type"
        }

        var databaseURL = ByteString()
        var table = ByteString()
        var usesDomain = false
        var columns = Columns()
        var schemes: [DatabaseScheme] = []
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "db_url", \.databaseURL, "The database; without it, scripts with avp_db_… are refused."),
            ModuleParameter("avp_table", \.table, "The table, `usr_preferences` for example; needed with db_url."),
            ModuleParameter("use_domain", \.usesDomain, "Whether a user is found by name and domain."),
            ModuleParameter("uuid_column", \.columns.uuid, "Column of the identifier."),
            ModuleParameter("attribute_column", \.columns.attribute, "Column of the attribute's name."),
            ModuleParameter("value_column", \.columns.value, "Column of the value."),
            ModuleParameter(
                "type_column", \.columns.type, "Column of the type: 1 the value is a number, 2 the name is one."),
            ModuleParameter("username_column", \.columns.username, "Column of the user's name."),
            ModuleParameter("domain_column", \.columns.domain, "Column of the domain."),
            ModuleParameter(
                "db_scheme", .text, repeatable: true,
                "`name:table=…;uuid_col=…;username_col=…;domain_col=…;value_col=…;value_type=string|integer`: another table for avp_db_load."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                let scheme = try DatabaseScheme(text)
                guard !settings.schemes.contains(where: { $0.name == scheme.name }) else {
                    throw ArgumentError("there are two schemes '\(scheme.name)'")
                }
                settings.schemes.append(scheme)
            },
        ]
    }
}

/// A `db_scheme`: where else values are loaded from.
struct DatabaseScheme: Sendable {
    var name: ByteString
    /// nil: `avp_table`, and its columns.
    var table: ByteString?
    var uuid: ByteString?
    var username: ByteString?
    var domain: ByteString?
    var value: ByteString?
    var isNumber = false

    init(_ text: ByteString) throws(ArgumentError) {
        guard let colon = text.bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0 else {
            throw ArgumentError("a scheme is written name:table=…;value_col=…")
        }
        self.name = ByteString(Array(text.bytes[..<colon]))
        for part in text.bytes[(colon + 1)...].split(separator: UInt8(ascii: ";")) {
            let words = part.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard words.count == 2 else {
                throw ArgumentError("'\(ByteString(Array(part)))' in a scheme is not written name=value")
            }
            let word = ByteString(Array(words[1].filter { $0 != 32 }))
            let key = ByteString(Array(words[0].filter { $0 != 32 }))
            switch key {
            case "table": self.table = word
            case "uuid_col": self.uuid = word
            case "username_col": self.username = word
            case "domain_col": self.domain = word
            case "value_col": self.value = word
            case "value_type":
                guard word == "string" || word == "integer" else {
                    throw ArgumentError("value_type is string or integer, not \(word)")
                }
                self.isNumber = word == "integer"
            default:
                throw ArgumentError(
                    "a scheme has table, uuid_col, username_col, domain_col, value_col and value_type, not \(key)")
            }
        }
    }
}
