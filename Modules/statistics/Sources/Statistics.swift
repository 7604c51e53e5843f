import Bytes
import ModuleKit
import SIPMessage

/// The `statistics` module: counters that scripts declare, in group `script` of the statistics.
public final class Statistics: ServerModule {
    public static let name = "statistics"
    public static let summary = "Statistics of scripts: declared by name, changed by signed numbers."

    private let registry: CounterRegistry

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.registry = host.counters
        for name in settings.names {
            _ = host.counters.register("script", name, "Statistic of the script.")
        }
    }

    public struct Settings: Sendable {
        var names: [String] = []
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "variable", .text, repeatable: true,
                "Declares a statistic by its name; with /no_reset behind it nothing sets it to zero."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                let parts = text.string.split(separator: "/", omittingEmptySubsequences: false)
                guard let name = parts.first, !name.isEmpty else { throw ArgumentError("a statistic has a name") }
                guard parts.count == 1 || parts.count == 2 && parts[1] == "no_reset" else {
                    throw ArgumentError("'\(text)': only /no_reset may stand behind the name")
                }
                settings.names.append(String(name))
            }
        ]
    }

    /// A statistic, found when the script is loaded.
    private final class Target: Sendable {
        let id: CounterID
        init(_ id: CounterID) { self.id = id }
    }

    private var target: Argument {
        let registry = self.registry
        return Argument(
            "name",
            .custom { text, _ in
                let name = text.string
                // Those of the script first, then any other by its name alone, as Kamailio knows them.
                guard
                    let entry = registry.find("script", name)
                        ?? registry.entries.first(where: { $0.name == name }).flatMap({
                            registry.find($0.group, $0.name)
                        })
                else {
                    throw ArgumentError(
                        "statistic '\(name)' does not exist",
                        suggestion: "declare it: modparam(\"statistics\", \"variable\", \"\(name)\")")
                }
                return Target(entry)
            },
            "Name of a declared statistic.")
    }

    public var functions: [ScriptFunction] {
        let registry = self.registry
        return [
            ScriptFunction(
                "update_stat", self.target,
                Argument("value", .format, "What to add, with a sign or without one; variables are expanded."),
                in: .any,
                summary: "Adds a number to a statistic.", outcomes: [1: "added", -1: "the value is no number"],
                example: #"update_stat("rcv_requests", "+1");"#
            ) { route, arguments in
                guard let target = arguments.object(0, as: Target.self), let number = Self.number(arguments, route)
                else { return .failure }
                route.worker.count(target.id, number)
                return .success
            },
            ScriptFunction(
                "reset_stat", self.target, in: .any, summary: "Sets a statistic to zero.", outcomes: [1: "always"],
                example: #"reset_stat("rcv_requests");"#
            ) { _, arguments in
                guard let target = arguments.object(0, as: Target.self) else { return .failure }
                registry.reset(target.id)
                return .success
            },
        ]
    }

    /// The second argument; a plus in front means nothing.
    private static func number(_ arguments: Arguments, _ route: RouteContext) -> Int? {
        if let number = arguments.int(1, in: route) { return number }
        let text = arguments.text(1, in: route).string
        return text.hasPrefix("+") ? Int(text.dropFirst()) : Int(text)
    }
}
