import Bytes
import Database
import ModuleKit
import SIPMessage

/// The `domain` module: the domains that this server serves, from a database, kept in memory.
public final class Domains: ServerModule {
    public static let name = "domain"
    public static let summary = "Served domains and their attributes, from a database."

    let settings: Settings
    let database: Database
    let table = ReadMostly(DomainTable())

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.database = try Database(settings.databaseURL, host: host)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] _ in
            try self.database.require(self.uses)
            try self.load()
        }
        if self.settings.registersMyself {
            hooks.isMyself = { [unowned self] span, host, _, _ in self.table.read { $0.domain(span, host) != nil } }
        }
        return hooks
    }

    private var uses: [TableUse] {
        [
            TableUse(.domain, named: self.settings.domainTable, columns: [self.settings.domain, self.settings.id]),
            TableUse(
                .domainAttrs, named: self.settings.attributesTable,
                columns: [self.settings.id, self.settings.name, self.settings.type, self.settings.value]),
        ]
    }

    /// Reads both tables; what was there before stays when that fails. Blocks.
    func load() throws {
        let settings = self.settings
        let (domains, attributes): (Rows, Rows)
        do throws(DatabaseError) {
            (domains, attributes) = try self.database.wait(.read) { session in
                (
                    try session.query(Select([settings.domain, settings.id], from: settings.domainTable)),
                    try session.query(
                        Select(
                            [settings.id, settings.name, settings.type, settings.value], from: settings.attributesTable)
                    )
                )
            }
        } catch {
            throw ModuleError("domain: \(error)")
        }
        do throws(ModuleError) {
            let table = try DomainTable(domains: domains, attributes: attributes)
            self.table.replace(table)
        } catch {
            throw ModuleError("domain: table \(settings.attributesTable), \(error.message)")
        }
    }
}

extension Domains {
    public struct Settings: Sendable {
        var databaseURL = ByteString("mysql://kamailioro:kamailioro@localhost/kamailio")
        var domainTable = ByteString("domain")
        var attributesTable = ByteString("domain_attrs")
        var id = ByteString("did")
        var domain = ByteString("domain")
        var name = ByteString("name")
        var type = ByteString("type")
        var value = ByteString("value")
        var registersMyself = false
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("db_url", \.databaseURL, "Database of the domains."),
            ModuleParameter("domain_table", \.domainTable, "Table of domains."),
            ModuleParameter("domain_attrs_table", \.attributesTable, "Table of attributes."),
            ModuleParameter("did_col", \.id, "Column of the domain's id, in both tables."),
            ModuleParameter("domain_col", \.domain, "Column of the domain."),
            ModuleParameter("name_col", \.name, "Column of an attribute's name."),
            ModuleParameter("type_col", \.type, "Column of an attribute's type: 0 number, 2 text."),
            ModuleParameter("value_col", \.value, "Column of an attribute's value."),
            ModuleParameter("register_myself", \.registersMyself, "The domains are part of myself."),
        ]
    }
}
