import Bytes
import ModuleKit

/// The state of one run: frames and operands. Lives in `RouteContext.execution`, is reused with the context, and is all
/// that is kept while a script is suspended.
final class Execution {
    /// A route being run.
    struct Frame {
        var route: RouteID
        var pc: Int
        /// Kind that the context had before.
        var outerKind: RouteKinds
        /// Code of the last action.
        var code: Int
        /// What to do with the route's code: of a route called by the script.
        var mode: CallMode
        /// What to do when it ends: of a route that a module asked for.
        var call: ModuleKit.RouteCall?
        /// Operands that belong to frames below.
        var stackBase: Int
        /// The context had another kind before, `outerKind`; a route called by the script goes on in the same.
        var changesKind = true
    }

    let frames = ElementStack<Frame>(capacity: 4)
    let stack = ElementStack<Value>(capacity: 8)
    private let state = Cell(State())

    private struct State: BitwiseCopyable {
        var hasFailed = false
        var fuel = 0
        var detachedDepth = 0
    }

    /// An operator failed (division by zero): what its expression was for does not happen.
    var hasFailed: Bool {
        get { self.state.value.hasFailed }
        set { self.state.value.hasFailed = newValue }
    }
    /// Instructions left before the script is stopped, as far as loops and routes run them.
    var fuel: Int {
        get { self.state.value.fuel }
        set { self.state.value.fuel = newValue }
    }
    /// The log has said that routes are nested too deeply.
    var hasBeenTooDeep = false
    /// Number of frames of which the topmost runs the rest of a block and ends the script with it; 0 for none.
    var detachedDepth: Int {
        get { self.state.value.detachedDepth }
        set { self.state.value.detachedDepth = newValue }
    }
    /// Set while suspended: what to do with the result, and what the interrupted call wanted its code for.
    var continuation: Continuation?
    var pendingMode: CallMode?
    var isSuspended = false
    /// The log prefix is being made: what is logged meanwhile goes without.
    var isMakingPrefix = false
    /// Who sees the actions of this run.
    var tracer: (any ScriptTracer)?
    /// The action before which the tracer paused the run, as an index into `Program.actions`; -1 otherwise.
    var pausedAction = -1

    func reset(fuel: Int) {
        self.frames.removeAll()
        self.stack.removeAll()
        self.fuel = fuel
        self.hasFailed = false
        self.hasBeenTooDeep = false
        self.detachedDepth = 0
        self.continuation = nil
        self.pendingMode = nil
        self.isSuspended = false
        self.pausedAction = -1
    }
}

/// What became of a run.
public enum RunState {
    case ended(RouteResult)
    /// Stored in the context; `Program.resume` goes on.
    case suspended
}

extension Program {
    private func has(_ route: RouteID) -> Bool { self.routes.indices.contains(Int(route.index)) }

    func execution(_ context: RouteContext) -> Execution {
        if let known = context.execution as? Execution { return known }
        let made = Execution()
        context.execution = made
        return made
    }

    /// Runs a route of this program.
    public func start(_ route: RouteID, kind: RouteKinds, in context: RouteContext) -> RunState {
        let execution = self.execution(context)
        execution.reset(fuel: self.settings.scriptFuel)
        execution.tracer = self.tracer(context)
        context.scriptFlags = 0
        guard self.has(route) else { return .ended(RouteResult(code: 1)) }
        self.push(route, kind, .statement, nil, execution, context)
        return self.run(execution, context)
    }

    /// Runs a route and what is to follow it.
    public func start(_ call: ModuleKit.RouteCall, in context: RouteContext) -> RunState {
        let execution = self.execution(context)
        execution.reset(fuel: self.settings.scriptFuel)
        execution.tracer = self.tracer(context)
        context.scriptFlags = 0
        return self.take(.run(call), nil, execution, context)
    }

