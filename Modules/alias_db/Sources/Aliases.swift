import Bytes
import Database
import ModuleKit
import SIPMessage

/// The `alias_db` module: finds out whom an alias stands for, in a database.
public final class Aliases: ServerModule {
    public static let name = "alias_db"
    public static let summary = "Turns aliases into users, by a database."

    let settings: Settings
    let database: Database
    /// Tables that the script names, as far as that is known before it runs.
    let tables = Lock<[ByteString]>([])

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.database = try Database(settings.databaseURL, host: host)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] _ in
            let settings = self.settings
            let columns = [settings.user, settings.domain, settings.aliasUser, settings.aliasDomain]
            try self.database.require(
                self.tables.withLock { $0 }.map { name in
                    TableUse(.dbaliases, named: name, columns: columns, checksVersion: false)
                })
        }
        return hooks
    }
}

extension Aliases {
    public struct Settings: Sendable {
        var databaseURL = ByteString("mysql://kamailioro:kamailioro@localhost/kamailio")
        var user = ByteString("username")
        var domain = ByteString("domain")
        var aliasUser = ByteString("alias_username")
        var aliasDomain = ByteString("alias_domain")
        var usesDomain = false
        var domainPrefix = ByteString()
        var appendsBranches = false
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("db_url", \.databaseURL, "Database of the aliases."),
            ModuleParameter("user_column", \.user, "Column of the user."),
            ModuleParameter("domain_column", \.domain, "Column of the user's domain."),
            ModuleParameter("alias_user_column", \.aliasUser, "Column of the alias."),
            ModuleParameter("alias_domain_column", \.aliasDomain, "Column of the alias's domain."),
            ModuleParameter("use_domain", \.usesDomain, "The domain has to match too."),
            ModuleParameter(
                "domain_prefix", \.domainPrefix, "Taken off the front of the domain before it is compared."),
            ModuleParameter("append_branches", \.appendsBranches, "Further users of an alias become branches."),
        ]
    }
}
