import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension TransactionRecord {
    /// Takes a branch in and starts its machine.
    /// - Returns: nil, with nothing done, when the next branch has another number, or there may be no more.
    mutating func enter(
        _ number: Int, of route: RouteContext, _ destination: Destination, _ bytes: ByteString, _ uri: ByteString,
        breadth: Int32, _ now: Instant
    ) -> TransactionReaction? {
        guard self.branches.count == number, self.responses.add() == number else { return nil }
        self.responses.sent(number)
        let endsBy = self.timers.lifetimeEnd(isInvite: self.isInvite, now: self.created)
        let isReliable = destination.transport.isReliable
        // Made where it stays: one that is filled first is copied there.
        self.branches.append(
            Branch(
                machine: self.isInvite
                    ? .invite(InviteClientTransaction(isReliable: isReliable, endsBy: endsBy))
                    : .other(NonInviteClientTransaction(isReliable: isReliable, endsBy: endsBy)),
                destination: destination, sent: bytes, uri: uri))
        self.branches[number].arm(self.routes, for: route, breadth: breadth)
        return self.branches[number].machine.start(now, self.timers)
    }
}

extension Branch {
    /// Takes over what is armed for the transaction, and what the target brings.
    fileprivate mutating func arm(_ routes: ArmedRoutes, for route: RouteContext, breadth: Int32) {
        self.flags = route.targetFlags
        self.breadth = breadth
        self.ruid = route.targetRuid
        self.replyRoute = routes.reply
        self.failureRoute = routes.branchFailure
        if self.failureRoute.isPresent { self.target = KeptTarget(route.target) }
    }
}
