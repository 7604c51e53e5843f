import Bytes
import ModuleKit
import Synchronization

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
                let run = TimerLane(timer: timer, number: number)
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
                route.state(TimerTurn.self).map { .int($0.lane.number) } ?? .null
            }
        ]
    }
}

/// One of the processes of a timer.
final class TimerLane: Sendable {
    let timer: TimerDefinition
    let number: Int
    private let isBusy = Atomic<Bool>(false)
    private let complained = Atomic<Bool>(false)

    init(timer: TimerDefinition, number: Int) {
        self.timer = timer
        self.number = number
    }

    /// Starts the routes, unless those of the last turn still run.
    func turn(on worker: any WorkerServices) {
        guard let program = worker.currentProgram,
            self.isBusy.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else { return }
        // From here on the turn owns the flag: whatever becomes of the script, it is given back.
        let turn = TimerTurn(self)
        guard let context = worker.makeLocalContext(program: program) else { return }
        context.setState(turn)
        let routes = self.timer.routes.map { program.route(.request, named: $0) }
        if !routes.allSatisfy(\.isPresent) { self.complain(worker) }
        worker.schedule(Self.call(routes[...], turn), in: context)
    }

    func end() { self.isBusy.store(false, ordering: .releasing) }

    private func complain(_ worker: any WorkerServices) {
        guard !self.complained.exchange(true, ordering: .relaxed) else { return }
        worker.host.logger.error("rtimer: a route of timer \(self.timer.name) does not exist")
    }

    private static func call(_ routes: ArraySlice<RouteID>, _ turn: TimerTurn) -> RouteCall {
        RouteCall(route: routes.first ?? .none, kind: .request) { _, result in
            let rest = routes.dropFirst()
            guard !rest.isEmpty else {
                turn.finish()
                return .code(result.code)
            }
            return .run(Self.call(rest, turn))
        }
    }
}

/// One run of a timer's routes; kept with its context.
final class TimerTurn {
    let lane: TimerLane
    private var isOver = false

    init(_ lane: TimerLane) { self.lane = lane }

    func finish() {
        guard !self.isOver else { return }
        self.isOver = true
        self.lane.end()
    }

    // A script that never ends, because whoever should wake it is gone, must not stop the timer for ever.
    deinit { self.finish() }
}
