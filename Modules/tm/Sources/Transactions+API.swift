import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

// What other modules may ask of transactions.

extension Transactions {
    /// Facts about one transaction, copied out under its lock.
    public struct Snapshot: Sendable {
        public var stripe: Int
        public var handle: Int
        public var method: Method
        public var branchCount: Int
        public var lastStatus: Int
        public var isCancelled: Bool
        public var hasFinalReply: Bool
        /// Empty once its final reply has left and it only waits for repetitions.
        public var request: ByteString
    }

    /// The transaction of `route`; nil when it has none.
    public func snapshot(_ route: RouteContext) -> Snapshot? {
        let id = TransactionID(rawValue: route.transaction)
        return self.table.withTransaction(id) { record in
            Snapshot(
                stripe: id.stripe, handle: Int(id.handle.rawValue), method: record.method,
                branchCount: record.branches.count, lastStatus: record.lastStatus,
                isCancelled: record.responses.isCancelled, hasFinalReply: !record.server.isOpen,
                request: record.request?.bytes ?? ByteString())
        }
    }

    /// Code and branch of the reply that a failure route is about; nil elsewhere.
    public func failure(_ route: RouteContext) -> (code: Int, branch: Int, isTimeout: Bool)? {
        route.state(FailureState.self).map { ($0.code, $0.branch, $0.isTimeout) }
    }

    /// The reply kept for a branch, as it would be forwarded; nil when there is none.
    public func keptReply(_ route: RouteContext, branch: Int) -> ByteString? {
        self.table.withTransaction(route.transactionID) { record in
            guard branch >= 0, branch < record.branches.count else { return nil }
            let reply = record.branches[branch].reply
            return reply.isEmpty ? nil : reply
        } ?? nil
    }

    /// The redirects of the branches that the failure route is about, in the order of the branches.
    public func redirects(_ route: RouteContext) -> [ByteString] {
        self.table.withTransaction(route.transactionID) { record in
            (record.responses.legStart..<max(record.responses.count, record.responses.legStart)).compactMap { branch in
                guard branch < record.branches.count, (300..<400).contains(record.responses.status(of: branch)) else {
                    return nil
                }
                let reply = record.branches[branch].reply
                return reply.isEmpty ? nil : reply
            }
        } ?? []
    }

    /// The Request-URI that a branch was sent with; empty when it is the request's own.
    public func branchURI(_ route: RouteContext, branch: Int) -> ByteString? {
        self.table.withTransaction(route.transactionID) { record in
            branch >= 0 && branch < record.branches.count ? record.branches[branch].uri : nil
        } ?? nil
    }

    /// Flags of a branch, as `setbflag` left them.
    public func branchFlags(_ route: RouteContext, branch: Int) -> UInt32? {
        self.table.withTransaction(route.transactionID) { record in
            branch >= 0 && branch < record.branches.count ? record.branches[branch].flags : nil
        } ?? nil
    }

    /// Which branches `cancelBranches` means.
    public enum CancelChoice: Sendable {
        case all
        case others(than: Int)
        case only(Int)
    }

    /// Cancels branches that have not come to their end.
    public func cancelBranches(_ route: RouteContext, _ choice: CancelChoice) {
        _ = self.cancelBranches(of: route.transactionID, choice, by: route.worker)
    }

    /// Cancels branches of a transaction that have not come to their end.
    /// - Returns: false when there is no such transaction.
    public func cancelBranches(
        of id: TransactionID, _ choice: CancelChoice, by worker: any WorkerServices
    ) -> Bool {
        let now = worker.now
        let order = self.table.withStripe(id) { stripe, handle -> CancelOrder in
            let mask = stripe.records.withRecord(handle) { record -> BranchMask in
                guard record.isInvite else { return [] }
                var mask = BranchMask()
                for branch in record.responses.open where record.branches[branch].machine.isProceeding {
                    switch choice {
                    case .all: mask.insert(branch)
                    case .others(let kept): if branch != kept { mask.insert(branch) }
                    case .only(let wanted): if branch == wanted { mask.insert(branch) }
                    }
                }
                return mask
            }
            return self.orderCancel(&stripe, handle, BranchDecision(cancel: mask ?? []), now)
        }
        guard let order else { return false }
        self.carryOut(order, by: worker)
        return true
    }

