import Bytes

/// The answer to an RPC command that is not known at once: given once, from any thread.
public final class RPCAnswer: Sendable {
    public typealias Outcome = Result<[RPCValue], RPCFault>

    private struct State {
        var outcome: Outcome?
        var listener: (@Sendable (Outcome) -> Void)?
    }

    private let state = Lock(State())

    public init() {}

    /// What was answered; nil so far.
    public var outcome: Outcome? { self.state.withLock { $0.outcome } }

    /// Has `body` called with the answer: at once when it is there, else by whoever gives it. One listener.
    public func whenGiven(_ body: @escaping @Sendable (Outcome) -> Void) {
        let known = self.state.withLock { state -> Outcome? in
            if state.outcome == nil { state.listener = body }
            return state.outcome
        }
        if let known { body(known) }
    }

    public func give(_ values: [RPCValue]) { self.end(.success(values)) }
    public func refuse(_ fault: RPCFault) { self.end(.failure(fault)) }

    private func end(_ outcome: Outcome) {
        let listener = self.state.withLock { state -> (@Sendable (Outcome) -> Void)? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            defer { state.listener = nil }
            return state.listener
        }
        listener?(outcome)
    }
}