    /// Goes on with what a hook returned.
    public func start(_ outcome: Outcome, in context: RouteContext) -> RunState {
        if case .code(let code) = outcome { return .ended(RouteResult(code: code)) }
        let execution = self.execution(context)
        execution.reset(fuel: self.settings.scriptFuel)
        execution.tracer = self.tracer(context)
        return self.take(outcome, nil, execution, context)
    }

    /// Shrinks the state of a suspended run to what it needs: thousands may wait.
    public func trim(_ context: RouteContext) {
        guard let execution = context.execution as? Execution else { return }
        execution.frames.shrink()
        execution.stack.shrink()
    }

    /// Goes on with a suspended run.
    public func resume(_ result: ResumeResult, in context: RouteContext) -> RunState {
        guard let execution = context.execution as? Execution, execution.isSuspended else {
            return .ended(RouteResult(code: -1))
        }
        execution.isSuspended = false
        execution.tracer = self.tracer(context)
        if execution.pausedAction >= 0 {
            // Nobody traces any more: the untraced loop knows nothing of pauses.
            if execution.tracer == nil { execution.pausedAction = -1 }
            return self.run(execution, context)
        }
        let mode = execution.pendingMode
        let continuation = execution.continuation
        execution.continuation = nil
        execution.pendingMode = nil
        let outcome = continuation?.body(context, result) ?? .code(result.code)
        return self.take(outcome, mode, execution, context)
    }

    /// Handles an outcome of a function (`mode` says what its code is for) or of a hook (nil), then runs on.
    private func take(
        _ outcome: consuming Outcome, _ mode: CallMode?, _ execution: Execution, _ context: RouteContext
    ) -> RunState {
        switch self.absorb(consume outcome, mode, execution, context) {
        case .goOn: return self.run(execution, context)
        case .handOver(let other): return other.run(execution, context)
        case .suspended: return .suspended
        case .ended(let result): return .ended(result)
        }
    }

    /// How the machine goes on after an outcome.
    enum Step {
        case goOn
        /// The frames belong to another program from here on.
        case handOver(Program)
        case suspended
        case ended(RouteResult)
    }

    func absorb(
        _ first: consuming Outcome, _ mode: CallMode?, _ execution: Execution, _ context: RouteContext
    ) -> Step {
        var outcome = consume first
        while true {
            switch consume outcome {
            case .code(let code):
                guard let mode, !execution.frames.isEmpty else { return .ended(RouteResult(code: code)) }
                return self.deliver(code, mode, execution, context)
            case .run(let call):
                // A reply arrives at the configuration in force, and goes on with that of its transaction.
                if !context.goes(by: self), execution.frames.isEmpty, let other = context.program as? Program {
                    let step = other.absorb(.run(call), mode, execution, context)
                    if case .goOn = step { return .handOver(other) }
                    return step
                }
                guard self.has(call.route) else {
                    outcome = call.then(context, RouteResult(code: 1))
                    continue
                }
                guard execution.frames.count < self.settings.maxRecursiveLevel else {
                    context.log(.error, "routes are nested more than \(self.settings.maxRecursiveLevel) deep")
                    outcome = call.then(context, RouteResult(code: -1))
                    continue
                }
                if call.isScriptCall, let mode {
                    self.push(call.route, context.routeKind, mode, nil, execution, context)
                } else {
                    let (route, kind) = (call.route, call.kind)
                    self.push(route, kind, mode ?? .statement, consume call, execution, context)
                }
                return .goOn
            case .suspended(let continuation):
                execution.continuation = continuation
                execution.pendingMode = mode
                execution.isSuspended = true
                return .suspended
            }
        }
    }

    /// Gives a function's code to the script that called it.
    private func deliver(_ code: Int, _ mode: CallMode, _ execution: Execution, _ context: RouteContext) -> Step {
        if execution.tracer != nil { self.traceCode(code, execution, context) }
        self.give(code, mode, execution, context)
        // A module function that returns 0 ends the script (language §7).
        if code == 0, !mode.isQuiet { return self.stop(code: 0, isDropped: false, execution, context) }
        return .goOn
    }

