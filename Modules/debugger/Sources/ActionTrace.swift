import Bytes
import ModuleKit
import Synchronization

/// Sees the actions of scripts while they are traced or stopped.
final class ActionTrace: ScriptTracer {
    private let settings: Debugger.Settings
    private let facility: Int?
    private let tracing: Atomic<Bool>
    private let breaking: Atomic<Bool>
    let paused = PausedScripts()

    init(_ settings: Debugger.Settings) {
        self.settings = settings
        self.facility = SyslogFacility.number(settings.facility.string)
        self.tracing = Atomic(settings.tracesActions)
        self.breaking = Atomic(settings.hasBreakpoint)
    }

    /// Lines are written.
    var isTracing: Bool {
        get { self.tracing.load(ordering: .relaxed) }
        set { self.tracing.store(newValue, ordering: .relaxed) }
    }

    /// Scripts stop before each action.
    var isBreaking: Bool {
        get { self.breaking.load(ordering: .relaxed) }
        set { self.breaking.store(newValue, ordering: .relaxed) }
    }

    /// Runs that start now are to be traced. A script that is stopped is traced until it ends.
    var isActive: Bool { self.isTracing || self.isBreaking || !self.paused.isEmpty }

    // MARK: ScriptTracer

    func willRun(_ action: ScriptAction, in route: RouteContext) -> TraceVerdict {
        if self.isTracing { self.write(self.line(action), in: route) }
        guard self.isBreaking, route.state(FreeRun.self) == nil else { return .goOn }
        self.write("breakpoint hit: \(Self.place(action, hasFile: true))", in: route)
        self.paused.add(PausedScript(Self.description(action), token: route.suspend()), to: route)
        return .pause
    }

    func resumed(_ action: ScriptAction, in route: RouteContext) -> TraceVerdict {
        guard let script = route.state(PausedMark.self)?.script else { return .goOn }
        let verdict = script.takeCommand(in: route, log: { self.write($0, in: route) })
        if verdict == .goOn {
            self.paused.remove(script)
            route.state(PausedMark.self)?.script = nil
        }
        return verdict
    }

    func didRun(_ action: ScriptAction, _ result: Value?, in route: RouteContext) {
        guard self.isTracing, self.settings.logsAssignments, action.kind == .assign else { return }
        let text = result.map { $0.isNull ? "<null>" : route.text($0).string } ?? "nothing, it failed"
        self.write("\(action.name) = \(text)", in: route)
    }

    // MARK: Lines

    private func line(_ action: ScriptAction) -> String {
        let route = action.route == "0" || action.route.isEmpty ? "DEFAULT_ROUTE" : action.route.string
        return "\(Self.kind(action.routeKind))=[\(route)] \(Self.place(action, hasFile: self.settings.format == 0))"
    }

    private static func place(_ action: ScriptAction, hasFile: Bool) -> String {
        let file = hasFile ? "c=[\(action.file)] " : ""
        return "\(file)l=\(action.line) a=\(self.number(action)) n=\(self.name(action))"
    }

    /// As `dbg.bp show` has it.
    static func description(_ action: ScriptAction) -> String {
        "[\(action.file):\(action.line)] a=\(self.number(action)) n=\(self.name(action))"
    }

    private static func name(_ action: ScriptAction) -> String {
        switch action.kind {
        case .assign: "assign"
        case .route: "route"
        default: action.name
        }
    }

    /// The numbers that Kamailio shows for kinds of actions; those of core commands are ours alone: 0.
    private static func number(_ action: ScriptAction) -> Int {
        switch action.kind {
        case .assign: 63
        case .call: 24 + action.argumentCount
        case .command: 0
        case .route: 5
        case .condition: 16
        case .loop: 23
        case .selection: 21
        case .return, .exit, .drop, .break: 2
        }
    }

    private static func kind(_ kind: RouteKinds) -> String {
        switch kind {
        case .failure: "failure_route"
        case .transactionReply, .reply: "onreply_route"
        case .branch: "branch_route"
        case .onsend: "onsend_route"
        case .branchFailure: "branch_failure_route"
        case .event: "event_route"
        default: "request_route"
        }
    }

    func write(_ text: String, in route: RouteContext) {
        let level = LogLevel(rawValue: min(max(self.settings.level, -5), 3)) ?? .error
        let name = self.settings.levelName.isEmpty ? "" : "\(self.settings.levelName): "
        route.program.logger.write(level, facility: self.facility, "\(name)\(self.settings.prefix) \(text)")
    }
}

/// The script runs to its end without stopping.
final class FreeRun {}
