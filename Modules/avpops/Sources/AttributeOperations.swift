import Bytes
import Database
import ModuleKit
import SIPMessage
import Synchronization

/// The `avpops` module: copies, checks, computes with and substitutes in `$avp` values, in small languages of its own.
public final class AttributeOperations: ServerModule {
    public static let name = "avpops"
    public static let summary = "Copies, checks, computes with and substitutes in $avp values."

    let settings: Settings
    /// nil: the functions that need one are refused.
    let database: Database?
    /// Whether a script uses the table.
    let usesTable = Atomic(false)

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        guard !settings.databaseURL.isEmpty else {
            self.database = nil
            return
        }
        guard !settings.table.isEmpty else { throw ModuleError("avpops: db_url needs avp_table, the table's name") }
        self.database = try Database(settings.databaseURL, host: host)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [self] _ in
            guard let database = self.database, self.usesTable.load(ordering: .relaxed) else { return }
            let columns = self.settings.columns
            try database.require([
                TableUse(
                    .usrPreferences, named: self.settings.table,
                    columns: [
                        columns.uuid, columns.username, columns.domain, columns.attribute, columns.value, columns.type,
                    ], checksVersion: false)
            ])
        }
        return hooks
    }

    public var functions: [ScriptFunction] {
        self.presenceFunctions + self.copyFunctions + self.checkFunctions + self.computeFunctions
            + self.substitutionFunctions + self.pushFunctions + self.databaseFunctions
    }
}
