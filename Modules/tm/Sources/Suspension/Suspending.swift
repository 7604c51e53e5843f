import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// Whether the script of a transaction waits for something, with the caller quenched and a timer running.
///
/// ```
///             suspend                        continue
///   running ──────────▶ waiting ─────────────────────▶ running
///                          │
///                          │ fr_timer: 408; CANCEL: 487; a reply from elsewhere
///                          ▼
///                        over     the script never goes on
/// ```
enum Suspension: UInt8, Sendable, BitwiseCopyable { case running, waiting, over }

/// Marks a context whose script goes on in a transaction that was suspended: at the end an answer is due.
final class ContinuedTransaction {
    init() {}
}

extension Transactions {
    /// What became of a request to suspend.
    public enum Suspending: Sendable {
        case waiting(TransactionID)
        /// The request repeats one that has a transaction, whose last reply was sent again; or it was refused with 503.
        case repeated
        /// It has its final reply, waits already, or there is no room.
        case refused
    }

    /// Suspends the transaction of the request in `route`, creating it when there is none: the caller gets a 100
    /// (INVITE), retransmissions find the transaction, `fr_timer` runs.
    /// - Parameter keepingEdits: whether the script goes on in another context, made from what is kept here.
    public func suspend(_ route: RouteContext, keepingEdits: Bool) -> Suspending {
        guard route.isRequest else { return .refused }
        switch route.message.method {
        case .ack, .cancel: return .refused
        default: break
        }
        if route.transaction == 0, self.begin(route) == nil {
            return route.transaction != 0 || route.options.contains(.hasReplied) ? .repeated : .refused
        }
        let id = route.transactionID
        if keepingEdits || route.routeKind == .request { self.keep(route, id, edits: keepingEdits) }
        let mustTry = self.table.withTransaction(id) { $0.isInvite && $0.lastStatus == 0 && $0.server.isOpen }
        if mustTry == true, self.sendsTrying(route) { self.sendTrying(route, id) }
        let now = route.worker.now
        let isWaiting = self.table.withStripe(id) { stripe, handle -> Bool in
            let wait = stripe.records.withRecord(handle) { record -> Interval? in
                guard record.server.isOpen, record.suspension == .running else { return nil }
                record.suspension = .waiting
                return record.timers.finalResponse
            }
            guard let found = wait, let interval = found else { return false }
            let timer = stripe.wheel.arm(
                TimerPayload(handle: handle, branch: 0, role: .suspension, timer: .timerF), at: now + interval)
            stripe.records.withRecord(handle) { $0.suspensionTimer = timer ?? .none }
            return true
        }
        return isWaiting == true ? .waiting(id) : .refused
    }

    /// Lets the script of a suspended transaction go on in `route`.
    /// - Returns: false when the transaction has got its final reply meanwhile, or is gone: the script must not run.
    public func resume(_ id: TransactionID, in route: RouteContext) -> Bool {
        guard self.endWait(id) else { return false }
        route.transaction = id.rawValue
        route.setState(ContinuedTransaction())
        return true
    }

    /// Takes the transaction out of its wait.
    func endWait(_ id: TransactionID) -> Bool {
        self.table.withStripe(id) { stripe, handle -> Bool in
            let timer = stripe.records.withRecord(handle) { record -> TimerHandle? in
                guard record.suspension == .waiting, record.server.isOpen else { return nil }
                record.suspension = .running
                defer { record.suspensionTimer = .none }
                return record.suspensionTimer
            }
            guard let found = timer, let armed = found else { return false }
            if !armed.isNone { _ = stripe.wheel.cancel(armed) }
            return true
        } ?? false
    }

    /// Goes on with a suspended transaction, named by the two halves of its identifier, in `route` of its program.
    /// - Returns: false when there is none that waits.
    public func proceed(_ id: TransactionID, with name: ByteString, by worker: any WorkerServices) -> Bool {
        guard let found = self.table.withTransaction(id, { $0.request }), let request = found else { return false }
        let route = request.program.route(.request, named: name)
        guard route.isPresent, self.endWait(id), let context = self.requestContext(request, worker) else {
            return false
        }
        self.fill(context, id)
        context.setState(ContinuedTransaction())
        worker.schedule(
            RouteCall(route: route, kind: .failure) { [self] route, _ in
                self.answerIfForgotten(route)
                return .success
            },
            in: context)
        return true
    }

    /// Gives a context of the transaction's request what the transaction keeps of its script.
    func fill(_ context: RouteContext, _ id: TransactionID) {
        context.transaction = id.rawValue
        guard
            let kept = self.table.withTransaction(id, { ($0.flags, $0.extendedFlags, $0.attributes) })
        else { return }
        context.flags = kept.0
        context.extendedFlags = kept.1
        context.attributes = kept.2
    }

    /// Takes over what the script has changed so far. Routes it has armed are there already.
    func keep(_ route: RouteContext, _ id: TransactionID, edits: Bool) {
        let armed = self.table.withTransaction(id) { $0.routes.failure.isPresent } ?? false
        let request = StoredRequest(route, keepingEdits: edits || armed)
        _ = self.table.withTransaction(id) { record in
            record.flags = route.flags
            record.extendedFlags = route.extendedFlags
            record.attributes = route.attributes
            if !record.marks.contains(.hasSavedEdits) { record.request = request }
        }
    }

    /// A continued script that has ended without an answer or a relayed request leaves the caller waiting: 500.
    func answerIfForgotten(_ route: RouteContext) {
        guard route.state(ContinuedTransaction.self) != nil else { return }
        let id = route.transactionID
        let isForgotten = self.table.withTransaction(id) { record in
            record.server.isOpen && record.suspension == .running && !record.isForking && !record.isFailing
                && record.responses.open.isEmpty
        }
        guard isForgotten == true else { return }
        self.sendLocalReply(route, id, 500, InternalFailure.unspecified.reason("TM"))
    }

    /// `fr_timer` has ended the wait: counts as a branch that did not answer, so a failure route runs, or 408 is sent.
    func suspensionExpired(_ stripe: inout TransactionStripe, _ handle: Handle) -> Bool {
        stripe.records.withRecord(handle) { record in
            record.suspensionTimer = .none
            guard record.suspension == .waiting, record.server.isOpen else { return false }
            record.suspension = .over
            record.isFailing = false
            guard record.responses.add() == record.branches.count else { return false }
            let number = record.branches.count
            record.branches.append(Branch(notSentIn: record))
            record.responses.sent(number)
            return record.responses.timeOut(number, policy: record.policy).isComplete
        } ?? false
    }

    /// The caller cancels a transaction in which nothing is under way: it gets its 487 at once (RFC 3261 §9.2).
    func terminate(_ id: TransactionID, by worker: any WorkerServices) {
        guard let found = self.table.withTransaction(id, { $0.request }), let request = found,
            let context = self.requestContext(request, worker)
        else { return }
        self.fill(context, id)
        self.sendLocalReply(context, id, 487, "Request canceled")
        worker.recycle(context)
    }
}

extension Branch {
    /// Stands for the wait of a script: over before it began, so that the rules for branches say what comes next.
    init(notSentIn record: borrowing TransactionRecord) {
        var machine = NonInviteClientTransaction(isReliable: true)
        _ = machine.transportFailed()
        self.init(machine: .other(machine), destination: record.replyDestination, sent: ByteString(), uri: ByteString())
    }
}