    /// Stores a code where `mode` wants it.
    @inline(__always)
    func give(_ code: Int, _ mode: CallMode, _ execution: Execution, _ context: RouteContext) {
        if !mode.isQuiet { context.returnCode = code }
        switch mode.use {
        case .truth: execution.stack.append(.int(code > 0 ? 1 : 0))
        case .raw: execution.stack.append(.int(code))
        default: execution.frames[execution.frames.count - 1].code = code
        }
    }

    func push(
        _ route: RouteID, _ kind: RouteKinds, _ mode: CallMode, _ call: consuming ModuleKit.RouteCall?,
        _ execution: Execution, _ context: RouteContext
    ) {
        let index = Int(route.index)
        execution.fuel &-= self.routes[index].length
        execution.frames.append(
            Execution.Frame(
                route: route, pc: self.routes[index].start, outerKind: context.routeKind, code: 1,
                mode: mode, call: call, stackBase: execution.stack.count))
        context.routeKind = kind
    }

    /// Pushes a route that the script calls.
    @inline(__always)
    func pushSubroute(_ route: RouteID, _ mode: CallMode, _ execution: Execution) {
        let index = Int(route.index)
        execution.fuel &-= self.routes[index].length
        execution.frames.append(
            Execution.Frame(
                route: route, pc: self.routes[index].start, outerKind: [], code: 1, mode: mode, call: nil,
                stackBase: execution.stack.count, changesKind: false))
    }

    /// Returns from a route that the script called, whose frame is number `top`.
    /// - Returns: false, with nothing done, for any other frame.
    @inline(__always)
    func returnInside(
        _ code: Int, _ top: Int, _ execution: Execution, _ context: RouteContext, isTraced: Bool
    ) -> Bool {
        guard top > 0, execution.detachedDepth == 0, !execution.frames[top].changesKind else { return false }
        let mode = execution.frames[top].mode
        let base = execution.frames[top].stackBase
        execution.frames.truncate(to: top)
        if execution.stack.count > base { execution.stack.truncate(to: base) }
        if isTraced { self.traceCode(code, execution, context) }
        self.give(code, mode, execution, context)
        return true
    }

    /// `exit`, `drop`, a stopping function: unwinds to the route that a module asked for, or to the end.
    func stop(code: Int, isDropped: Bool, _ execution: Execution, _ context: RouteContext) -> Step {
        context.returnCode = code
        execution.hasFailed = false
        execution.detachedDepth = 0
        while !execution.frames.isEmpty {
            let top = execution.frames.count - 1
            if execution.frames[top].call != nil {
                return self.leave(RouteResult(code: code, isDropped: isDropped, isStopped: true), execution, context)
            }
            if execution.frames[top].changesKind { context.routeKind = execution.frames[top].outerKind }
            execution.frames.truncate(to: top)
        }
        execution.stack.removeAll()
        return .ended(RouteResult(code: code, isDropped: isDropped, isStopped: true))
    }

    /// The topmost route has ended.
    func leave(_ result: RouteResult, _ execution: Execution, _ context: RouteContext) -> Step {
        if execution.detachedDepth == execution.frames.count, execution.detachedDepth > 0 {
            return self.stop(code: result.code, isDropped: result.isDropped, execution, context)
        }
        guard !execution.frames.isEmpty else { return .ended(result) }
        // In parts: as a whole it would be copied.
        let top = execution.frames.count - 1
        let mode = execution.frames[top].mode
        let stackBase = execution.frames[top].stackBase
        if execution.frames[top].changesKind { context.routeKind = execution.frames[top].outerKind }
        let call = execution.frames[top].call.take()
        execution.frames.truncate(to: top)
        if execution.stack.count > stackBase { execution.stack.truncate(to: stackBase) }
        if let call = consume call {
            return self.absorb(
                call.follow(result, in: context), execution.frames.isEmpty ? nil : mode, execution, context)
        }
        guard !execution.frames.isEmpty else { return .ended(result) }
        if execution.tracer != nil { self.traceCode(result.code, execution, context) }
        self.give(result.code, mode, execution, context)
        return .goOn
    }
}
