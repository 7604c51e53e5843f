import Bytes
import Database
import ModuleKit
import SIPMessage

/// The `uri_db` module: whether a URI belongs to the user who was authenticated, and whether it belongs to anybody.
public final class URIOwners: ServerModule {
    public static let name = "uri_db"
    public static let summary = "Checks whom URIs belong to, by credentials or by a database."

    let settings: Settings
    /// nil: only credentials are looked at.
    let database: Database?

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.database = settings.databaseURL.isEmpty ? nil : try Database(settings.databaseURL, host: host)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] _ in
            guard let database = self.database else {
                if self.settings.usesTable { throw ModuleError("uri_db: use_uri_table needs a db_url") }
                return
            }
            let settings = self.settings
            let table: TableDeclaration = settings.usesTable ? .uri : .subscriber
            let columns =
                [settings.user] + (settings.usesTable ? [settings.uriUser, settings.domain] : [])
                + (settings.usesDomain && !settings.usesTable ? [settings.domain] : [])
            try database.require([TableUse(table, named: settings.table, columns: columns)])
        }
        return hooks
    }
}

extension URIOwners {
    public struct Settings: Sendable {
        var databaseURL = ByteString("mysql://kamailioro:kamailioro@localhost/kamailio")
        var table = ByteString("subscriber")
        var user = ByteString("username")
        var domain = ByteString("domain")
        var uriUser = ByteString("uri_user")
        var usesTable = false
        var usesDomain = false
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("db_url", \.databaseURL, "Database of the users; empty: none."),
            ModuleParameter("db_table", \.table, "Table of users: subscriber, or uri with use_uri_table."),
            ModuleParameter("user_column", \.user, "Column of the user name."),
            ModuleParameter("domain_column", \.domain, "Column of the domain."),
            ModuleParameter("uriuser_column", \.uriUser, "Column of the user part of a URI, in table uri."),
            ModuleParameter("use_uri_table", \.usesTable, "URIs belong to whom table uri says."),
            ModuleParameter("use_domain", \.usesDomain, "does_uri_exist() looks at the domain as well."),
        ]
    }
}
