import Bytes
import Database
import ModuleKit

/// The `db_sqlite` module: databases in files, with nothing to install beside the server.
public final class SQLiteDatabases: ServerModule {
    public static let name = "db_sqlite"
    public static let summary = "Databases in SQLite files, for the modules that keep something in tables."

    public init(_ settings: Settings, host: any ModuleHost) throws {
        let driver = SQLiteDriver(settings.base, settings.options, limits: settings.limits)
        DriverRegistry.of(host).add(driver)
    }
}
