import Bytes
import ModuleKit

/// An argument of `xlog`, whichever of the three it turns out to be.
final class LogArgument: Sendable {
    let format: FormatString
    let level: LogLevel?
    let facility: Int?

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        self.format = try compiler.format(text)
        self.level = Level.named(text)
        self.facility = Facility.number(text.string)
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
        [self.general]
            + [
                ("xdbg", LogLevel.debug), ("xinfo", .info), ("xnotice", .notice), ("xwarn", .warning), ("xerr", .error),
                ("xbug", .bug), ("xcrit", .critical), ("xalert", .alert),
            ].map { self.fixed($0.0, $0.1) }
            + ScriptFunction.notYet("xlogl", "xdbgl", "xlogm")
    }

    /// `xlog("text")`, `xlog("level", "text")`, `xlog("facility", "level", "text")`.
    private var general: ScriptFunction {
        let kind = Argument.Kind.custom { text, compiler in try LogArgument(text, compiler) }
        return ScriptFunction(
            "xlog",
            Argument("first", kind, "The text; with two arguments the level, with three the facility."),
            Argument(
                "second", kind, "The text; with three arguments the level: L_ALERT to L_DBG, a number, a variable.",
                optional: true),
            Argument("third", kind, "The text, with variables.", optional: true),
            in: .any,
            summary: "Writes a text with its variables to the log; L_ERR when no level is given.",
            outcomes: [1: "always"],
            example: #"xlog("L_INFO", "$rm from $fu\n");"#
        ) { [self] route, arguments in
            guard let text = arguments.object(arguments.count - 1, as: LogArgument.self) else { return .success }
            var level = LogLevel.error
            if arguments.count > 1 {
                level = arguments.object(arguments.count - 2, as: LogArgument.self)?.level(in: route) ?? .error
            }
            guard route.program.logger.isOn(level) else { return .success }
            let facility = arguments.count > 2 ? arguments.object(0, as: LogArgument.self)?.facility : nil
            self.log(route, level, facility: facility) { text.format.write(to: $0, in: route) }
            return .success
        }
    }

    private func fixed(_ name: String, _ level: LogLevel) -> ScriptFunction {
        ScriptFunction(
            name, Argument("text", .format, "The text, with variables."), in: .any,
            summary: "Writes a text with its variables to the log at level \(level.label).", outcomes: [1: "always"],
            example: "\(name)(\"$rm from $fu\\n\");"
        ) { [self] route, arguments in
            guard route.program.logger.isOn(level) else { return .success }
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
}
