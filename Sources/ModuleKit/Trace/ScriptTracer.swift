import Bytes

/// One action of a script: a statement, or a call inside of an expression. Made only while somebody traces.
public struct ScriptAction: Sendable {
    public enum Kind: UInt8, Sendable, BitwiseCopyable {
        case assign
        /// A function of a module.
        case call
        /// A core command.
        case command
        case route
        case condition, loop, selection
        case `return`, exit, drop, `break`
    }

    public var kind: Kind
    /// The function, the variable as the script wrote it, the route; the keyword of every other statement.
    public var name: String
    /// Arguments that the script gave to a call.
    public var argumentCount: Int
    /// Kind of the outermost route being run.
    public var routeKind: RouteKinds
    /// Name of the block that the action stands in, empty for blocks without one.
    public var route: ByteString
    public var file: String
    /// Counted from 1: where the action begins.
    public var line: Int
    /// What the script gave to a call; those that are computed can be read while it is about to run.
    public var arguments = Arguments.none

    public init(
        kind: Kind, name: String, argumentCount: Int, routeKind: RouteKinds, route: ByteString, file: String, line: Int
    ) {
        self.kind = kind
        self.name = name
        self.argumentCount = argumentCount
        self.routeKind = routeKind
        self.route = route
        self.file = file
        self.line = line
    }
}

/// Whether an action runs at once.
public enum TraceVerdict: Sendable {
    case goOn
    /// The tracer holds the token of `RouteContext.suspend()`; the action runs when it is resumed, with any code.
    case pause
}

/// Sees the actions of the scripts that it traces. Called by the worker that runs the script, so it must not block.
///
/// This is the one hook into the script machine. A run is traced when `RouteContext.tracer` is set (a simulation, a
/// test), else when the first `ModuleHooks.tracer` of the program gives a tracer (the debugger); it is asked when a run
/// starts and when it is resumed. The machine has two copies of its loop, made of one source: an untraced run goes
/// through the one that has no trace of all this.
public protocol ScriptTracer: AnyObject, Sendable {
    /// The action is about to run. Of a call with arguments, these have been computed; of an assignment nothing has.
    func willRun(_ action: ScriptAction, in route: RouteContext) -> TraceVerdict
    /// The run that paused before this action has been woken: it goes on with the action, or pauses again.
    func resumed(_ action: ScriptAction, in route: RouteContext) -> TraceVerdict
    /// What came of it: the value that was assigned (`$null` as well), the code of a call or of a route, 1 or 0 of the
    /// condition of an `if` or a `while`, the subject of a `switch`. Nothing follows `return`, `exit`, `drop`, `break`.
    /// An assignment that did not happen, because its expression failed or the variable refused, gives nil.
    func didRun(_ action: ScriptAction, _ result: Value?, in route: RouteContext)
    /// An expression read a variable. What a function reads of itself is not seen.
    func didRead(_ variable: VariableReference, _ value: Value, in route: RouteContext)
}

extension ScriptTracer {
    public func didRead(_ variable: VariableReference, _ value: Value, in route: RouteContext) {}
}

extension ScriptTracer {
    public func resumed(_ action: ScriptAction, in route: RouteContext) -> TraceVerdict { .goOn }
}
