import Bytes
import ModuleKit

/// The `rtimer` module: routes that run on timers.
///
/// The routes of a timer run one after the other, in the order of their `exec` lines, in a context with the request
/// that stands in where none came. Nothing sleeps: a timer is a periodic task of an event worker, and a route that
/// suspends is woken there. A turn that comes while the routes of the last one still run is left out.
public final class RouteTimers: ServerModule {
    public static let name = "rtimer"
    public static let summary = "Runs routes at intervals."

    let timers: [TimerDefinition]

    public init(_ settings: Settings, host: any ModuleHost) throws { self.timers = try settings.bound() }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        var lane = 0
        for timer in self.timers where !timer.routes.isEmpty {
            // Each process that Kamailio would start is a lane of its own, on an event worker of its own if there are
            // enough.
            for number in 0..<max(timer.processes, 1) {
                let run = RepeatedRoutes("timer \(timer.name)", routes: timer.routes) {
                    $0.setState(TimerProcess(number))
                }
                hooks.periodic.append(
                    PeriodicTask("rtimer \(timer.name)", every: timer.interval, lane: lane) { run.turn(on: $0) })
                lane += 1
            }
        }
        return hooks
    }

    public var variables: [ScriptVariable] {
        [
            ScriptVariable("rtimer_worker", summary: "Which of a timer's processes runs the route, from 0.") { route in
                route.state(TimerProcess.self).map { .int($0.number) } ?? .null
            }
        ]
    }
}

/// Which process of its timer a route runs in.
final class TimerProcess {
    let number: Int
    init(_ number: Int) { self.number = number }
}
