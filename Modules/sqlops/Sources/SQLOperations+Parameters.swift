import Bytes
import ModuleKit

extension SQLOperations {
    public struct Settings: Sendable {
        struct Definition: Sendable {
            var name: ByteString
            var url: ByteString
        }
        var connections: [Definition] = []
        var results: [ByteString] = []
        /// Of the transformations' buffer, which needs no size here.
        var bufferSize = 2_048
        /// Bytes of a query that a log line shows.
        var logSize = 128
        var connectMode = 0
        var resultLimit = 32
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "sqlcon", .text, repeatable: true, "`name=>url`: a database under a name for the functions."
            ) { settings, value in
                guard case .text(let text) = value, let mark = Self.arrow(text) else {
                    throw ArgumentError("sqlcon is written name=>url")
                }
                let name = ByteString(Array(text.bytes[..<mark]))
                guard !settings.connections.contains(where: { $0.name == name }) else {
                    throw ArgumentError("there are two SQL connections '\(name)'")
                }
                let url = ByteString(Array(text.bytes[(mark + 2)...]))
                settings.connections.append(Settings.Definition(name: name, url: url))
            },
            ModuleParameter(
                "sqlres", .text, repeatable: true, "Name of a result that no function in the script names literally."
            ) { settings, value in
                guard case .text(let name) = value, !name.isEmpty else { throw ArgumentError("a result has a name") }
                settings.results.append(name)
            },
            ModuleParameter(
                "tr_buf_size", \.bufferSize, in: 1...(1 << 30), "Taken and not needed: {sql.…} has no largest text."),
            ModuleParameter("log_buf_size", \.logSize, in: 0...65_536, "Bytes of a query that log lines show."),
            ModuleParameter(
                "connect_mode", \.connectMode, in: 0...2,
                "0: no start without the databases, 1: an error in the log, 2: they are opened by the first query."),
            ModuleParameter("results_maxsize", \.resultLimit, in: 1...100_000, "Most results that a script may name."),
        ]
    }

    /// Where `=>` is, with something before and behind it.
    static func arrow(_ text: ByteString) -> Int? {
        let bytes = text.bytes
        var index = 1
        while index + 2 < bytes.count {
            if bytes[index] == UInt8(ascii: "="), bytes[index + 1] == UInt8(ascii: ">") { return index }
            index += 1
        }
        return nil
    }
}
