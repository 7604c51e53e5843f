import Bytes
import ModuleKit

/// A level as a script gives it: a name, a number, or a variable that holds one.
final class LevelArgument: Sendable {
    private let constant: Int?
    private let variable: VariableReference?

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        if let known = Self.names[text.string] {
            self.constant = known
            self.variable = nil
        } else if let number = Int(text.string) {
            self.constant = number
            self.variable = nil
        } else if text.bytes.first == UInt8(ascii: "$") {
            self.constant = nil
            self.variable = try compiler.variable(text)
        } else {
            throw ArgumentError("'\(text)' is no log level: L_INFO, L_ERR, … or a number")
        }
    }

    func level(in route: RouteContext) -> Int {
        self.constant ?? self.variable.flatMap { route.int($0.read(in: route)) } ?? LogLevel.error.rawValue
    }

    private static let names: [String: Int] = [
        "L_ALERT": -5, "L_BUG": -4, "L_CRIT2": -3, "L_CRIT": -2, "L_ERR": -1, "L_WARN": 0, "L_NOTICE": 1,
        "L_INFO": 2, "L_DBG": 3, "L_DBG1": 3, "L_DBG2": 4, "L_DBG3": 5,
    ]
}

extension Xlog {
    private static let level = Argument(
        "level", .custom { try LevelArgument($0, $1) }, "L_ALERT, L_CRIT, L_ERR, L_WARN, L_NOTICE, L_INFO, L_DBG, a number or a variable.")
    private static let text = Argument("text", .format, "Text with variables.")

    public var functions: [ScriptFunction] {
        self.fixedLevels + self.leveled("xlog") + self.leveled("xlogl") + [
            ScriptFunction(
                "xlogm", Self.level, Self.text, in: .any,
                summary: "Logs, but not for the methods in `methods_filter`.",
                example: "xlogm(\"L_INFO\", \"$rm from $si\\n\");",
                body: { [unowned self] route, arguments in
                    let filter = self.settings.methodsFilter
                    if filter >= 0, filter & Int(route.message.method.rawValue) != 0 { return .success }
                    let level = arguments.object(0, as: LevelArgument.self)?.level(in: route) ?? -1
                    self.write(route, level, arguments, 1)
                    return .success
                }
            )
        ]
    }

    /// `name(text)`, `name(level, text)`, `name(facility, level, text)`.
    private func leveled(_ name: String) -> [ScriptFunction] {
        [
            ScriptFunction(
                name, Self.text, in: .any, summary: "Logs a line at level L_ERR.", outcomes: [1: "always"],
                example: "\(name)(\"$rm from $si:$sp\\n\");",
                body: { [unowned self] route, arguments in
                    self.write(route, LogLevel.error.rawValue, arguments, 0)
                    return .success
                }
            ),
            ScriptFunction(
                name, Self.level, Self.text, in: .any, summary: "Logs a line at a level.", outcomes: [1: "always"],
                example: "\(name)(\"L_INFO\", \"call to $rU\\n\");",
                body: { [unowned self] route, arguments in
                    let level = arguments.object(0, as: LevelArgument.self)?.level(in: route) ?? -1
                    self.write(route, level, arguments, 1)
                    return .success
                }
            ),
            ScriptFunction(
                name, Argument("facility", .literal, "Facility, such as LOG_LOCAL1."), Self.level, Self.text, in: .any,
                summary: "Logs a line at a level to a facility.", outcomes: [1: "always"],
                example: "\(name)(\"LOG_LOCAL1\", \"L_INFO\", \"call to $rU\\n\");",
                body: { [unowned self] route, arguments in
                    let level = arguments.object(1, as: LevelArgument.self)?.level(in: route) ?? -1
                    self.write(route, level, arguments, 2, facility: Self.facility(arguments.text(0, in: route)))
                    return .success
                }
            ),
        ]
    }

    private var fixedLevels: [ScriptFunction] {
        let levels: [(String, LogLevel)] = [
            ("xdbg", .debug), ("xinfo", .info), ("xnotice", .notice), ("xwarn", .warning), ("xerr", .error),
            ("xbug", .bug), ("xcrit", .critical), ("xalert", .alert), ("xdbgl", .debug),
        ]
        return levels.map { name, level in
            ScriptFunction(
                name, Self.text, in: .any, summary: "Logs a line at level \(level.label).", outcomes: [1: "always"],
                example: "\(name)(\"branch to $ru\\n\");",
                body: { [unowned self] route, arguments in
                    self.write(route, level.rawValue, arguments, 0)
                    return .success
                }
            )
        }
    }
}
