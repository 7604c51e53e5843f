import Bytes
import Database
import ModuleKit
import SIPMessage
import auth

/// The `auth_db` module: digest credentials from the subscriber table (RFC 7616 §3.4).
///
/// The script pauses while the database is asked; with `cache_expire` what it said is used again for a while.
public final class DatabaseAuthentication: ServerModule {
    public static let name = "auth_db"
    public static let summary = "Digest authentication with passwords from a database."

    let settings: Settings
    let authentication: Authentication
    let database: Database
    let cache: CredentialCache
    /// Variables that columns of the subscriber are copied to.
    let loaded: [(variable: VariableReference, column: ByteString)]
    /// Tables that the script names.
    let tables = Lock<[ByteString]>([])

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.authentication = try host.module(Authentication.self)
        self.database = try Database(settings.url, host: host)
        self.cache = host.shared("auth_db.cache") { CredentialCache() }
        self.loaded = try Self.credentials(settings.loadedCredentials, host.compiler)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [self] _ in
            let settings = self.settings
            let columns =
                [settings.userColumn, settings.passwordColumn] + (settings.usesDomain ? [settings.domainColumn] : [])
                + (settings.calculatesHash ? [] : [settings.secondPasswordColumn]) + self.loaded.map(\.column)
            // What a configuration before this one knew may be another table's.
            self.cache.clear(user: nil, domain: nil)
            try self.database.require(
                self.tables.withLock { $0 }.map { name in
                    TableUse(.subscriber, named: name, columns: columns, checksVersion: settings.checksVersion)
                })
        }
        return hooks
    }

    /// Reads `column;$avp(name)=column`.
    private static func credentials(
        _ text: ByteString, _ compiler: any ScriptCompiling
    ) throws -> [(variable: VariableReference, column: ByteString)] {
        try text.bytes.split(separator: UInt8(ascii: ";")).map { part in
            let item = part.filter { $0 > 32 }
            guard let equals = item.lastIndex(of: UInt8(ascii: "=")) else {
                let column = ByteString(Array(item))
                return (try compiler.variable("$avp(s:" + column + ")"), column)
            }
            var name = ByteString(Array(item[..<equals]))
            if name.bytes.first != UInt8(ascii: "$") { name = "$avp(" + name + ")" }
            return (try compiler.variable(name), ByteString(Array(item[(equals + 1)...])))
        }
    }
}
