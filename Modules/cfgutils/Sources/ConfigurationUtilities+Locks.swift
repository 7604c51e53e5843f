import Bytes
import ModuleKit

extension ConfigurationUtilities {
    var lockFunctions: [ScriptFunction] {
        func function(
            _ name: String, _ summary: String, _ outcomes: [Int: String],
            _ body: @escaping @Sendable (RouteContext, ByteString, ScriptLocks) -> Outcome
        ) -> ScriptFunction {
            ScriptFunction(
                name, Argument("key", .format, "Name of the lock."),
                Argument("subkey", .format, "Second part of the name.", optional: true), in: .any, summary: summary,
                outcomes: outcomes, example: "\(name)(\"$rU\");"
            ) { [locks] route, arguments in
                guard let locks else {
                    route.log(.error, "\(name): there are no locks, see parameter lock_set_size of cfgutils")
                    return .failure
                }
                var key = arguments.text(0, in: route)
                // A byte that no text has: ("a", "bc") is not ("ab", "c").
                if arguments.has(1) { key = key + ByteString([0]) + arguments.text(1, in: route) }
                return body(route, key, locks)
            }
        }
        return [
            function(
                "lock", "Takes a lock; while another message has it, the script waits in line.",
                [1: "taken", -1: "this message has it already, or there are no locks"]
            ) { route, key, locks in
                let held = route.heldLocks(locks)
                guard !held.holds(key) else {
                    route.log(.error, "lock(\"\(key)\"): this message has that lock already")
                    return .failure
                }
                let ticket = locks.makeTicket()
                if locks.take(key, ticket) {
                    held.add(key, ticket)
                    return .success
                }
                let request = LockRequest(key, ticket, locks)
                locks.waitFor(key, ticket, route.suspend())
                return .suspended(
                    Continuation { route, result in
                        guard request.settle(result) else { return .failure }
                        route.heldLocks(locks).add(request.key, request.ticket)
                        return .success
                    }
                )
            },
            function(
                "trylock", "Takes a lock when nobody has it.",
                [1: "taken", -1: "somebody has it, or there are no locks"]
            ) { route, key, locks in
                let ticket = locks.makeTicket()
                guard locks.take(key, ticket) else { return .failure }
                route.heldLocks(locks).add(key, ticket)
                return .success
            },
            function(
                "unlock", "Gives a lock away.",
                [1: "given away, or nobody had it", -1: "another message has it, or there are no locks"]
            ) { route, key, locks in
                if route.heldLocks?.release(key) == true { return .success }
                guard locks.isTaken(key) else { return .success }
                route.log(.warning, "unlock(\"\(key)\"): another message has that lock")
                return .failure
            },
        ]
    }
}
