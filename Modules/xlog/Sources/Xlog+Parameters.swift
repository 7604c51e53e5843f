import Bytes
import ModuleKit

extension Xlog {
    public struct Settings: Sendable {
        var bufferSize = 4096
        var prefix = ByteString("<script>: ")
        var facility: Int?
        var methodsFilter = -1
        var forcesColor = false
        var longFormat = false
        var addsNewline = false
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("buf_size", \.bufferSize, in: 64...1_048_576, "Longest text in bytes; what is past it is cut."),
            ModuleParameter("prefix", \.prefix, "Text in front of every line."),
            ModuleParameter("methods_filter", \.methodsFilter, "Mask of methods that xlogm leaves out; -1 none."),
            ModuleParameter("force_color", \.forcesColor, "Whether colours are written to syslog too."),
            ModuleParameter("long_format", \.longFormat, "Whether xlogl names the file too."),
            ModuleParameter("auto_newline", \.addsNewline, "Lines always end; the setting is accepted for compatibility."),
            ModuleParameter("log_facility", .text, "Facility of these lines, such as LOG_LOCAL1.") { settings, value in
                guard case .text(let text) = value else { return }
                guard let facility = Self.facility(text) else { throw ArgumentError("unknown facility '\(text)'") }
                settings.facility = facility
            },
        ] + ModuleParameter.notYet(.text, "log_colors") + ModuleParameter.notYet(.int, "prefix_mode")
    }

    private static let facilities = [
        "LOG_KERN", "LOG_USER", "LOG_MAIL", "LOG_DAEMON", "LOG_AUTH", "LOG_SYSLOG", "LOG_LPR", "LOG_NEWS", "LOG_UUCP",
        "LOG_CRON", "LOG_AUTHPRIV", "LOG_FTP", "", "", "", "", "LOG_LOCAL0", "LOG_LOCAL1", "LOG_LOCAL2", "LOG_LOCAL3",
        "LOG_LOCAL4", "LOG_LOCAL5", "LOG_LOCAL6", "LOG_LOCAL7",
    ]

    static func facility(_ name: ByteString) -> Int? { self.facilities.firstIndex(of: name.string) }
}
