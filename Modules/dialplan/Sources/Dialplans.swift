import Bytes
import Database
import ModuleKit
import SIPMessage

/// The `dialplan` module: rules out of a database that match texts and make others of them.
public final class Dialplans: ServerModule {
    public static let name = "dialplan"
    public static let summary = "Matches and rewrites numbers by rules from a database."

    let settings: Settings
    let database: Database
    let table = ReadMostly(DialplanTable())
    /// Takes the attributes of the rule that was used.
    let attributes: VariableReference?
    /// Seconds since 1970 of the last reload by RPC.
    let lastReload = Lock(0)

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.database = try Database(settings.databaseURL, host: host)
        guard !settings.attributesVariable.isEmpty else {
            self.attributes = nil
            return
        }
        let variable = try host.compiler.variable(settings.attributesVariable)
        guard ["avp", "xavp", "var"].contains(variable.name), variable.isWritable else {
            throw ModuleError("dialplan: attrs_pvar is an $avp, $xavp or $var, not \(settings.attributesVariable)")
        }
        self.attributes = variable
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] host in
            try self.database.require([
                TableUse(.dialplan, named: self.settings.tableName, columns: self.settings.columns)
            ])
            do throws(DatabaseError) {
                let reader = self.reader(host)
                self.use(try self.database.wait(.read, within: .seconds(60)) { try reader($0) }, host.logger)
            } catch {
                throw ModuleError("dialplan: table \(self.settings.tableName): \(error)")
            }
        }
        return hooks
    }

    /// Reads the table, on a thread that may block.
    func reader(_ host: any ModuleHost) -> @Sendable (DatabaseSession) throws -> DialplanTable {
        let settings = self.settings
        let compiler = host.compiler
        return { session in
            var table = DialplanTable()
            try session.fetch(Select(settings.columns, from: settings.tableName), chunk: settings.fetchRows) { rows in
                for row in rows { table.add(row, isDynamic: settings.matchesDynamically, compiler) }
            }
            table.sort()
            return table
        }
    }

    /// Puts a table in force. Rows that cannot be used are named in the log.
    func use(_ table: DialplanTable, _ logger: Logger) {
        for complaint in table.complaints {
            logger.error("dialplan: table \(self.settings.tableName), \(complaint); the row is left out")
        }
        self.table.replace(table)
    }
}

extension Dialplans {
    public struct Settings: Sendable {
        var databaseURL = ByteString("mysql://kamailio:kamailiorw@localhost/kamailio")
        var tableName = ByteString("dialplan")
        var dialplan = ByteString("dpid")
        var priority = ByteString("pr")
        var operation = ByteString("match_op")
        var match = ByteString("match_exp")
        var length = ByteString("match_len")
        var substitution = ByteString("subst_exp")
        var replacement = ByteString("repl_exp")
        var ruleAttributes = ByteString("attrs")
        var attributesVariable = ByteString()
        var fetchRows = 1000
        var matchesDynamically = false
        var appendsBranch = true
        var reloadDelta = 5
        public init() {}

        var columns: [ByteString] {
            [
                self.dialplan, self.priority, self.operation, self.match, self.length, self.substitution,
                self.replacement, self.ruleAttributes,
            ]
        }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("db_url", \.databaseURL, "Database of the rules."),
            ModuleParameter("table_name", \.tableName, "Table of rules."),
            ModuleParameter("dpid_col", \.dialplan, "Column of the dialplan that a rule belongs to."),
            ModuleParameter("pr_col", \.priority, "Column of the priority; the lowest one is tried first."),
            ModuleParameter(
                "match_op_col", \.operation,
                "Column of the kind of match: 0 the same text, 1 regular expression, 2 shell pattern."),
            ModuleParameter("match_exp_col", \.match, "Column of what is matched."),
            ModuleParameter("match_len_col", \.length, "Column of the length that the input has to have; 0: any."),
            ModuleParameter("subst_exp_col", \.substitution, "Column of the expression whose groups are used."),
            ModuleParameter("repl_exp_col", \.replacement, "Column of what comes in place of the input."),
            ModuleParameter("attrs_col", \.ruleAttributes, "Column of the text that attrs_pvar gets."),
            ModuleParameter(
                "attrs_pvar", \.attributesVariable, "The $avp, $xavp or $var that gets the attributes of the rule used."
            ),
            ModuleParameter("fetch_rows", \.fetchRows, in: 1...1_000_000, "Rows to read at once."),
            ModuleParameter(
                "match_dynamic", \.matchesDynamically, "Regular expressions of rules may have variables in them."),
            ModuleParameter(
                "append_branch", \.appendsBranch,
                "Changes nothing: a Request-URI changed in a failure route is a new branch anyway."),
            ModuleParameter(
                "reload_delta", \.reloadDelta, in: 0...86_400, "Seconds between two reloads by RPC; 0: no limit."),
        ]
    }
}
