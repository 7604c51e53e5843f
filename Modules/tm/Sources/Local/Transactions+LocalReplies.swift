import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

// What comes back for a local request, and the ACK for it.

extension Transactions {
    func isLocal(_ id: TransactionID) -> Bool { self.table.withTransaction(id) { $0.local != nil } ?? false }

    /// A reply to a local request: the owner hears of it, at once or when all branches are over (RFC 3261 §8.1.3).
    func passLocal(
        _ route: RouteContext, _ id: TransactionID, _ branch: Int, _ local: LocalTransaction, ranRoute: Bool
    ) -> Outcome {
        struct Verdict {
            var decision: BranchDecision
            var isNew: Bool
            var request: ByteString
            var cancels = CancelOrder()
        }
        let worker = route.worker
        let message = route.message
        let status = message.statusCode
        let bytes = ByteString(message.span)
        let arrival = route.arrival
        let source = Destination(
            transport: arrival.transport, address: arrival.source, socket: arrival.socket,
            connection: arrival.connection)
        let now = worker.now
        let givesReasons = self.givesReasons(worker)
        let rules = self.settings.failoverCodes.contains(status) ? self.failoverRules(worker) : nil
        var next: NextAttempt?
        var unavailable: Destination?
        let found = self.table.withStripe(id) { stripe, handle -> Verdict? in
            let decided = stripe.records.withRecord(handle) { record -> (Verdict, TransactionReaction) in
                if ranRoute {
                    record.flags = route.flags
                    record.attributes = route.attributes
                    record.branches[branch].isReplyHeld = false
                }
                if status == 503 { unavailable = record.branches[branch].destination }
                if let rules, record.responses.open.contains(branch) {
                    next = record.failOver(from: branch, id, rules)
                }
                let decision = record.responses.receive(status, on: branch, policy: record.policy)
                var verdict = Verdict(
                    decision: decision, isNew: record.server.isOpen, request: record.branches[branch].sent)
                var reaction = TransactionReaction.absorb
                switch decision.forward {
                case .provisional:
                    record.lastStatus = status
                    reaction = record.server.respond(status, timers: record.timers)
                case .final:
                    if verdict.isNew {
                        record.lastStatus = status
                        record.lastReply = bytes
                        reaction = record.server.respond(status, timers: record.timers)
                    }
                case .nothing:
                    verdict.isNew = false
                    if status >= 300 {
                        record.branches[branch].reply = bytes
                        record.replyDestination = source
                    }
                }
                return (verdict, reaction)
            }
            guard let (reached, reaction) = decided else { return nil }
            var verdict = reached
            stripe.applyServer(reaction, handle, now)
            if let next { stripe.applyClient(next.reaction, handle, branch: next.branch, now) }
            let headers =
                givesReasons && status >= 200 && !verdict.decision.cancel.isEmpty
                ? Self.localReason(status) : ByteString()
            verdict.cancels = self.orderCancel(&stripe, handle, verdict.decision, now, headers: headers)
            return verdict
        }
        guard let found, let verdict = found else { return .success }
        worker.count(self.counters.absorbed)
        self.carryOut(verdict.cancels, by: worker)
        if let unavailable { self.noteUnavailable(unavailable, message, by: worker) }
        if let next { self.send(next, of: id, by: worker) }
        if status >= 200, status < 300, route.message.cSeq.method == .invite {
            self.acknowledge(id, local, route.message, route.arrival, invite: verdict.request, by: worker)
        }
        if verdict.isNew, status >= 200 || local.request.wantsProvisionals {
            if status >= 200 { self.countFinal(status, worker) }
            local.listener(
                LocalEvent(
                    transaction: id, code: status, reason: route.copy(route.message.reason), reply: bytes,
                    arrival: route.arrival, request: verdict.request), worker)
        }
        if verdict.decision.isComplete { self.settle(id, by: worker) }
        return .success
    }

