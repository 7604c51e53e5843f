import Bytes
import ModuleKit

extension MessageQueues {
    private static let queueArgument = Argument("queue", .format, "Name of the queue.")

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "mq_add", Self.queueArgument, Argument("key", .format, "The key."),
                Argument("value", .format, "The value."), in: .any,
                summary: "Puts a pair at the end of a queue; a full queue loses its oldest pair.",
                outcomes: [1: "done, also when addmode kept the pair that waits", -1: "no such queue"],
                example: #"mq_add("calls", "$ci", "$fU $rU");"#
            ) { [self] route, arguments in
                let name = arguments.text(0, in: route)
                guard let queue = self.queue(name) else {
                    route.log(.error, "mq_add: there is no mqueue '\(name)'")
                    return .failure
                }
                let isAdded = queue.store.add(
                    arguments.text(1, in: route), arguments.text(2, in: route), queue.definition)
                return isAdded ? .success : .failure
            },
            ScriptFunction(
                "mq_fetch", Self.queueArgument, in: .any,
                summary: "Takes the oldest pair out of a queue; $mqk and $mqv show it.",
                outcomes: [1: "there is one", -1: "no such queue", -2: "the queue is empty"],
                example: #"while (mq_fetch("calls")) { xlog("$mqk(calls) $mqv(calls)\n"); }"#
            ) { [self] route, arguments in
                let name = arguments.text(0, in: route)
                guard let queue = self.queue(name) else { return -1 }
                let pair = queue.store.fetch()
                self.fetched(route)[name] = pair
                return pair == nil ? -2 : 1
            },
            ScriptFunction(
                "mq_pv_free", Self.queueArgument, in: .any, summary: "Forgets the pair that was fetched.",
                outcomes: [1: "always"], example: #"mq_pv_free("calls");"#
            ) { [self] route, arguments in
                self.fetched(route)[arguments.text(0, in: route)] = nil
                return .success
            },
            ScriptFunction(
                "mq_size", Self.queueArgument, in: .any, summary: "Gives the number of pairs that wait, as the code.",
                outcomes: [-1: "none waits", -2: "no such queue"], example: #"$var(n) = mq_size("calls");"#
            ) { [self] route, arguments in
                let name = arguments.text(0, in: route)
                guard let queue = self.queue(name) else {
                    route.log(.error, "mq_size: there is no mqueue '\(name)'")
                    return -2
                }
                let count = queue.store.count
                return .code(count == 0 ? -1 : count)
            },
        ]
    }

    private func fetched(_ route: RouteContext) -> FetchedPairs {
        if let known = route.state(FetchedPairs.self) { return known }
        let made = FetchedPairs()
        route.setState(made)
        return made
    }

    public var variables: [ScriptVariable] {
        [
            ScriptVariable("mqk", inner: .required, summary: "Key of the pair that was fetched from a queue.") {
                name, _ in
                VariableAccess { route, _ in
                    route.state(FetchedPairs.self)?[name.resolve(in: route)].map { .bytes($0.key) } ?? .null
                }
            },
            ScriptVariable("mqv", inner: .required, summary: "Value of the pair that was fetched from a queue.") {
                name, _ in
                VariableAccess { route, _ in
                    route.state(FetchedPairs.self)?[name.resolve(in: route)].map { .bytes($0.value) } ?? .null
                }
            },
            ScriptVariable("mq_size", inner: .required, summary: "Number of pairs that wait in a queue.") {
                [self] name, _ in
                VariableAccess { route, _ in
                    self.queue(name.resolve(in: route)).map { .int($0.store.count) } ?? .null
                }
            },
        ]
    }
}
