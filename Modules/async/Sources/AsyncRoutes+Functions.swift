import Bytes
import ModuleKit
import SIPMessage
import tm

extension AsyncRoutes {
    /// Longest wait in milliseconds.
    static let longest = 100_000
    private static let waits: [Int: String] = [
        0: "suspended: the script ends here, or goes on later", -1: "not suspended",
    ]
    private static let tasks: [Int: String] = [1: "the route is going to run", -1: "there is no such route"]

    public var functions: [ScriptFunction] { self.sleepFunctions + self.routeFunctions + self.taskFunctions }

    private var sleepFunctions: [ScriptFunction] {
        [
            self.sleep(
                "async_sleep", Argument("seconds", .int, "0 to 100."), unit: 1000,
                example: "async_sleep(\"2\"); t_relay();"
            ),
            self.sleep(
                "async_ms_sleep", Argument("milliseconds", .int, "0 to 100000."), unit: 1,
                example: "async_ms_sleep(\"500\"); t_relay();"),
        ]
    }

    private func sleep(_ name: String, _ argument: Argument, unit: Int, example: String) -> ScriptFunction {
        var function = ScriptFunction(
            name, argument, in: [.request, .failure],
            summary:
                "Suspends the transaction, then goes on with the rest of the block it stands in, nothing above it.",
            outcomes: Self.waits, example: example,
            body: { [unowned self] route, arguments in
                guard let wait = self.wait(arguments.int(0, in: route), unit, route) else { return .failure }
                return self.suspend(route, for: wait, thenRun: nil)
            }
        )
        function.continuesBlockOnly = true
        return function
    }

    private var routeFunctions: [ScriptFunction] {
        let route = Argument("route", .format, "Name of the route to go on with.")
        func timed(_ name: String, _ argument: Argument, unit: Int, _ example: String) -> ScriptFunction {
            ScriptFunction(
                name, route, argument, in: [.request, .failure],
                summary: "Suspends the transaction, then goes on with the route.", outcomes: Self.waits,
                example: example,
                body: { [unowned self] route, arguments in
                    guard let target = self.route(named: arguments.text(0, in: route), route),
                        let wait = self.wait(arguments.int(1, in: route), unit, route)
                    else { return .failure }
                    return self.suspend(route, for: wait, thenRun: target)
                }
            )
        }
        func atOnce(_ name: String, _ extra: [Argument], _ example: String) -> ScriptFunction {
            var function = ScriptFunction(
                name, route, in: [.request, .failure],
                summary: "Suspends the transaction and goes on with the route at once, on another worker.",
                outcomes: Self.waits, example: example,
                body: { [unowned self] route, arguments in
                    guard let target = self.route(named: arguments.text(0, in: route), route) else { return .failure }
                    return self.suspend(route, for: .zero, thenRun: target)
                }
            )
            function.arguments += extra
            return function
        }
        return [
            timed(
                "async_route", Argument("seconds", .int, "0 to 100."), unit: 1000, "async_route(\"LATER\", \"2\");"),
            timed(
                "async_ms_route", Argument("milliseconds", .int, "0 to 100000."), unit: 1,
                "async_ms_route(\"LATER\", \"500\");"),
            atOnce("async_task_route", [], "async_task_route(\"LATER\");"),
            atOnce(
                "async_task_group_route", [Self.groupArgument], "async_task_group_route(\"LATER\", \"heavy\");"),
        ]
    }

    static let groupArgument = Argument(
        "group", .format, "Kamailio's group of async workers; accepted, the event workers do it.")

    private var taskFunctions: [ScriptFunction] {
        let route = Argument("route", .format, "Name of the route to run.")
        let data = Argument("data", .format, "Text that $async(data) gives there.")
        return [
            ScriptFunction(
                "async_task_data", route, data, in: .any,
                summary: "Has another worker run the route with a request made up here and the text in $async(data).",
                outcomes: Self.tasks, example: "async_task_data(\"REPORT\", \"$ci\");",
                body: { [unowned self] route, arguments in
                    self.runTask(arguments.text(0, in: route), arguments.text(1, in: route), route)
                }
            ),
            ScriptFunction(
                "async_task_group_data", route, Self.groupArgument, data, in: .any,
                summary: "As async_task_data; the group is accepted.", outcomes: Self.tasks,
                example: "async_task_group_data(\"REPORT\", \"heavy\", \"$ci\");",
                body: { [unowned self] route, arguments in
                    self.runTask(arguments.text(0, in: route), arguments.text(2, in: route), route)
                }
            ),
            ScriptFunction(
                "async_tkv_emit", Argument("type", .int, "A number for the route."),
                Argument("key", .format, "A name for it."), Argument("value", .format, "A text for it."), in: .any,
                summary:
                    "Has another worker run event_route[core:tkv], where $atkv(type), $atkv(key) and $atkv(val) are these.",
                outcomes: [1: "the route is going to run, if there is one", -1: "the type is no number"],
                example: "async_tkv_emit(\"1\", \"overload\", \"$si\");",
                body: { [unowned self] route, arguments in
                    guard let type = arguments.int(0, in: route) else { return .failure }
                    let event = AsyncEvent(
                        type: type, key: arguments.text(1, in: route), value: arguments.text(2, in: route))
                    self.emit(event, route)
                    return .success
                }
            ),
        ]
    }

    private func route(named name: ByteString, _ route: RouteContext) -> RouteID? {
        let found = route.program.route(.request, named: name)
        guard found.isPresent else {
            route.log(.error, "there is no route[\(name)]")
            return nil
        }
        return found
    }

    private func wait(_ time: Int?, _ unit: Int, _ route: RouteContext) -> Interval? {
        guard let time, time >= 0, time <= Self.longest / unit else {
            route.log(.error, "a script can wait 0 to \(Self.longest / unit) of that unit")
            return nil
        }
        return .milliseconds(time * unit)
    }
}
