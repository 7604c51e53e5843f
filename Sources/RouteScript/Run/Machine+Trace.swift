import Bytes
import ModuleKit

extension Program {
    /// An action that begins with instruction `start`. Several may begin with one: an `if` and the call in its
    /// condition.
    struct ActionEntry: Sendable {
        var start: Int32
        var kind: ScriptAction.Kind
        var argumentCount: UInt8
        var name: String
    }

    public func place(in context: RouteContext) -> (file: String, line: Int)? {
        guard let frame = (context.execution as? Execution)?.frames.last, frame.pc > 0 else { return nil }
        // The frame goes on after the call that is being made.
        return self.fileAndLine(of: frame.pc - 1)
    }

    /// Who traces a run of this context.
    @inline(__always)
    func tracer(_ context: RouteContext) -> (any ScriptTracer)? {
        if let own = context.tracer { return own }
        guard let ask = self.hooks.tracer else { return nil }
        return ask(context)
    }

    /// Shows the actions that begin with instruction `pc` to the tracer, those that it has not seen before it paused.
    func announce(_ pc: Int, _ execution: Execution, _ context: RouteContext) -> TraceVerdict {
        let paused = execution.pausedAction
        execution.pausedAction = -1
        guard let tracer = execution.tracer, let frame = execution.frames.last else { return .goOn }
        var index = paused >= 0 ? paused : self.firstAction(at: pc)
        while index < self.actions.count, Int(self.actions[index].start) == pc {
            let entry = self.actions[index]
            let (file, line) = self.fileAndLine(of: pc)
            var action = ScriptAction(
                kind: entry.kind, name: entry.name, argumentCount: Int(entry.argumentCount),
                routeKind: context.routeKind, route: self.name(of: frame.route), file: file, line: line)
            if entry.kind == .call || entry.kind == .command,
                self.code[pc].operation == .call || self.code[pc].operation == .messageFlag
            {
                action.arguments = self.calls[Int(self.code[pc].a)].call.arguments
            }
            let verdict =
                index == paused ? tracer.resumed(action, in: context) : tracer.willRun(action, in: context)
            if verdict == .pause {
                execution.pausedAction = index
                execution.isSuspended = true
                return .pause
            }
            index += 1
        }
        return .goOn
    }

    /// The first entry that begins at `pc` or later.
    private func firstAction(at pc: Int) -> Int {
        var low = 0
        var high = self.actions.count
        while low < high {
            let middle = (low + high) / 2
            if Int(self.actions[middle].start) < pc { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Tells the tracer what came of the action that ends with instruction `pc`.
    func trace(
        _ kind: ScriptAction.Kind, _ name: String, argumentCount: Int = 0, _ result: Value?, _ pc: Int,
        _ execution: Execution, _ context: RouteContext
    ) {
        guard let tracer = execution.tracer, let frame = execution.frames.last else { return }
        let (file, line) = self.fileAndLine(of: pc)
        tracer.didRun(
            ScriptAction(
                kind: kind, name: name, argumentCount: argumentCount, routeKind: context.routeKind,
                route: self.name(of: frame.route), file: file, line: line),
            result, in: context)
    }

    /// Tells the tracer the code of the call or route that the topmost frame has just made.
    func traceCode(_ code: Int, _ execution: Execution, _ context: RouteContext) {
        guard let frame = execution.frames.last, frame.pc > 0 else { return }
        // The frame goes on after the call, whose entry is the last one at the place before.
        var index = self.firstAction(at: frame.pc) - 1
        guard index >= 0, Int(self.actions[index].start) == frame.pc - 1 else { return }
        while index > 0, Int(self.actions[index].start) == frame.pc - 1 {
            let entry = self.actions[index]
            if entry.kind == .call || entry.kind == .command || entry.kind == .route { break }
            index -= 1
        }
        let entry = self.actions[index]
        self.trace(
            entry.kind, entry.name, argumentCount: Int(entry.argumentCount), .int(code), frame.pc - 1, execution,
            context)
    }

    /// Shows the assignment to a variable to the tracer.
    /// - Parameters:
    ///   - variable: its number.
    ///   - value: what it was given; nil: it took nothing.
    func traceWrite(
        _ variable: Int, _ value: Value?, _ pc: Int, _ execution: Execution, _ context: RouteContext
    ) {
        self.trace(.assign, self.variables[variable].variable.text, value, pc, execution, context)
    }

    /// Shows a variable that an expression reads to the tracer.
    func traceRead(_ variable: VariableReference, _ value: Value, _ execution: Execution, _ context: RouteContext) {
        execution.tracer?.didRead(variable, value, in: context)
    }
}
