import Bytes
import Database
import ModuleKit

extension SQLiteDatabases {
    public struct Settings: Sendable {
        var base = SQLiteOptions()
        var options: [ByteString: SQLiteOptions] = [:]
        var limits = SQLiteDriver.policy

        /// Changes what holds for one file.
        mutating func change(_ path: ByteString, _ body: (inout SQLiteOptions) -> Void) {
            let path = SQLiteDriver.plain(path)
            var options = self.options[path] ?? self.base
            body(&options)
            self.options[path] = options
        }
    }

    public static var defaultSettings: Settings { Settings() }

    private static let journalModes = ["DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL", "OFF"]
    private static let synchronousModes = ["OFF", "NORMAL", "FULL", "EXTRA"]

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "db_set_readonly", .text, repeatable: true, "Path of a file that is only read."
            ) { settings, value in
                guard case .text(let path) = value else { return }
                settings.change(path) { $0.isReadOnly = true }
            },
            ModuleParameter(
                "db_set_journal_mode", .text, repeatable: true, default: "WAL",
                "`path=mode`: how the file is protected, DELETE TRUNCATE PERSIST MEMORY WAL OFF."
            ) { settings, value in
                let (path, text) = try Self.pair(value, "db_set_journal_mode")
                let mode = text.string.uppercased()
                guard Self.journalModes.contains(mode) else {
                    throw ArgumentError(
                        "\(text) is no journal mode: \(Self.journalModes.joined(separator: ", "))")
                }
                settings.change(path) { $0.journalMode = mode }
            },
            ModuleParameter(
                "db_set_busy_timeout", .text, repeatable: true, default: "2000",
                "`path=milliseconds`: how long a statement waits for the lock of another process."
            ) { settings, value in
                let (path, text) = try Self.pair(value, "db_set_busy_timeout")
                guard let time = Int(text.string), (0...60_000).contains(time) else {
                    throw ArgumentError("db_set_busy_timeout takes 0 to 60000 milliseconds, not \(text)")
                }
                settings.change(path) { $0.busyTimeout = time }
            },
            ModuleParameter(
                "db_set_synchronous", .text, repeatable: true, default: "NORMAL",
                "`path=mode`, OFF NORMAL FULL EXTRA: FULL keeps the last commits over a power cut too. Not in Kamailio."
            ) { settings, value in
                let (path, text) = try Self.pair(value, "db_set_synchronous")
                let mode = text.string.uppercased()
                guard Self.synchronousModes.contains(mode) else {
                    throw ArgumentError("\(text) is none of \(Self.synchronousModes.joined(separator: ", "))")
                }
                settings.change(path) { $0.synchronous = mode }
            },
            ModuleParameter(
                "connections", \.limits.connections, in: 1...16,
                "Connections to a file, each with a thread while it works; one of them writes. Not in Kamailio."),
            ModuleParameter(
                "queue", \.limits.queue, in: 1...1_000_000,
                "Questions that wait for a connection; more are refused at once. Not in Kamailio."),
            ModuleParameter(
                "query_timeout", .int, default: "5000",
                "Milliseconds from a question to its answer; then it is an error. Not in Kamailio."
            ) { settings, value in
                guard case .int(let time) = value, (10...600_000).contains(time) else {
                    throw ArgumentError("query_timeout must be between 10 and 600000")
                }
                settings.limits.timeout = .milliseconds(time)
            },
        ]
    }

    /// `path=value`.
    private static func pair(
        _ value: ParameterValue, _ name: String
    ) throws(ArgumentError) -> (path: ByteString, value: ByteString) {
        guard case .text(let text) = value, let mark = text.bytes.lastIndex(of: UInt8(ascii: "=")), mark > 0,
            mark + 1 < text.count
        else { throw ArgumentError("\(name) is written path=value") }
        return (ByteString(Array(text.bytes[..<mark])), ByteString(Array(text.bytes[(mark + 1)...])))
    }
}
