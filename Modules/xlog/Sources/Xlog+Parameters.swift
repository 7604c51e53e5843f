import Bytes
import ModuleKit

extension Xlog {
    public struct Settings: Sendable {
        var bufferSize = 4096
        var forcesColor = false
        var prefix = ByteString("<script>: ")
        var facility: Int?
        var addsNewline = false
        /// `xlogl` writes the file too.
        var showsFile = false
        /// The prefix has variables in it.
        var expandsPrefix = false
        var methodsFilter: LiveNumber = -1
        var colors: [(LogLevel, ByteString)] = []
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "buf_size", \.bufferSize, in: 1...1_048_576, "Longest text in bytes; what is longer is cut."),
            ModuleParameter("force_color", \.forcesColor, "$C writes colors."),
            ModuleParameter("prefix", \.prefix, "Text in front of every line."),
            ModuleParameter("auto_newline", \.addsNewline, "Ends every text with a line end."),
            ModuleParameter("log_facility", .text, "Syslog facility of these lines: LOG_LOCAL0 and so on.") {
                settings, value in
                guard case .text(let text) = value else { return }
                guard let facility = Facility.number(text.string) else {
                    throw ArgumentError("\(text.string) is no syslog facility")
                }
                settings.facility = facility
            },
            ModuleParameter("long_format", \.showsFile, "xlogl() and xdbgl() write the file in front of the line."),
            ModuleParameter("prefix_mode", \.expandsPrefix, "Variables in prefix are expanded, for each line anew."),
            .live(
                "methods_filter", \.methodsFilter,
                "Methods that xlogm() says nothing of: the sum of their $rmid; -1 all."),
            ModuleParameter(
                "log_colors", .text, repeatable: true,
                "Colours of levels where the log goes to a terminal in colours: L_ERR=rx;L_INFO=cx, letters as in $C."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                for part in text.bytes.split(separator: UInt8(ascii: ";")) {
                    let sides = part.filter { $0 > 32 }.split(
                        separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
                    guard sides.count == 2, let level = Level.named(ByteString(Array(sides[0]))),
                        let color = Color.sequence(ByteString(Array(sides[1])))
                    else {
                        throw ArgumentError("\(String(decoding: part, as: UTF8.self)) is not written L_ERR=rx")
                    }
                    settings.colors.append((level, color))
                }
            },
        ]
    }
}

/// Syslog facilities by name.
enum Facility {
    private static let names = [
        "KERN", "USER", "MAIL", "DAEMON", "AUTH", "SYSLOG", "LPR", "NEWS", "UUCP", "CRON", "AUTHPRIV", "FTP", "", "",
        "",
        "", "LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6", "LOCAL7",
    ]

    /// The number of `LOG_LOCAL0`; nil for a name that is none.
    static func number(_ text: String) -> Int? {
        guard text.hasPrefix("LOG_") else { return nil }
        let name = text.dropFirst(4)
        return name.isEmpty ? nil : self.names.firstIndex { $0 == name }
    }
}

/// Levels by name.
enum Level {
    /// The level that `L_INFO` or a number names; numbers beyond the known ones count as the nearest. Of a name its first
    /// letter counts: `L_WARNING` is `L_WARN`.
    static func named(_ text: ByteString) -> LogLevel? {
        if text.count > 2, text.bytes.starts(with: "L_".utf8) {
            switch text.bytes[2] {
            case UInt8(ascii: "A"): return .alert
            case UInt8(ascii: "B"): return .bug
            case UInt8(ascii: "C"): return text == "L_CRIT2" ? .critical2 : .critical
            case UInt8(ascii: "E"): return .error
            case UInt8(ascii: "W"): return .warning
            case UInt8(ascii: "N"): return .notice
            case UInt8(ascii: "I"): return .info
            case UInt8(ascii: "D"): return .debug
            default: return nil
            }
        }
        guard !text.isEmpty, let number = Value.integer(text.span, ByteRange(start: 0, count: text.count)) else {
            return nil
        }
        return self.numbered(number)
    }

    static func numbered(_ number: Int) -> LogLevel { LogLevel(rawValue: min(max(number, -5), 3)) ?? .error }

    /// Whether the text can only be meant as the name of something: `L_FOO`, `LOG_FOO`.
    static func isName(_ text: ByteString, after prefix: StaticString) -> Bool {
        let head = "\(prefix)".utf8
        return text.count > head.count && text.bytes.starts(with: head)
            && text.bytes.dropFirst(head.count).allSatisfy { $0.isDigit || (65...90).contains($0) }
    }
}
