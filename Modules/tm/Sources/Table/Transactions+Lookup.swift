import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// What the script wants for a transaction that does not exist yet.
final class TransactionIntent {
    var routes = ArmedRoutes()
    var timers: TransactionTimers?
    /// Set by `t_relay` when it failed for a transaction that it had created: an answer is due at the end.
    var owesErrorReply = false
    var suppressesErrorReply = false
    /// Only the script can bring the transaction to an end, and has to until it ends itself: it has begun it, or a relay
    /// has failed whose failure it wants to answer.
    var isLeftToScript = false
    /// That relay may have sent a 100.
    var hasFailedRelay = false
    var sendsTrying: Bool?
    var disablesSixHundredBlock = false
    var replyEditor: (any ReplyEditor)?
    var marks: TransactionMarks = []
    init() {}
}

/// What the first branch of a transaction that was just made has to know of it.
struct FirstBranch: BitwiseCopyable {
    var random: UInt64
    /// The branch route.
    var route: RouteID
}

extension RouteContext {
    var transactionID: TransactionID { TransactionID(rawValue: self.transaction) }

    /// The intent attached to the message, made when there is none.
    var transactionIntent: TransactionIntent {
        if let intent = self.state(TransactionIntent.self) { return intent }
        let intent = TransactionIntent()
        self.setState(intent)
        return intent
    }
}

extension Transactions {
    enum Lookup {
        case new
        /// A retransmission; the last reply was sent again.
        case retransmission
    }

    /// Looks for the transaction that the request repeats; when there is one, repeats its last reply.
    func absorbRetransmission(_ route: RouteContext) -> Lookup {
        let message = route.message
        let hash = TransactionTable.hash(message)
        let rules = self.settings.matching(route.configuration)
        let stripeIndex = self.table.index(of: hash)
        let found = self.table.stripes.withStripe(at: stripeIndex) {
            stripe -> (TransactionID, Repetition)? in
            let handle = stripe.find(message, hash: hash, created: nil, rules)
            guard !handle.isNone else { return nil }
            return stripe.records.withRecord(handle) { record in
                (TransactionID(stripe: stripeIndex, handle: handle), record.repeated())
            }
        }
        guard let (id, repetition) = found else { return .new }
        route.transaction = id.rawValue
        self.answer(repetition, by: route.worker)
        return .retransmission
    }

    /// Answers a request that came again as it was answered before.
    private func answer(_ repetition: Repetition, by worker: any WorkerServices) {
        if !repetition.reply.isEmpty {
            self.send(repetition.reply, to: repetition.destination, token: 0, by: worker)
        } else if let request = repetition.trying, let context = self.requestContext(request, worker) {
            let buffer = worker.outgoing()
            let reason = context[self.settings.tryingReason]
            self.reply.write(100, reason.span, for: context, from: .transaction, into: buffer)
            worker.send(buffer, to: repetition.destination, token: 0)
            worker.recycle(context)
        }
    }

    /// Creates the transaction of the request in `route`.
    /// - Parameter order: what it is relayed by at once.
    /// - Returns: nil when one exists already (its last reply has then been repeated) or there is no room (it has then
    ///   been refused: `withoutTransaction`); else what its first branch has to know.
    func begin(_ route: RouteContext, relayedBy order: RelayOrder? = nil) -> FirstBranch? {
        let message = route.message
        let hash = TransactionTable.hash(message)
        let configuration = route.configuration
        let rules = self.settings.matching(configuration)
        if self.isFullFor(route, hash, rules) {
            self.refuse(route, relayedBy: order)
            return nil
        }
        let now = route.worker.now
        let isReliable = route.arrival.transport.isReliable
        let intent = route.state(TransactionIntent.self)
        let observers = self.observers.read { $0 }
        let request = StoredRequest(route, keepingEdits: intent?.routes.failure.isPresent ?? false)
        var record = TransactionRecord(
            hash: hash, key: MatchingKey(message), cSeq: message.cSeq.number, method: message.method,
            server: message.method == .invite
                ? .invite(InviteServerTransaction(isReliable: isReliable))
                : .other(NonInviteServerTransaction(isReliable: isReliable)),
            program: route.program, request: request, replyDestination: self.reply.destination(for: route),
            timers: self.initialTimers(route, intent, configuration), created: now,
            responses: BranchSet(isInvite: message.method == .invite), policy: self.settings.policy(configuration)
        )
        record.flags = route.flags
        record.extendedFlags = route.extendedFlags
        record.attributes = route.attributes
        record.routes = intent?.routes ?? ArmedRoutes()
        record.replyEditor = intent?.replyEditor
        record.isObserved = Self.areWanted(observers.span, route)
        if let intent {
            record.marks = intent.marks
            if intent.disablesSixHundredBlock { record.policy.blocksOn6xx = false }
        }
        if let order {
            record.isForking = true
            record.marks.formUnion(order.marks)
        }
        let branchRoute = record.routes.branch
        switch self.takeIn(record, message, rules, in: self.stripes) {
        case .created(let id, let random):
            route.transaction = id.rawValue
            if order == nil { route.transactionIntent.isLeftToScript = true }
            let worker = route.worker
            worker.count(self.counters.uas)
            worker.count(self.counters.created)
            return FirstBranch(random: random, route: branchRoute)
        case .exists(let id, let repetition):
            route.transaction = id.rawValue
            self.answer(repetition, by: route.worker)
            return nil
        case .full:
            route.log(.error, "no room for another transaction")
            return nil
        case .crowded:
            self.refuse(route, relayedBy: order)
            return nil
        }
    }

