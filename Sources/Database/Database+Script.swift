import Bytes
import ModuleKit

extension Database {
    /// Suspends the script while `work` is done; `then` goes on with what came of it.
    ///
    /// What `work` needs of the message is read before and captured by value: the message belongs to the worker.
    /// - Parameter timeout: nil: the driver's; then the script gets `timedOut`.
    public func ask<T: Sendable>(
        _ route: RouteContext, _ access: DatabaseAccess = .read, within timeout: Interval? = nil,
        _ work: @escaping @Sendable (DatabaseSession) throws -> T,
        then: @escaping (RouteContext, Result<T, DatabaseError>) -> Outcome
    ) -> Outcome {
        let token = route.suspend()
        self.perform(access, within: timeout, work) { result in
            token.resume(ResumeResult(code: 1, payload: result))
        }
        return .suspended(
            Continuation { route, result in
                // Woken without an answer: too many scripts wait.
                let answer =
                    result.payload as? Result<T, DatabaseError>
                    ?? .failure(DatabaseError(.overloaded, "too many scripts wait"))
                return then(route, answer)
            })
    }
}
