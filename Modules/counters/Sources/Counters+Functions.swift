import Bytes
import ModuleKit

extension Counters {
    private static let routes: RouteKinds = [.request, .failure, .transactionReply, .reply, .onsend, .branch, .event]

    private var counter: Argument {
        Argument(
            "counter", .custom { [unowned self] text, _ in try self.find(text) }, "`[group.]name` of a declared counter.")
    }

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "cnt_inc", self.counter, in: Self.routes, summary: "Adds one to a counter.", example: "",
                body: { route, arguments in Self.add(route, arguments, 1) }
            ),
            ScriptFunction(
                "cnt_add", self.counter, Argument("amount", .int, "How much to add."), in: Self.routes,
                summary: "Adds to a counter.", example: "",
                body: { route, arguments in
                    guard let amount = arguments.int(1, in: route) else { return .failure }
                    return Self.add(route, arguments, amount)
                }
            ),
            ScriptFunction(
                "cnt_reset", self.counter, in: Self.routes, summary: "Makes a counter read 0.", example: "",
                body: { [unowned self] _, arguments in
                    guard let counter = arguments.object(0, as: CounterBox.self) else { return .failure }
                    self.registry.reset(counter.id)
                    return .success
                }
            ),
        ]
    }

    private static func add(_ route: RouteContext, _ arguments: Arguments, _ amount: Int) -> Outcome {
        guard let counter = arguments.object(0, as: CounterBox.self) else { return .failure }
        route.worker.count(counter.id, amount)
        return .success
    }
}
