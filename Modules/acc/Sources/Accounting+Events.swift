import Bytes
import ModuleKit
import SIPMessage
import tm

extension Accounting: TransactionObserver {
    /// Transactions whose request carries one of the flags, and all of them with `acc_prepare_always`.
    public func wants(_ route: RouteContext) -> Bool {
        if route.message.method == .cancel, !self.settings.reportsCancels { return false }
        return self.settings.preparesAlways
            || [
                self.settings.logFlag, self.settings.missedFlag, self.settings.prepareFlag, self.settings.databaseFlag,
                self.settings.databaseMissedFlag,
            ].contains { self.isSet($0, in: route) }
    }

    /// A failed INVITE can be both: a missed call and a failed transaction.
    public func replied(_ route: RouteContext, _ event: TransactionReplyEvent) {
        let isMissed = event.code >= 300 && route.message.method == .invite
        let isAnswered = self.counts(event, in: route)
        guard isMissed || isAnswered else { return }
        // The request's own tag is what a local reply inside a dialog repeats.
        let message = route.message
        let toTag = event.isLocal && message.to.hasTag ? message.text(message.to.tag) : event.toTag
        let reason = self.reason(of: event)
        if isMissed {
            self.account(
                self.record("call missed", code: event.code, toTag: toTag, reason: reason, for: route), event, route,
                Destinations(
                    log: self.isSet(self.settings.missedFlag, in: route),
                    table: self.isSet(self.settings.databaseMissedFlag, in: route) ? self.missedTable : nil))
        }
        if isAnswered {
            self.account(
                self.record("transaction answered", code: event.code, toTag: toTag, reason: reason, for: route), event,
                route,
                Destinations(
                    log: self.isSet(self.settings.logFlag, in: route),
                    table: self.isSet(self.settings.databaseFlag, in: route) ? self.answeredTable : nil))
        }
    }

    /// An end-to-end ACK that the script marked has left.
    func acknowledged(_ route: RouteContext) {
        let message = route.message
        guard route.isRequest, message.method == .ack, message.to.hasTag else { return }
        let record = self.record(
            "request acknowledged", code: 200, toTag: message.text(message.to.tag), reason: "OK", for: route)
        self.account(
            record, nil, route,
            Destinations(
                log: self.isSet(self.settings.logFlag, in: route),
                table: self.isSet(self.settings.databaseFlag, in: route) ? self.answeredTable : nil))
    }

    /// Where a record goes.
    struct Destinations {
        var log = false
        /// nil: into no table.
        var table: FormatString?
    }

    /// - Parameter event: the reply that the record tells of; nil: none.
    private func account(
        _ record: AccountingRecord, _ event: TransactionReplyEvent?, _ route: RouteContext, _ destinations: Destinations
    ) {
        if destinations.log, self.logger.isOn(self.settings.level) {
            let prefix = event.map { self.prefix(for: $0, of: route) } ?? route.program.logPrefix(for: route)
            self.write(self.line(record, for: route), prefix: prefix)
        }
        if let table = destinations.table, let writer = self.writer {
            writer.add(self.rows(record, into: table.evaluate(in: route), for: route))
        }
    }

    /// The reason phrase, or with `reason_from_hf` the first Reason field of the reply (RFC 3326).
    private func reason(of event: TransactionReplyEvent) -> ByteString {
        guard self.settings.takesReasonField else { return event.reason }
        let reason = event.read { reply in
            let index = reply.first(named: ("Reason" as StaticString).span)
            return index < 0 ? event.reason : reply.text(reply.field(at: index).value)
        }
        return reason ?? event.reason
    }

    private func counts(_ event: TransactionReplyEvent, in route: RouteContext) -> Bool {
        switch event.code {
        case 200..<300: true
        case 300...: self.isSet(self.settings.failedFlag, in: route) && !self.settings.failedFilter.contains(event.code)
        case 101..<200: self.settings.reportsEarlyMedia && event.read { $0.body.count > 0 } == true
        default: false
        }
    }

    /// The prefix of a relayed reply is that of the reply: `$mt` is 2 there.
    private func prefix(for event: TransactionReplyEvent, of route: RouteContext) -> ByteString {
        if let reply = event.reply {
            let kind = reply.routeKind
            defer { reply.routeKind = kind }
            reply.routeKind = .transactionReply
            return route.program.logPrefix(for: reply)
        }
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