    /// Whether one of the observers wants to hear of the transaction that the request begins.
    private static func areWanted(_ observers: Span<any TransactionObserver>, _ route: RouteContext) -> Bool {
        for index in observers.indices where observers[index].wants(route) { return true }
        return false
    }

    private enum Entry {
        case created(TransactionID, random: UInt64)
        case exists(TransactionID, Repetition)
        case full
        case crowded
    }

    /// Enters a transaction, unless there is one of the same request. By itself: what is handed in is borrowed, and need
    /// not be counted.
    @inline(never)
    private func takeIn(
        _ record: consuming TransactionRecord, _ message: Message, _ rules: MatchingRules,
        in stripes: StripedTable<TransactionStripe>
    ) -> Entry {
        let hash = record.hash
        let index = stripes.index(of: hash)
        let limit = self.bound.limit(for: message)
        var stripe = stripes.lock(at: index)
        let known = stripe.state.find(message, hash: hash, created: nil, rules)
        if !known.isNone {
            guard stripe.state.records.contains(known) else { return .full }
            return .exists(TransactionID(stripe: index, handle: known), stripe.state.records[present: known].repeated())
        }
        guard stripe.state.records.count < limit else { return .crowded }
        guard stripe.state.passed < TransactionStripe.chainLimit, let made = stripe.state.insert(record) else {
            return .full
        }
        stripe.unlock()
        return .created(TransactionID(stripe: index, handle: made.handle), random: made.random)
    }

    /// `t_check_trans()`: see the tm sheet; 0 stops the script.
    func check(_ route: RouteContext) -> Int {
        guard route.isRequest else { return route.transaction != 0 ? 1 : -1 }
        switch route.message.method {
        case .cancel: return self.lookupInvite(ofCancel: route).isPresent ? 1 : -1
        case .ack: return self.checkAck(route)
        default:
            if route.transaction != 0 { return 1 }
            switch self.absorbRetransmission(route) {
            case .new: return -1
            case .retransmission: return 0
            }
        }
    }

    /// The INVITE transaction that a CANCEL is for.
    func lookupInvite(ofCancel route: RouteContext) -> TransactionID {
        let hash = TransactionTable.hash(route.message)
        let rules = self.settings.matching(route.configuration)
        let index = self.table.index(of: hash)
        let handle = self.table.stripes.withStripe(at: index) { stripe in
            stripe.find(route.message, hash: hash, created: .invite, rules)
        }
        return handle.isNone ? .none : TransactionID(stripe: index, handle: handle)
    }

    /// An ACK for a negative or local final reply ends the script; one for a 2xx is true while its INVITE is known.
    func checkAck(_ route: RouteContext) -> Int {
        let hash = TransactionTable.hash(route.message)
        let rules = self.settings.matching(route.configuration)
        let index = self.table.index(of: hash)
        return self.table.stripes.withStripe(at: index) { stripe in
            let handle = stripe.find(route.message, hash: hash, created: .invite, rules)
            if !handle.isNone {
                let outcome = stripe.records.withRecord(handle) { record -> (TransactionReaction, Int) in
                    let reaction = record.server.receiveAck(record.timers)
                    return (reaction, record.confirmsSuccess(route.message) ? 1 : 0)
                }
                guard let outcome else { return -1 }
                stripe.applyServer(outcome.0, handle, route.worker.now)
                if outcome.0.actions.contains(.terminate), stripe.removeIfOver(handle) {
                    route.worker.count(self.counters.freed)
                }
                return outcome.1
            }
            let end = stripe.findInvite(acknowledgedBy: route.message, hash: hash)
            guard !end.isNone,
                let (status, isLocal) = stripe.records.withRecord(end, { ($0.lastStatus, $0.branches.isEmpty) })
            else { return -1 }
            guard status >= 200, status < 300 else { return -1 }
            // An ACK for a 2xx of our own has nowhere to go.
            return isLocal ? 0 : 1
        }
    }

    /// Sends a copy of `bytes`.
    @discardableResult
    func send(_ bytes: ByteString, to destination: Destination, token: UInt64, by worker: any WorkerServices) -> Bool {
        let buffer = worker.outgoing()
        buffer.append(bytes)
        return worker.send(buffer, to: destination, token: token)
    }
}

/// What a request that came again is answered with: the reply that was sent, or a 100 to be written again.
private struct Repetition {
    var reply = ByteString()
    var trying: StoredRequest?
    var destination: Destination
}

extension TransactionRecord {
    /// The request came again.
    fileprivate mutating func repeated() -> Repetition {
        var repetition = Repetition(destination: self.replyDestination)
        guard self.server.receiveRequest().actions.contains(.sendResponse) else { return repetition }
        repetition.reply = self.lastReply
        if self.lastStatus == 100, self.lastReply.isEmpty { repetition.trying = self.request }
        return repetition
    }

    /// Whether an ACK with the branch of the INVITE is for a 2xx, as clients of RFC 2543 send it, and so goes on to the
    /// callee. One for a refusal ends here, also when the 2xx of another callee has overtaken the refusal.
    fileprivate func confirmsSuccess(_ ack: Message) -> Bool {
        guard self.lastStatus > 0, self.lastStatus < 300 else { return false }
        guard case .invite(let machine) = self.server, machine.isRefused else { return true }
        let bytes = self.lastReply
        guard let reply = Message(bytes.span), reply.to.tag.isPresent, ack.to.tag.isPresent else { return false }
        return ack.span.equals(ack.to.tag, reply.span.extracting(reply.to.tag.indices))
    }
}
