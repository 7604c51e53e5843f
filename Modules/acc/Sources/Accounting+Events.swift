import Bytes
import ModuleKit
import SIPMessage
import tm

extension Accounting: TransactionObserver {
    /// Transactions whose request carries one of the flags, and all of them with `acc_prepare_always`.
    public func wants(_ route: RouteContext) -> Bool {
        if route.message.method == .cancel, !self.settings.reportsCancels { return false }
        return self.settings.preparesAlways || self.isSet(self.settings.logFlag, in: route)
            || self.isSet(self.settings.missedFlag, in: route) || self.isSet(self.settings.prepareFlag, in: route)
    }

    /// A failed INVITE can be both: a missed call and a failed transaction.
    public func replied(_ route: RouteContext, _ event: TransactionReplyEvent) {
        let isMissed =
            event.code >= 300 && route.message.method == .invite
            && self.isSet(self.settings.missedFlag, in: route)
        let isAnswered = self.isSet(self.settings.logFlag, in: route) && self.counts(event, in: route)
        guard isMissed || isAnswered, self.logger.isOn(self.settings.level) else { return }
        let prefix = self.prefix(for: event, of: route)
        // The request's own tag is what a local reply inside a dialog repeats.
        let message = route.message
        let toTag = event.isLocal && message.to.hasTag ? message.text(message.to.tag) : event.toTag
        for (isWanted, title) in [(isMissed, "call missed" as StaticString), (isAnswered, "transaction answered")]
        where isWanted {
            let line = self.line(title, code: event.code, toTag: toTag, reason: event.reason, for: route)
            self.write(line, prefix: prefix)
        }
    }

    /// An end-to-end ACK that the script marked has left.
    func acknowledged(_ route: RouteContext) {
        let message = route.message
        guard route.isRequest, message.method == .ack, message.to.hasTag,
            self.isSet(self.settings.logFlag, in: route)
        else { return }
        let line = self.line(
            "request acknowledged", code: 200, toTag: message.text(message.to.tag), reason: "OK",
            for: route)
        self.write(line, prefix: route.program.logPrefix(for: route))
    }

    private func counts(_ event: TransactionReplyEvent, in route: RouteContext) -> Bool {
        switch event.code {
        case 200..<300: true
        case 300...: self.isSet(self.settings.failedFlag, in: route) && !self.settings.failedFilter.contains(event.code)
        case 101..<200: self.settings.reportsEarlyMedia && Message(event.bytes.span).map { $0.body.count > 0 } == true
        default: false
        }
    }

    /// The prefix of a relayed reply is that of the reply: `$mt` is 2 there.
    private func prefix(for event: TransactionReplyEvent, of route: RouteContext) -> ByteString {
        let worker = route.worker
        guard !event.isLocal, !event.bytes.isEmpty,
            let reply = worker.makeContext(event.bytes.span, arrival: route.arrival, program: route.program)
        else { return route.program.logPrefix(for: route) }
        reply.routeKind = .transactionReply
        let prefix = route.program.logPrefix(for: reply)
        worker.recycle(reply)
        return prefix
    }

    private func isSet(_ flag: Int, in route: RouteContext) -> Bool {
        flag >= 0 && flag < 32 && route.flags & (1 << UInt32(flag)) != 0
    }
}
