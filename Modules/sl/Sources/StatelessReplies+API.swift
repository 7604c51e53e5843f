import Bytes
import ModuleKit
import SIPMessage

extension StatelessReplies {
    /// Replies to the request of `route` without a transaction.
    /// - Parameters:
    ///   - code: 100 to 699; anything else gives the module's default code and reason.
    ///   - reason: reason phrase, perhaps empty.
    /// - Returns: 1 when the reply is on its way, -1 when there is nothing to reply to (an ACK, a reply) or it cannot
    ///   be sent.
    @discardableResult
    public func reply(to route: RouteContext, code: Int, reason: ByteString) -> Int {
        let worker = route.worker
        guard route.isRequest, route.message.method != .ack, route.message.topVia.isValid else {
            if route.message.kind == .http { return self.answer(route, code, reason) }
            worker.count(self.counters.failures)
            if route.isRequest, route.message.method == .ack { route.log(.debug, "sl: no reply is sent to an ACK") }
            return -1
        }
        let isValid = code >= 100 && code <= 699
        let status = isValid ? code : self.settings.defaultCode
        let phrase = isValid ? reason : self.settings.defaultReason
        let buffer = worker.outgoing()
        self.replies.write(
            status, phrase.span, for: route, from: .stateless,
            detail: TargetDetail(rawValue: self.settings.redirectDetail), into: buffer)
        let event = self.events.localResponse(route.program)
        if event.isPresent { self.schedule(event, about: buffer, in: route) }
        guard worker.send(buffer, to: self.replies.destination(for: route), token: 0) else {
            worker.count(self.counters.failures)
            return -1
        }
        worker.count(self.counters.sent)
        worker.count(self.counters.row(status))
        return 1
    }

    /// Answers a request of HTTP, for which there is nothing else than a stateless reply.
    private func answer(_ route: RouteContext, _ code: Int, _ reason: ByteString) -> Int {
        let (type, body) = (route.replyBodyType, route.replyBody)
        let outcome = self.answers.send(code, reason.span, type: type.span, body: body.span, for: route)
        guard outcome == .sent else {
            route.worker.count(self.counters.failures)
            route.log(.error, "sl: the HTTP request is not answered: \(outcome)")
            return -1
        }
        route.worker.count(self.counters.sent)
        route.worker.count(self.counters.row(code))
        return 1
    }

    /// Replies through the transaction of `route` when there is one, else without.
    /// - Returns: as `reply(to:code:reason:)`.
    @discardableResult
    public func send(to route: RouteContext, code: Int, reason: ByteString) -> Int {
        if self.settings.usesTransactions, route.transaction != 0, let stateful = route.program.hooks.statefulReply,
            let result = stateful(route, code, reason)
        {
            return result
        }
        return self.reply(to: route, code: code, reason: reason)
    }
}