    /// Copies the message flags of `route` into its transaction.
    public func flushFlags(_ route: RouteContext) -> Bool {
        self.table.withTransaction(route.transactionID) { $0.flags = route.flags } != nil
    }

    /// Copies the extended flags of `route` into its transaction.
    public func flushExtendedFlags(_ route: RouteContext) -> Bool {
        self.table.withTransaction(route.transactionID) { $0.extendedFlags = route.extendedFlags } != nil
    }

    /// Answers in the transaction of `route`; for modules.
    public func answer(_ route: RouteContext, _ code: Int, _ reason: ByteString) -> Int {
        self.replyStatefully(route, code, reason)
    }
}

// Transactions that are not the script's own, found by what their request carries.
extension Transactions {
    /// The transaction of the request with this Call-ID and CSeq number; `none` when there is none.
    public func find(callID: ByteString, cSeq: Int, isInvite: Bool) -> TransactionID {
        guard let number = UInt32(exactly: cSeq) else { return .none }
        let hash = TransactionTable.hash(callID.span, number)
        let index = self.table.index(of: hash)
        let handle = self.table.stripes.withStripe(at: index) { stripe in
            stripe.find(cSeq: number, hash: hash, isInvite: isInvite)
        }
        return handle.isNone ? .none : TransactionID(stripe: index, handle: handle)
    }

    /// Answers the request of a transaction from outside of its script.
    /// - Returns: false when it has its final reply already, or is gone.
    public func answer(
        _ id: TransactionID, _ code: Int, _ reason: ByteString, by worker: any WorkerServices
    ) -> Bool {
        guard (100...699).contains(code),
            let request = self.table.withTransaction(id, { $0.server.isOpen ? $0.request : nil }), let request,
            let context = self.requestContext(request, worker)
        else { return false }
        self.fill(context, id)
        self.sendLocalReply(context, id, code, reason)
        worker.recycle(context)
        return true
    }

    /// Cancels the INVITE of a transaction as its caller would, and sets a message flag in it.
    /// - Parameter code: what the caller is answered in place of 487; nil when the branches decide.
    public func cancel(_ id: TransactionID, flag: Int, code: Int?, by worker: any WorkerServices) -> Bool {
        let isIdle = self.table.withTransaction(id) { record -> Bool in
            if (0..<32).contains(flag) { record.flags |= 1 << UInt32(flag) }
            return record.server.isOpen && !record.isForking && record.responses.open.isEmpty
        }
        guard let isIdle else { return false }
        if isIdle { return self.answer(id, code ?? 487, "Request canceled", by: worker) }
        if let code { return self.answer(id, code, "Request canceled", by: worker) }
        return self.cancelBranches(of: id, .all, by: worker)
    }

    /// `t_drop`: the transaction of `route` ends without a reply, as if `code` had been sent.
    public func drop(_ route: RouteContext, _ code: Int) -> Bool {
        self.end(route.transactionID, as: code, by: route.worker)
    }

    /// Ends a transaction without a reply, as if `code` had been sent.
    func end(_ id: TransactionID, as code: Int, by worker: any WorkerServices) -> Bool {
        let now = worker.now
        let cancels = self.table.withStripe(id) { stripe, handle -> CancelOrder? in
            let outcome = stripe.records.withRecord(handle) { record -> (TransactionReaction, BranchDecision)? in
                guard record.server.isOpen else { return nil }
                record.lastReply = ByteString()
                record.lastStatus = code
                record.suspension = .over
                return (
                    record.server.respond(code, timers: record.timers), record.responses.answered(policy: record.policy)
                )
            }
            guard let found = outcome, let (reaction, decision) = found else { return nil }
            stripe.applyServer(reaction, handle, now)
            return self.orderCancel(&stripe, handle, decision, now)
        }
        guard let found = cancels, let order = found else { return false }
        self.carryOut(order, by: worker)
        return true
    }
}
