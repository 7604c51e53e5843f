import Bytes
import ModuleKit

/// A counter that a script names.
final class NamedCounter: Sendable {
    let id: CounterID
    init(_ id: CounterID) { self.id = id }
}

extension Counters {
    public var functions: [ScriptFunction] {
        let registry = self.registry
        let group = self.settings.group.string
        let name = Argument(
            "name",
            .custom { text, _ in
                let parts = CounterName.split(text.string, defaultGroup: group)
                guard let id = registry.find(parts.group, parts.name) else {
                    throw ArgumentError(
                        "counter \(parts.group).\(parts.name) does not exist",
                        suggestion:
                            "declare it: modparam(\"counters\", \"script_counter\", \"\(parts.group).\(parts.name)\")"
                    )
                }
                return NamedCounter(id)
            },
            "Name of a declared counter, with or without its group."
        )
        return [
            ScriptFunction(
                "cnt_inc", name, in: .any, summary: "Adds 1 to a counter.", outcomes: [1: "always"],
                example: #"cnt_inc("core.rcv_requests");"#
            ) { route, arguments in
                guard let counter = arguments.object(0, as: NamedCounter.self) else { return .failure }
                route.worker.count(counter.id)
                return .success
            },
            ScriptFunction(
                "cnt_add", name, Argument("number", .int, "What to add."), in: .any,
                summary: "Adds a number to a counter.",
                outcomes: [1: "added", -1: "no number"], example: #"cnt_add("core.rcv_requests", "5");"#
            ) { route, arguments in
                guard let counter = arguments.object(0, as: NamedCounter.self), let number = arguments.int(1, in: route)
                else { return .failure }
                route.worker.count(counter.id, number)
                return .success
            },
            ScriptFunction(
                "cnt_reset", name, in: .any, summary: "Sets a counter to zero.", outcomes: [1: "always"],
                example: #"cnt_reset("core.rcv_requests");"#
            ) { route, arguments in
                guard let counter = arguments.object(0, as: NamedCounter.self) else { return .failure }
                registry.reset(counter.id)
                return .success
            },
        ]
    }
}
