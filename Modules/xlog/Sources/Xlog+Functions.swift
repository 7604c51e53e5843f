import Bytes
import ModuleKit

/// An argument of `xlog`, whichever of the three it turns out to be.
final class LogArgument: Sendable {
    let format: FormatString
    let level: LogLevel?
    let facility: Int?
    /// Where the call stands.
    let place: ScriptPlace?

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        self.format = try compiler.format(text)
        self.level = Level.named(text)
        self.facility = Facility.number(text.string)
        if self.level == nil, Level.isName(text, after: "L_") {
            throw ArgumentError("there is no log level \(text.string)", suggestion: "L_INFO")
        }
        if self.facility == nil, Level.isName(text, after: "LOG_") {
            throw ArgumentError("there is no syslog facility \(text.string)", suggestion: "LOG_LOCAL0")
        }
        self.place = compiler.place
    }

    /// The level: a name, a number, or a variable that holds one. Anything else counts as L_ERR.
    func level(in route: RouteContext) -> LogLevel {
        if let level = self.level { return level }
        guard let variable = self.format.soleVariable else { return .error }
        let value = variable.read(in: route)
        if let number = route.int(value) { return Level.numbered(number) }
        return Level.named(route.text(value)) ?? .error
    }
}

extension Xlog {
    public var functions: [ScriptFunction] {
        [
            self.general("xlog", "Writes a text with its variables to the log; L_ERR when no level is given."),
            self.general(
                "xlogl", "Like xlog(), with the line of the configuration in front of the text.", withLine: true),
            self.filtered,
            self.debugWithLine,
        ]
            + [
                ("xdbg", LogLevel.debug), ("xinfo", .info), ("xnotice", .notice), ("xwarn", .warning), ("xerr", .error),
                ("xbug", .bug), ("xcrit", .critical), ("xalert", .alert),
            ].map { self.fixed($0.0, $0.1) }
    }

    private static let kind = Argument.Kind.custom { text, compiler in try LogArgument(text, compiler) }

    /// `xlog("text")`, `xlog("level", "text")`, `xlog("facility", "level", "text")`.
    private func general(_ name: String, _ summary: String, withLine: Bool = false) -> ScriptFunction {
        ScriptFunction(
            name,
            Argument("first", Self.kind, "The text; with two arguments the level, with three the facility."),
            Argument(
                "second", Self.kind,
                "The text; with three arguments the level: L_ALERT to L_DBG, a number, a variable.",
                optional: true),
            Argument("third", Self.kind, "The text, with variables.", optional: true),
            in: .any, summary: summary, outcomes: [1: "always"],
            example: "\(name)(\"L_INFO\", \"$rm from $fu\\n\");"
        ) { [self] route, arguments in
            guard let text = arguments.object(arguments.count - 1, as: LogArgument.self) else { return .success }
            var level = LogLevel.error
            if arguments.count > 1 {
                level = arguments.object(arguments.count - 2, as: LogArgument.self)?.level(in: route) ?? .error
            }
            guard route.isLogging(level) else { return .success }
            let facility = arguments.count > 2 ? arguments.object(0, as: LogArgument.self)?.facility : nil
            self.log(route, level, facility: facility, place: withLine ? text.place : nil) {
                text.format.write(to: $0, in: route)
            }
            return .success
        }
    }

    /// `xlogm("level", "text")`: not for the methods in `methods_filter`.
    private var filtered: ScriptFunction {
        ScriptFunction(
            "xlogm", Argument("level", Self.kind, "L_ALERT to L_DBG, a number, or a variable."),
            Argument("text", Self.kind, "The text, with variables."), in: .any,
            summary: "Like xlog(), but not for messages of the methods in methods_filter, which are all at first.",
            outcomes: [1: "always"], example: #"xlogm("L_INFO", "$rm from $fu\n");"#
        ) { [self] route, arguments in
            guard route[self.settings.methodsFilter] & Int(route.message.method.rawValue) == 0,
                let text = arguments.object(1, as: LogArgument.self)
            else { return .success }
            let level = arguments.object(0, as: LogArgument.self)?.level(in: route) ?? .error
            guard route.isLogging(level) else { return .success }
            self.log(route, level) { text.format.write(to: $0, in: route) }
            return .success
        }
    }

    private func fixed(_ name: String, _ level: LogLevel) -> ScriptFunction {
        ScriptFunction(
            name, Argument("text", .format, "The text, with variables."), in: .any,
            summary: "Writes a text with its variables to the log at level \(level.label).", outcomes: [1: "always"],
            example: "\(name)(\"$rm from $fu\\n\");"
        ) { [self] route, arguments in
            guard route.isLogging(level) else { return .success }
            self.log(route, level) { buffer in
                if case .format(let format) = arguments.bound[0] {
                    format.write(to: buffer, in: route)
                } else {
                    buffer.append(arguments.text(0, in: route))
                }
            }
            return .success
        }
    }

    private var debugWithLine: ScriptFunction {
        ScriptFunction(
            "xdbgl", Argument("text", Self.kind, "The text, with variables."), in: .any,
            summary: "Like xdbg(), with the line of the configuration in front of the text.", outcomes: [1: "always"],
            example: #"xdbgl("$rm from $fu\n");"#
        ) { [self] route, arguments in
            guard route.isLogging(.debug), let text = arguments.object(0, as: LogArgument.self) else { return .success }
            self.log(route, .debug, place: text.place) { text.format.write(to: $0, in: route) }
            return .success
        }
    }
}