    /// All branches are over without success: the owner gets the best of their replies.
    func finishLocal(_ id: TransactionID, by worker: any WorkerServices) {
        let best = self.table.withTransaction(id) { record -> (BranchChoice, ByteString)? in
            record.isFailing = false
            guard record.server.isOpen else { return nil }
            guard let choice = record.responses.choice(policy: record.policy) else {
                // A failure route has dropped them all.
                return (BranchChoice(branch: -1, status: 500, isFaked: true), ByteString())
            }
            return (choice, record.branches[choice.branch].reply)
        }
        guard let found = best, let (choice, bytes) = found else { return }
        if !choice.isFaked, let reply = Message(bytes.span) {
            return self.finishLocal(id, choice.status, reply.text(reply.reason), bytes, by: worker)
        }
        let reason: ByteString
        switch choice.status {
        case 408: return self.finishLocal(id, self.settings.timeoutCode, self.settings.timeoutReason, by: worker)
        case 477: reason = InternalFailure.sendFailed.reason("TM")
        case 487: reason = "Request Terminated"
        default: reason = worker[self.settings.defaultReason]
        }
        self.finishLocal(id, choice.status, reason, by: worker)
    }

    /// The one final outcome of a local request; does nothing when it had one.
    func finishLocal(
        _ id: TransactionID, _ code: Int, _ reason: ByteString, _ bytes: ByteString = ByteString(),
        by worker: any WorkerServices
    ) {
        guard code >= 200 else { return }
        let now = worker.now
        struct End {
            var local: LocalTransaction
            var request: ByteString
            var source: Destination
            var cancels = CancelOrder()
        }
        let ended = self.table.withStripe(id) { stripe, handle -> End? in
            let outcome = stripe.records.withRecord(handle) {
                record -> (End, TransactionReaction, BranchDecision)? in
                guard let local = record.local, record.server.isOpen else { return nil }
                record.lastStatus = code
                record.lastReply = bytes
                let sent = record.branches.last?.sent ?? record.request?.bytes ?? ByteString()
                let decision = record.responses.answered(policy: record.policy)
                let end = End(local: local, request: sent, source: record.replyDestination)
                return (end, record.server.respond(code, timers: record.timers), decision)
            }
            guard let found = outcome, let (opened, reaction, decision) = found else { return nil }
            var end = opened
            stripe.applyServer(reaction, handle, now)
            end.cancels = self.orderCancel(&stripe, handle, decision, now)
            return end
        }
        guard let found = ended, let end = found else { return }
        self.countFinal(code, worker)
        self.carryOut(end.cancels, by: worker)
        var arrival: Arrival?
        if !bytes.isEmpty, let socket = end.source.socket {
            arrival = Arrival(
                source: end.source.address, socket: socket, connection: end.source.connection, time: now)
        }
        end.local.listener(
            LocalEvent(
                transaction: id, code: code, reason: reason, reply: bytes, arrival: arrival, request: end.request),
            worker)
    }

    /// Cancels a local request: an INVITE that rings gets a CANCEL (RFC 3261 §9.1). The owner hears of the end as ever.
    /// - Returns: false when it is over.
    @discardableResult
    public func cancelRequest(_ id: TransactionID, by worker: any WorkerServices) -> Bool {
        let now = worker.now
        let order = self.table.withStripe(id) { stripe, handle -> CancelOrder? in
            let decision = stripe.records.withRecord(handle) { record -> BranchDecision? in
                guard record.local != nil, record.isInvite, record.server.isOpen else { return nil }
                return record.responses.cancel(policy: record.policy)
            }
            guard let found = decision, let decision = found else { return nil }
            return self.orderCancel(&stripe, handle, decision, now)
        }
        guard let found = order, let order = found else { return false }
        self.carryOut(order, by: worker)
        self.settle(id, by: worker)
        return true
    }
}

// The ACK for a 2xx (RFC 3261 §13.2.2.4).
extension Transactions {
    /// Sends the ACK for a 2xx, unless it waits for `t_uac_ack_local`.
    private func acknowledge(
        _ id: TransactionID, _ local: LocalTransaction, _ reply: Message, _ arrival: Arrival, invite bytes: ByteString,
        by worker: any WorkerServices
    ) {
        guard let (headers, body) = local.acknowledgement, let invite = Message(bytes.span) else {
            // Where the reply came from, for when the ACK is let go.
            _ = self.table.withTransaction(id) { record in
                record.replyDestination = Destination(
                    transport: arrival.transport, address: arrival.source, socket: arrival.socket,
                    connection: arrival.connection)
            }
            return
        }
        let source = Destination(
            transport: arrival.transport, address: arrival.source, socket: arrival.socket,
            connection: arrival.connection)
        self.sendAck(id, reply, to: invite, source, headers, body, by: worker)
    }

