import Bytes
import ModuleKit
import SIPMessage
import SIPTransport

extension Worker {
    /// Whether the request may go on to the script.
    ///
    /// Requests within dialogs, and what ends something, always may: refusing them would cost more than it spares.
    /// Emergency calls always may. Everything else is refused while the worker is behind (RFC 3261 §21.5.4), unless it
    /// repeats a request that has begun: that gets its last reply again and needs no script.
    func isInTime(_ context: RouteContext) -> Bool {
        let message = context.message
        switch message.method {
        case .ack:
            // The acknowledgement of a refusal.
            return !self.policy.reply.tags.isOwn(.stateless, in: message)
        case .bye, .cancel, .prack: return true
        default: break
        }
        let overload = self.policy.overload
        guard self.arrivedAt != 0, self[overload.isOn] != 0, !message.to.tag.isPresent else { return true }
        let now = WallClock.microseconds()
        let waited = now - self.arrivedAt
        // A clock that was set tells nothing.
        guard waited >= 0, waited < 60_000_000 else { return true }
        let limits = OverloadGate.Limits(
            delay: self[overload.delay] * 1000, interval: self[overload.interval] * 1000)
        let wasClosed = self.gate.isClosed
        if self.gate.admits(waited: waited, isLosing: self.isLosing, now: now, limits) {
            if wasClosed, !self.gate.isClosed { self.server.logger.notice("worker \(self.index) keeps up again") }
            return true
        }
        if message.isEmergency { return true }
        for absorbed in self.program.hooks.repetitionArrived where absorbed(context) { return false }
        self.refuse(context, waited: waited)
        return false
    }

    private func refuse(_ context: RouteContext, waited: Int) {
        let overload = self.policy.overload
        let code = self[overload.replyCode]
        self.count(code == 0 ? self.core.overloadDropped : self.core.overloadRefused)
        if self.server.mayLogOverload(at: self.now) {
            self.server.logger.warning(
                "overload: messages wait \(waited / 1000) ms, requests that begin something are refused")
        }
        guard code >= 400 else { return }
        let out = self.outgoing()
        let headers = context.replyHeaders
        let mark = headers.count
        let pause = self[overload.retryAfter]
        if pause > 0 {
            headers.append("Retry-After: ")
            // Spread, so that they do not all come back together.
            headers.append(decimal: pause + Int(message: context.message, below: pause + 1))
            headers.append("\r\n")
        }
        self.policy.reply.write(code, overload.reason.span, for: context, from: .stateless, into: out)
        headers.truncate(to: mark)
        self.send(out, to: self.policy.reply.destination(for: context), token: 0)
    }
}

extension Int {
    /// A number that is another for every call, and the same for repetitions of its request.
    fileprivate init(message: Message, below limit: Int) {
        let hash = message.span.keyedHash(message.callID, seed: HashSeed.process)
        self = Int(truncatingIfNeeded: hash >> 33) % Swift.max(limit, 1)
    }
}

extension Message {
    /// Whether it is for an emergency service (RFC 5031: `urn:service:sos…`) or says that it is an emergency (RFC 3261
    /// §20.26).
    var isEmergency: Bool {
        let uri = self.requestURI
        if uri.count >= 15, self.span.equalsIgnoringCase(ByteRange(start: uri.lower, count: 15), "urn:service:sos") {
            return true
        }
        return self.first(.priority) >= 0 && self.span.equalsIgnoringCase(self.value(.priority), "emergency")
    }
}
