import Bytes
import ModuleKit

/// One suspended script: holds its context until somebody wakes it.
///
/// The wake-up may come before the worker has put the context in: then the worker finds it here and goes on at once.
final class SuspensionToken: ResumeToken {
    private enum State {
        case running
        case wokenEarly(ResumeResult)
        case parked(RouteContext)
        case over
    }

    private let state = Lock(State.running)
    private let server: Server

    init(server: Server) { self.server = server }

    /// Puts the context in. Gives the result back when the wake-up was faster.
    func park(_ context: RouteContext) -> ResumeResult? {
        self.state.withLock { state in
            if case .wokenEarly(let result) = state {
                state = .parked(context)
                return result
            }
            state = .parked(context)
            return nil
        }
    }

    /// Takes the context out, once.
    func take() -> RouteContext? {
        self.state.withLock { state in
            guard case .parked(let context) = state else { return nil }
            state = .over
            return context
        }
    }

    func resume(_ result: ResumeResult) {
        let isParked = self.state.withLock { state in
            switch state {
            case .running:
                state = .wokenEarly(result)
                return false
            case .parked: return true
            case .wokenEarly, .over: return false
            }
        }
        if isParked { self.server.resume(self, result) }
    }
}