    private func sendAck(
        _ id: TransactionID, _ reply: Message, to invite: Message, _ source: Destination, _ headers: ByteString,
        _ body: ByteString, by worker: any WorkerServices
    ) {
        let ack = LocalAck(reply)
        let buffer = worker.outgoing()
        let parameter = BranchParameter(invite.span, invite.topVia.branch)
        guard !ack.requestURI.isEmpty,
            let first = self.table.withTransaction(
                id,
                { record in
                    parameter.flatMap {
                        record.branches.indices.contains($0.branch) ? record.branches[$0.branch].destination : nil
                    }
                }),
            let original = first
        else { return }
        var branch: BranchParameter?
        if self.settings.localAckBranchMode != 0 {
            // A request of its own has a branch of its own (RFC 3261 §17.1.1.3); nobody answers it.
            branch = parameter
            branch?.random = .random(in: .min ... .max)
        }
        ack.write(
            for: reply, to: invite, branch: branch, headers: headers, body: body, settings: self.host.settings,
            into: buffer)
        switch LocalAckPath(rawValue: worker[self.settings.localAckMode]) ?? .routeSet {
        case .asInvite: self.send(ack: buffer, to: original, id, by: worker)
        case .replySource: self.send(ack: buffer, to: source, id, by: worker)
        case .routeSet:
            let hop = ack.nextHop
            switch worker.nextHop(
                for: hop.span, range: ByteRange(start: 0, count: hop.count), socket: original.socket)
            {
            case .destination(let destination): self.send(ack: buffer, to: destination, id, by: worker)
            case .unreachable: self.host.logger.error("no way to \(hop) for the ACK of a local INVITE")
            case .needsLookup(let query):
                let bytes = ByteString(buffer.span)
                self.whenResolved(query) { [weak self] destination, worker in
                    guard let self, let destination else { return }
                    let buffer = worker.outgoing()
                    buffer.append(bytes)
                    self.send(ack: buffer, to: destination, id, by: worker)
                }
            }
        }
    }

    private func send(
        ack buffer: ByteBuffer, to destination: Destination, _ id: TransactionID, by worker: any WorkerServices
    ) {
        guard let program = self.table.withTransaction(id, { $0.program }) else { return }
        let event = self.localRoutes(program).acknowledged
        let bytes = event.isPresent ? ByteString(buffer.span) : ByteString()
        worker.send(buffer, to: destination, token: 0)
        guard event.isPresent, let socket = destination.socket else { return }
        self.announce(event, bytes, socket, program, by: worker)
    }

    /// Runs an event route with a message that this server has made.
    func announce(
        _ event: RouteID, _ bytes: ByteString, _ socket: ListenSocket, _ program: any RouteProgram,
        by worker: any WorkerServices
    ) {
        let arrival = Arrival(source: socket.address, socket: socket, time: worker.now)
        guard let context = worker.makeContext(bytes.span, arrival: arrival, program: program) else { return }
        context.options.insert(.isLocal)
        worker.schedule(RouteCall(route: event, kind: .event) { _, _ in .success }, in: context)
    }

    /// `event_route[tm:local-response]`: a final reply of our own has been sent.
    func localReplySent(_ route: RouteContext, _ bytes: ByteString) {
        let event = self.localRoutes(route.program).response
        guard event.isPresent else { return }
        self.announce(event, bytes, route.arrival.socket, route.program, by: route.worker)
    }

    /// Lets the ACK go that a local INVITE with this Call-ID and CSeq number holds back.
    /// - Parameter headers: whole header lines for it.
    /// - Returns: false when there is no such INVITE with a 2xx.
    public func acknowledgeLocal(
        callID: ByteString, cSeq: Int, headers: ByteString, body: ByteString, by worker: any WorkerServices
    ) -> Bool {
        let id = self.find(callID: callID, cSeq: cSeq, isInvite: true)
        let found = self.table.withTransaction(id) {
            record -> (LocalTransaction, ByteString, ByteString, Destination)? in
            guard let local = record.local, (200..<300).contains(record.lastStatus), !record.lastReply.isEmpty,
                let reply = Message(record.lastReply.span),
                let parameter = BranchParameter(reply.span, reply.topVia.branch),
                record.branches.indices.contains(parameter.branch)
            else { return nil }
            return (local, record.lastReply, record.branches[parameter.branch].sent, record.replyDestination)
        }
        guard let kept = found, let (local, bytes, sent, source) = kept, local.acknowledgement == nil,
            let reply = Message(bytes.span), let invite = Message(sent.span)
        else { return false }
        local.release(headers: headers, body: body)
        self.sendAck(id, reply, to: invite, source, headers, body, by: worker)
        return true
    }
}
