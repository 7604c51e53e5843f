import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

// What other modules may ask about a branch that has failed.

extension Transactions {
    /// `t_reuse_branch`: makes the target of the branch that an `event_route[tm:branch-failure:…]` is about the main
    /// branch again.
    /// - Returns: false where no such event runs, or the target is not known any more.
    public func reuseBranch(_ route: RouteContext) -> Bool {
        guard route.routeKind == .branchFailure, let failure = route.state(FailureState.self),
            let target = self.target(route, branch: failure.branch)
        else { return false }
        route.target = target
        route.isTargetConsumed = false
        route.invalidateRequestURI()
        return true
    }

    /// Where a branch went, as its branch route left it; nil when it was not armed for a failure of its own.
    func target(_ route: RouteContext, branch: Int) -> BranchTarget? {
        self.table.withTransaction(route.transactionID) { record in
            branch >= 0 && branch < record.branches.count ? record.branches[branch].target?.target : nil
        } ?? nil
    }

    /// Facts about one branch.
    public struct BranchFacts: Sendable {
        public var uri: ByteString
        public var ruid: ByteString
        public var flags: UInt32
        public var status: Int
    }

    /// The branch of that number; nil when there is none.
    public func branch(_ route: RouteContext, _ branch: Int) -> BranchFacts? {
        self.table.withTransaction(route.transactionID) { record -> BranchFacts? in
            guard branch >= 0, branch < record.branches.count else { return nil }
            let known = record.branches[branch]
            return BranchFacts(
                uri: known.uri, ruid: known.ruid, flags: known.flags, status: record.responses.status(of: branch))
        } ?? nil
    }

    /// Sets the flags of a branch.
    /// - Returns: false when there is no such branch.
    public func setFlags(_ route: RouteContext, branch: Int, _ flags: UInt32) -> Bool {
        self.table.withTransaction(route.transactionID) { record in
            guard branch >= 0, branch < record.branches.count else { return false }
            record.branches[branch].flags = flags
            return true
        } ?? false
    }

    /// `t_vbflag_*`: flags that belong to the transaction's request. `body` may change them.
    /// - Returns: nil without a transaction.
    public func withViaFlags<R>(_ route: RouteContext, _ body: (inout UInt32) -> R) -> R? {
        self.table.withTransaction(route.transactionID) { record in
            var flags = record.rare?.viaFlags ?? 0
            let before = flags
            let result = body(&flags)
            if flags != before { record.rareState.viaFlags = flags }
            return result
        }
    }

    /// The request of the INVITE transaction that the CANCEL of `route` is for.
    public func invite(ofCancel route: RouteContext) -> ByteString? {
        guard route.isRequest, route.message.method == .cancel else { return nil }
        return self.table.withTransaction(self.lookupInvite(ofCancel: route)) { $0.request?.bytes } ?? nil
    }
}
