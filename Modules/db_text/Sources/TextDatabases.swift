import Bytes
import Database
import ModuleKit

/// The `db_text` module: databases in text files, one a table, which an editor can change.
public final class TextDatabases: ServerModule {
    public static let name = "db_text"
    public static let summary = "Databases in directories of text files, held in memory."

    let settings: Settings
    let host: any ModuleHost
    let driver: TextDriver
    let directories: TextDirectories

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.directories = host.shared("db_text.directories") { TextDirectories() }
        self.driver = TextDriver(self.directories, settings.options, base: SystemInput.workingDirectory)
        DriverRegistry.of(host).add(self.driver)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.stopped = { [self] host in self.save(host.logger) }
        return hooks
    }

    /// Writes what has changed.
    /// - Returns: whether all could be written.
    @discardableResult
    func save(_ logger: Logger) -> Bool {
        let failures = self.directories.all.flatMap { $0.save(self.settings.options) }
        for file in failures { logger.error("db_text: \(file) cannot be written") }
        return failures.isEmpty
    }
}
