import Bytes
import ModuleKit
import Synchronization

/// The `timer` module: routes that run at intervals of milliseconds and that scripts switch on and off.
public final class NamedTimers: ServerModule {
    public static let name = "timer"
    public static let summary = "Runs routes at intervals that scripts switch on and off."

    let timers: [NamedTimer]

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.timers = settings.timers.map { NamedTimer($0) }
    }

    func timer(_ name: String) -> NamedTimer? { self.timers.first { $0.definition.name == name } }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        for (lane, timer) in self.timers.enumerated() {
            hooks.periodic.append(
                PeriodicTask(
                    "timer \(timer.definition.name)", every: .milliseconds(timer.definition.interval), lane: lane
                ) { worker in
                    if timer.isEnabled { timer.run.turn(on: worker) }
                })
        }
        return hooks
    }

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "timer_enable",
                Argument(
                    "timer",
                    .custom { [self] text, _ in
                        guard let timer = self.timer(text.string) else {
                            throw ArgumentError("there is no timer '\(text)': declare it with declare_timer")
                        }
                        return timer
                    }, "Name of the timer."), Argument("on", .int, "1 switches it on, 0 off."), in: .any,
                summary: "Switches a timer on or off; a route that runs is not stopped.",
                outcomes: [1: "done", -1: "neither 0 nor 1"], example: ""
            ) { route, arguments in
                guard let timer = arguments.object(0, as: NamedTimer.self), let on = arguments.int(1, in: route),
                    (0...1).contains(on)
                else { return .failure }
                timer.enable(on == 1)
                return .success
            }
        ]
    }

    public var selects: [ScriptSelect] {
        [
            ScriptSelect(
                "timer",
                summary: "timer.executed: name of the timer whose route runs; timer.timer.NAME.enabled: 1 or 0."
            ) { [self] parts throws(ArgumentError) in
                if parts == ["executed"] {
                    return { route in route.state(RunningTimer.self).map { .bytes($0.name) } ?? .bytes(ByteString()) }
                }
                guard parts.count == 3, parts[0] == "timer", parts[2] == "enabled" else {
                    throw ArgumentError("timer.executed and timer.timer.NAME.enabled are all there is")
                }
                guard let timer = self.timer(parts[1]) else { throw ArgumentError("there is no timer '\(parts[1])'") }
                return { _ in .bytes(timer.isEnabled ? "1" : "0") }
            }
        ]
    }
}

/// A timer and whether it is on.
final class NamedTimer: Sendable {
    let definition: TimerDeclaration
    let run: RepeatedRoutes
    private let enabled: Atomic<Bool>

    init(_ definition: TimerDeclaration) {
        self.definition = definition
        self.enabled = Atomic(definition.isEnabled)
        let name = ByteString(definition.name)
        self.run = RepeatedRoutes("timer \(definition.name)", routes: [definition.route]) {
            $0.setState(RunningTimer(name))
        }
    }

    var isEnabled: Bool { self.enabled.load(ordering: .relaxed) }
    func enable(_ isOn: Bool) { self.enabled.store(isOn, ordering: .relaxed) }
}

/// Whose route runs in a context.
final class RunningTimer {
    let name: ByteString
    init(_ name: ByteString) { self.name = name }
}
