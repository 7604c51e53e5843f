import Bytes
import Database
import ModuleKit
import SIPMessage

/// The `group` module: whether users are in groups, by a table of members or by regular expressions.
public final class Groups: ServerModule {
    public static let name = "group"
    public static let summary = "Whether a user is in a group, by a database."

    let settings: Settings
    let database: Database
    let expressions = Lock(GroupExpressions())

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.database = try Database(settings.databaseURL, host: host)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] _ in
            try self.database.require(self.uses)
            guard !self.settings.expressionTable.isEmpty else { return }
            let settings = self.settings
            let rows: Rows
            do throws(DatabaseError) {
                rows = try self.database.wait(.read) {
                    try $0.query(
                        Select([settings.expression, settings.expressionGroup], from: settings.expressionTable))
                }
            } catch {
                throw ModuleError("group: table \(settings.expressionTable): \(error)")
            }
            do throws(ModuleError) {
                let made = try GroupExpressions(rows)
                self.expressions.withLock { $0 = made }
            } catch {
                throw ModuleError("group: table \(settings.expressionTable), \(error)")
            }
        }
        return hooks
    }

    private var uses: [TableUse] {
        let settings = self.settings
        var uses = [
            TableUse(
                .grp, named: settings.table,
                columns: [settings.user, settings.group] + (settings.usesDomain ? [settings.domain] : []))
        ]
        if !settings.expressionTable.isEmpty {
            uses.append(
                TableUse(
                    .reGrp, named: settings.expressionTable, columns: [settings.expression, settings.expressionGroup]))
        }
        return uses
    }
}

/// Regular expressions for URIs, each with the number of the group that it stands for; read once.
struct GroupExpressions: Sendable {
    private var list: [(expression: RegularExpression, group: Int)] = []

    init() {}

    /// - Throws: a sentence about the row that cannot be used.
    init(_ rows: Rows) throws(ModuleError) {
        for (index, row) in rows.enumerated() {
            guard let pattern = row[0].text, let group = row[1].int else {
                throw ModuleError("row \(index + 1): an expression and a number are needed")
            }
            do throws(RegularExpression.Failure) {
                self.list.append((try RegularExpression(pattern, ignoringCase: true), group))
            } catch {
                throw ModuleError("row \(index + 1): '\(pattern)' is no regular expression: \(error.message)")
            }
        }
    }

    /// Groups whose expressions match, the last row of the table first.
    /// - Parameter isSingle: only the first of these.
    func groups(of uri: ByteString, isSingle: Bool) -> [Int] {
        var groups: [Int] = []
        for (expression, group) in self.list.reversed() where expression.matches(uri.span) {
            groups.append(group)
            if isSingle { break }
        }
        return groups
    }
}

extension Groups {
    public struct Settings: Sendable {
        var databaseURL = ByteString("mysql://kamailioro:kamailioro@localhost/kamailio")
        var table = ByteString("grp")
        var user = ByteString("username")
        var domain = ByteString("domain")
        var group = ByteString("grp")
        var usesDomain = false
        var expressionTable = ByteString()
        var expression = ByteString("reg_exp")
        var expressionGroup = ByteString("group_id")
        var givesAll = true
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("db_url", \.databaseURL, "Database of the groups."),
            ModuleParameter("table", \.table, "Table of members."),
            ModuleParameter("user_column", \.user, "Column of the user."),
            ModuleParameter("domain_column", \.domain, "Column of the user's domain."),
            ModuleParameter("group_column", \.group, "Column of the group."),
            ModuleParameter("use_domain", \.usesDomain, "The domain has to match too."),
            ModuleParameter("re_table", \.expressionTable, "Table of regular expressions; empty: none."),
            ModuleParameter("re_exp_column", \.expression, "Column of the regular expression."),
            ModuleParameter("re_gid_column", \.expressionGroup, "Column of the number of the group."),
            ModuleParameter("multiple_gid", \.givesAll, "get_user_group gives all groups that match, not just one."),
        ]
    }
}
