import Bytes
import Database
import ModuleKit
import SIPMessage

/// The `speeddial` module: short numbers that belong to a user.
public final class SpeedDial: ServerModule {
    public static let name = "speeddial"
    public static let summary = "Short numbers of users, by a database."

    private let settings: Settings
    private let database: Database
    /// Tables that the script names, as far as that is known before it runs.
    private let tables = Lock<[ByteString]>([])

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.database = try Database(settings.databaseURL, host: host)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] _ in
            let settings = self.settings
            let columns = [settings.user, settings.domain, settings.number, settings.numberDomain, settings.newURI]
            try self.database.require(
                self.tables.withLock { $0 }.map { name in
                    TableUse(.speedDial, named: name, columns: columns, checksVersion: false)
                })
        }
        return hooks
    }

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "sd_lookup",
                Argument("table", .tableName(self.tables), "Table of short numbers: speed_dial as a rule."),
                Argument("owner", .format, "URI of the owner; without it that of From.", optional: true), in: .request,
                summary: "Replaces the Request-URI, a short number, by the URI that its owner has given it.",
                outcomes: [1: "replaced", -1: "no such number, or the database did not answer"],
                example: #"if ($rU =~ "^[0-9]{2}$") sd_lookup("speed_dial");"#
            ) { [unowned self] route, arguments in self.lookUp(route, arguments) }
        ]
    }

    private func lookUp(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        let message = route.message
        let owner = arguments.has(1) ? arguments.text(1, in: route) : message.text(message.from.uri)
        guard let uri = SIPURI(owner.span, ByteRange(0, owner.count)), uri.user.isPresent else {
            route.log(.error, "sd_lookup: the owner <\(owner)> is no SIP URI with a user")
            return .failure
        }
        let dialed = route.text(route.requestURI)
        guard let number = SIPURI(dialed.span, ByteRange(0, dialed.count)), number.user.isPresent else {
            route.log(.notice, "sd_lookup: the Request-URI <\(dialed)> has no user")
            return .failure
        }
        var conditions = [
            Condition(self.settings.user, .equal, .string(ByteString(owner.span, uri.user))),
            Condition(self.settings.number, .equal, .string(ByteString(dialed.span, number.user))),
        ]
        if self.settings.usesDomain {
            conditions.append(Condition(self.settings.domain, .equal, .string(self.domain(owner.span, uri.host))))
            conditions.append(
                Condition(self.settings.numberDomain, .equal, .string(self.domain(dialed.span, number.host))))
        }
        let select = Select(
            [self.settings.newURI], from: TableName.text(arguments, 0, in: route), where: Filter(conditions), limit: 1)
        return self.database.ask(route) {
            try $0.query(select).first?[0].text
        } then: { route, result in
            switch result {
            case .success(let uri?) where !uri.isEmpty:
                let isComplete =
                    uri.bytes.starts(with: Array("sip:".utf8)) || uri.bytes.starts(with: Array("sips:".utf8))
                route.setRequestURI(isComplete ? uri : ByteString("sip:") + uri)
                return .success
            case .success: return .failure
            case .failure(let error):
                route.log(.error, "sd_lookup: \(error)")
                return .failure
            }
        }
    }

    private func domain(_ span: Span<UInt8>, _ host: ByteRange) -> ByteString {
        let name = ByteString(span, host)
        let prefix = self.settings.domainPrefix.bytes
        guard !prefix.isEmpty, name.bytes.starts(with: prefix), name.count > prefix.count else { return name }
        return ByteString(Array(name.bytes.dropFirst(prefix.count)))
    }
}

extension SpeedDial {
    public struct Settings: Sendable {
        var databaseURL = ByteString("mysql://kamailioro:kamailioro@localhost/kamailio")
        var user = ByteString("username")
        var domain = ByteString("domain")
        var number = ByteString("sd_username")
        var numberDomain = ByteString("sd_domain")
        var newURI = ByteString("new_uri")
        var usesDomain = false
        var domainPrefix = ByteString()
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("db_url", \.databaseURL, "Database of the short numbers."),
            ModuleParameter("user_column", \.user, "Column of the owner."),
            ModuleParameter("domain_column", \.domain, "Column of the owner's domain."),
            ModuleParameter("sd_user_column", \.number, "Column of the short number."),
            ModuleParameter("sd_domain_column", \.numberDomain, "Column of the short number's domain."),
            ModuleParameter("new_uri_column", \.newURI, "Column of the URI that it stands for."),
            ModuleParameter("use_domain", \.usesDomain, "The domains have to match too."),
            ModuleParameter(
                "domain_prefix", \.domainPrefix, "Taken off the front of domains before they are compared."),
        ]
    }
}
