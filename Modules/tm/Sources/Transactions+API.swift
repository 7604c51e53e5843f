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
        public var request: ByteString
        public var localTag: ByteString
    }

    /// The transaction of `route`; nil when it has none.
    public func snapshot(_ route: RouteContext) -> Snapshot? {
        let id = TransactionID(rawValue: route.transaction)
        return self.table.withTransaction(id) { record in
            Snapshot(
                stripe: id.stripe, handle: Int(id.handle.rawValue), method: record.method,
                branchCount: record.branches.count, lastStatus: record.lastStatus,
                isCancelled: record.responses.isCancelled, hasFinalReply: !record.server.isOpen,
                request: record.request.bytes, localTag: record.localTag)
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
        let now = route.worker.now
        let order = self.table.withStripe(route.transactionID) { stripe, handle -> CancelOrder in
            let mask = stripe.records.withRecord(handle) { record -> BranchMask in
                guard record.isInvite else { return [] }
                var mask: BranchMask = []
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
        if let order { self.carryOut(order, by: route.worker) }
    }

    /// Copies the message flags of `route` into its transaction.
    public func flushFlags(_ route: RouteContext) -> Bool {
        self.table.withTransaction(route.transactionID) { $0.flags = route.flags } != nil
    }

    /// Answers in the transaction of `route`; for modules.
    public func answer(_ route: RouteContext, _ code: Int, _ reason: ByteString) -> Int {
        self.replyStatefully(route, code, reason)
    }
}
