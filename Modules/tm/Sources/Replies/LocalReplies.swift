import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// `t_reply`: a reply of our own in the transaction of `route`. A final one cancels what is still under way.
    /// - Returns: 1, or -1 when there is no transaction or it has its final reply.
    func replyStatefully(_ route: RouteContext, _ code: Int, _ reason: ByteString) -> Int {
        let id = route.transactionID
        guard id.isPresent, code >= 100, code <= 699 else { return -1 }
        let isOpen = self.table.withTransaction(id) { record in
            record.flags = route.flags
            return record.server.isOpen
        }
        guard isOpen == true else {
            if self.isUnansweredReplica(id) {
                self.sendLocalReply(route, id, code, reason)
                return 1
            }
            route.log(.error, "t_reply: the transaction has its final reply already")
            return -1
        }
        self.sendLocalReply(route, id, code, reason)
        return 1
    }

    /// `t_reply` of a script: in a reply route the answer takes the place of what came.
    func answerFromScript(_ route: RouteContext, _ code: Int, _ reason: ByteString) -> Int {
        if route.isRequest { return self.replyStatefully(route, code, reason) }
        guard route.routeKind == .transactionReply, route.transaction != 0 else { return -1 }
        return self.answer(route.transactionID, code, reason, by: route.worker) ? 1 : -1
    }

    /// The reason phrase that the second argument of `t_reply` gives; `default_reason` when it has no value.
    func reason(_ arguments: Arguments, _ route: RouteContext) -> ByteString {
        let value = arguments.value(1, in: route)
        if case .null = value { return route[self.settings.defaultReason] }
        let text = route.text(value)
        return text.isEmpty ? route[self.settings.defaultReason] : text
    }

    /// A copy may be through before its script answers the request itself.
    private func isUnansweredReplica(_ id: TransactionID) -> Bool {
        self.table.withTransaction(id) { $0.marks.contains(.isReplica) && $0.lastStatus < 200 } ?? false
    }

    /// For `send_reply`: nil when the request has no transaction.
    func replyIfStateful(_ route: RouteContext, _ code: Int, _ reason: ByteString) -> Int? {
        guard route.transaction != 0, route.isRequest else { return nil }
        return self.replyStatefully(route, code, reason)
    }

    /// Builds, remembers and sends a reply to the request of `route`, which is the request of the transaction.
    /// - Parameter isKept: false: it is not remembered, and a repetition of the request gets a 100 that is written anew.
    func sendLocalReply(
        _ route: RouteContext, _ id: TransactionID, _ code: Int, _ reason: ByteString, isKept: Bool = true
    ) {
        let worker = route.worker
        if route.options.contains(.isLocal), self.isLocal(id) {
            return self.finishLocal(id, code, reason, by: worker)
        }
        let buffer = worker.outgoing()
        let rich = code >= 300 && code < 400 && self.settings.richRedirect != 0
        let own = route.replyHeaders.count
        if rich { RichRedirect(rawValue: self.settings.richRedirect).writeTargets(of: route, to: route.replyHeaders) }
        self.reply.write(code, reason.span, for: route, from: .transaction, listsTargets: !rich, into: buffer)
        if rich { route.replyHeaders.truncate(to: own) }
        self.sendLocal(buffer, code, reason, route, id, isKept: isKept)
    }

    /// Sends a reply of our own that is written already.
    func sendLocal(
        _ buffer: ByteBuffer, _ code: Int, _ reason: ByteString, _ route: RouteContext, _ id: TransactionID,
        isKept: Bool = true
    ) {
        let worker = route.worker
        // A copy for whoever hears of a final reply; a provisional one takes the room of the one before.
        let bytes = code >= 200 ? ByteString(buffer.span) : ByteString()
        var answer = LocalAnswer(code: code, isKept: isKept, givesReasons: code >= 200 && self.givesReasons(worker))
        self.take(&answer, bytes, buffer, id, worker.now, in: self.stripes)
        guard var target = answer.destination else { return }
        if route.options.contains(.replyClose) { target.closesAfter = true }
        worker.send(buffer, to: target, token: 0)
        worker.count(self.counters.generated)
        worker.count(self.counters.sent)
        self.countFinal(code, worker)
        if !answer.cancels.requests.isEmpty { self.carryOut(answer.cancels, by: worker) }
        if code >= 200 { route.options.insert(.hasReplied) }
        if code >= 200 { self.report(id, code, reason, bytes, isLocal: true, in: route) }
        if code >= 200 { self.localReplySent(route, bytes) }
    }

    /// A reply of our own, and what its transaction makes of it: filled in place.
    fileprivate struct LocalAnswer {
        let code: Int
        /// It is remembered.
        let isKept: Bool
        let givesReasons: Bool
        /// Where it goes; nil: nowhere, the transaction is answered.
        var destination: Destination?
        var cancels = CancelOrder()
    }

    /// Tells the transaction of a reply of our own. By itself: what is handed in is borrowed, and need not be counted.
    /// - Parameters:
    ///   - bytes: a final reply, to be kept.
    ///   - buffer: any reply.
    @inline(never)
    private func take(
        _ answer: inout LocalAnswer, _ bytes: ByteString, _ buffer: ByteBuffer, _ id: TransactionID, _ now: Instant,
        in stripes: StripedTable<TransactionStripe>
    ) {
        guard id.isPresent, id.stripe < stripes.count else { return }
        var stripe = stripes.lock(at: id.stripe)
        var decision = BranchDecision()
        guard stripe.state.records.contains(id.handle),
            let reaction = stripe.state.records[present: id.handle].answer(&answer, bytes, buffer, &decision)
        else { return }
        stripe.state.applyServer(reaction, id.handle, now)
        let headers =
            answer.givesReasons && !decision.cancel.isEmpty ? Self.localReason(answer.code) : ByteString()
        answer.cancels = self.orderCancel(&stripe.state, id.handle, decision, now, headers: headers)
        stripe.unlock()
    }

    func countFinal(_ code: Int, _ worker: any WorkerServices) {
        guard code >= 200, code < 700 else { return }
        worker.count(self.counters.byClass[code / 100 - 2])
    }

    /// Tells the observers of a reply, when the transaction has any.
    /// - Parameters:
    ///   - route: a context of the transaction's request; nil makes one from what the transaction kept.
    ///   - reply: that of the reply, when it came just now and goes on as it is.
    func report(
        _ id: TransactionID, _ code: Int, _ reason: ByteString, _ bytes: ByteString, isLocal: Bool,
        in route: RouteContext?, reply: RouteContext? = nil, by worker: (any WorkerServices)? = nil
    ) {
        var observed = ObservedRequest()
        guard Self.find(id, &observed, in: self.stripes), let request = observed.request.take() else { return }
        let observers = self.observers.read { $0 }
        guard !observers.isEmpty else { return }
        let tag =
            if let message = reply?.message {
                message.text(message.to.tag)
            } else {
                Message(bytes.span).map { $0.text($0.to.tag) } ?? ByteString()
            }
        let event = TransactionReplyEvent(
            code: code, reason: reason, toTag: tag, isLocal: isLocal, bytes: bytes, reply: reply)
        if let route, route.isRequest {
            Self.tell(observers.span, route, event)
            return
        }
        guard let worker = worker ?? route?.worker, let context = self.requestContext(request, worker) else { return }
        context.flags = observed.flags
        if !observed.attributes.isEmpty { swap(&context.attributes, &observed.attributes) }
        context.transaction = id.rawValue
        Self.tell(observers.span, context, event)
        worker.recycle(context)
    }

    /// What observers are told of a request; filled in place.
    private struct ObservedRequest {
        var request: StoredRequest?
        var flags: UInt32 = 0
        var attributes = AttributeStack()
    }

    /// - Returns: false when nobody wants to hear of the transaction, or it is gone.
    @inline(never)
    private static func find(
        _ id: TransactionID, _ observed: inout ObservedRequest, in stripes: StripedTable<TransactionStripe>
    ) -> Bool {
        guard id.isPresent, id.stripe < stripes.count else { return false }
        let stripe = stripes.lock(at: id.stripe)
        guard stripe.state.records.contains(id.handle), stripe.state.records[present: id.handle].isObserved else {
            return false
        }
        observed.request = stripe.state.records[present: id.handle].request
        observed.flags = stripe.state.records[present: id.handle].flags
        observed.attributes = stripe.state.records[present: id.handle].attributes
        return observed.request != nil
    }

    private static func tell(
        _ observers: Span<any TransactionObserver>, _ route: RouteContext, _ event: TransactionReplyEvent
    ) {
        for index in observers.indices {
            if event.code >= 200 {
                observers[index].replied(route, event)
            } else {
                observers[index].repliedProvisionally(route, event)
            }
        }
    }

    /// A context for the request that a transaction kept.
    func requestContext(_ request: StoredRequest, _ worker: any WorkerServices) -> RouteContext? {
        let bytes = request.bytes
        guard let context = worker.makeContext(bytes.span, arrival: request.arrival, program: request.program) else {
            return nil
        }
        context.options = request.options
        context.target = request.target
        context.invalidateRequestURI()
        if let edits = request.edits { context.edits.copy(from: edits) }
        if let recordRoutes = request.recordRoutes { context.recordRoutes = recordRoutes }
        return context
    }
}

extension TransactionRecord {
    /// - Returns: nil, with nothing done, when it has been answered.
    fileprivate mutating func answer(
        _ answer: inout Transactions.LocalAnswer, _ bytes: ByteString, _ buffer: ByteBuffer,
        _ decision: inout BranchDecision
    ) -> TransactionReaction? {
        let isLateReplica = self.marks.contains(.isReplica) && self.lastStatus < 200
        guard self.server.isOpen || isLateReplica else { return nil }
        if answer.code >= 200 {
            self.lastReply = bytes
        } else if answer.isKept {
            self.lastReply.replace(with: buffer.span)
        }
        self.lastStatus = answer.code
        answer.destination = self.replyDestination
        let reaction = self.server.respond(answer.code, timers: self.timers)
        if answer.code >= 200 { decision = self.responses.answered(policy: self.policy) }
        return reaction
    }
}
