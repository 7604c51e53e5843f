/// What a script function answers.
///
/// Modules never call the script. Where a route has to run in the middle of a function (a branch route inside
/// `t_relay`), the function returns `run`, and the machine comes back through the continuation.
public enum Outcome {
    /// Above 0 true, below 0 false, 0 stops the script.
    case code(Int)
    /// Runs a route in the same context, then goes on in `call.then`.
    case run(RouteCall)
    /// The worker takes the next message; `RouteContext.suspend()` gave the token that wakes this one.
    case suspended(Continuation?)

    @inlinable public static var success: Outcome { .code(1) }
    @inlinable public static var failure: Outcome { .code(-1) }
    /// Ends the script like `exit`.
    @inlinable public static var stop: Outcome { .code(0) }
}

extension Outcome: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self = .code(value) }
}

/// A route to run and what to do when it has ended.
public final class RouteCall {
    public let route: RouteID
    public let kind: RouteKinds
    public let then: (RouteContext, RouteResult) -> Outcome
    /// The route runs as if the script had called it: in the present kind, its code is the function's, and `exit` and
    /// `drop` in it end the script.
    public let isScriptCall: Bool

    /// A route that the script itself might have called.
    public init(asScript route: RouteID) {
        self.route = route
        self.kind = .any
        self.then = { _, result in .code(result.code) }
        self.isScriptCall = true
    }

    /// - Parameter route: a route of `RouteContext.program`; an absent one counts as ended with 1.
    public init(route: RouteID, kind: RouteKinds, then: @escaping (RouteContext, RouteResult) -> Outcome) {
        self.route = route
        self.kind = kind
        self.then = then
        self.isScriptCall = false
    }

    /// Does what is to follow the route. By itself: the closure need not be counted.
    @inline(never)
    public func follow(_ result: RouteResult, in context: RouteContext) -> Outcome { self.then(context, result) }
}

/// How a route ended.
public struct RouteResult: Sendable {
    /// Code of the last action, of `return` or of `exit`.
    public var code: Int
    /// `drop` ended it.
    public var isDropped: Bool
    /// `exit`, `drop`, a stopping function or an error ended the whole script.
    public var isStopped: Bool

    public init(code: Int, isDropped: Bool = false, isStopped: Bool = false) {
        self.code = code
        self.isDropped = isDropped
        self.isStopped = isStopped
    }
}

/// What to do when a suspended function is resumed.
public final class Continuation {
    public let body: (RouteContext, ResumeResult) -> Outcome
    public init(_ body: @escaping (RouteContext, ResumeResult) -> Outcome) { self.body = body }
}

/// What a suspended script is woken with.
public struct ResumeResult: Sendable {
    public var code: Int
    public var payload: (any Sendable)?
    public init(code: Int, payload: (any Sendable)? = nil) {
        self.code = code
        self.payload = payload
    }
}
