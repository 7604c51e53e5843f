import Bytes
import ModuleKit

extension TextDatabases {
    public struct Settings: Sendable {
        var options = TextOptions()
        /// Bytes of a line: lines have no limit here.
        var bufferSize = 16_384
        var defaultConnection = ByteString()
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "db_mode", \.options.rereads, "0: files are read once, 1: again whenever they have changed."),
            ModuleParameter(
                "emptystring", \.options.keepsEmptyText, "1: an empty field is an empty text where it could be null."),
            ModuleParameter(
                "file_buffer_size", \.bufferSize, in: 1...(1 << 30), "Taken and not needed: lines have any length."),
            ModuleParameter(
                "max_result_rows", \.options.rowLimit, in: 1...100_000_000, "Most rows of a result; the rest is cut."),
            ModuleParameter(
                "default_connection", \.defaultConnection, "Directory that the command db_text.query works in."),
            ModuleParameter(
                "db_delim", .text, default: ":", "The character between fields."
            ) { settings, value in
                guard case .text(let text) = value, text.count == 1, let byte = text.bytes.first, byte > 32,
                    byte != UInt8(ascii: "\\")
                else { throw ArgumentError("db_delim is one character, and neither a blank nor a backslash") }
                settings.options.separator = byte
            },
        ]
    }
}
