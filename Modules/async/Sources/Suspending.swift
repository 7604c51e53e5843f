import Bytes
import ModuleKit
import SIPMessage
import tm

extension AsyncRoutes {
    /// Suspends the transaction of `route`; after `interval` goes on with `target`, or where the script is.
    func suspend(_ route: RouteContext, for interval: Interval, thenRun target: RouteID?) -> Outcome {
        guard let transactions = self.transactions else {
            route.log(.error, "mode 1 of the async module does without transactions: nothing can be suspended")
            return .failure
        }
        guard self.settings.successCode == 0 else {
            return self.split(route, transactions, after: interval, target)
        }
        switch transactions.suspend(route, keepingEdits: false) {
        case .repeated: return .stop
        case .refused: return .failure
        case .waiting(let id):
            let token = route.suspend()
            // A woken script is never at once where it was: others have their turn first.
            route.worker.host.wake(token, after: max(interval, .milliseconds(1)), code: 1)
            return .suspended(
                Continuation { route, result in
                    guard transactions.resume(id, in: route) else {
                        route.log(.notice, "the transaction was ended while its script waited: it does not go on")
                        return .stop
                    }
                    guard result.code > 0 else { return .failure }
                    // What was added for the request before counts no more; as after a failure, new branches do.
                    route.branches.removeAll()
                    route.routeKind = .failure
                    guard let target else { return .success }
                    return .run(RouteCall(route: target, kind: .failure) { _, _ in .stop })
                })
        }
    }

    /// `return` is not 0: this script goes on, and what is suspended goes on later by itself, from the stored request.
    private func split(
        _ route: RouteContext, _ transactions: Transactions, after interval: Interval, _ target: RouteID?
    ) -> Outcome {
        guard let target else {
            route.log(.error, "a script cannot both wait and go on: set the async module's parameter return to 0")
            return .failure
        }
        switch transactions.suspend(route, keepingEdits: true) {
        case .repeated: return .stop
        case .refused: return .failure
        case .waiting(let id):
            let name = route.program.name(of: target)
            self.host.perform(after: interval) { worker in
                _ = transactions.proceed(id, with: name, by: worker)
            }
            return .code(self.settings.successCode)
        }
    }

    // MARK: Tasks

    /// Has an event worker run the route with a request made up here.
    func runTask(_ name: ByteString, _ data: ByteString, _ route: RouteContext) -> Outcome {
        let program = route.program
        let target = program.route(.request, named: name)
        guard target.isPresent else {
            route.log(.error, "there is no route[\(name)]")
            return .failure
        }
        self.host.perform(after: .zero) { worker in
            guard let context = worker.makeLocalContext(program: program) else { return }
            context.setState(AsyncData(data))
            worker.schedule(RouteCall(route: target, kind: .request) { _, _ in .success }, in: context)
        }
        return .success
    }

    /// Has an event worker run `event_route[core:tkv]`.
    func emit(_ event: AsyncEvent, _ route: RouteContext) {
        let program = route.program
        let target = program.route(.event, named: "core:tkv")
        guard target.isPresent else { return }
        self.host.perform(after: .zero) { worker in
            guard let context = worker.makeLocalContext(program: program) else { return }
            context.setState(event)
            worker.schedule(RouteCall(route: target, kind: .event) { _, _ in .success }, in: context)
        }
    }
}

/// The text of a task, kept with its request.
final class AsyncData: Sendable {
    let text: ByteString
    init(_ text: ByteString) { self.text = text }
}

/// What `event_route[core:tkv]` is about.
final class AsyncEvent: Sendable {
    let type: Int
    let key: ByteString
    let value: ByteString

    init(type: Int, key: ByteString, value: ByteString) {
        self.type = type
        self.key = key
        self.value = value
    }
}
