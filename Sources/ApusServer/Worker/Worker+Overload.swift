import Bytes
import ModuleKit
import SIPMessage
import SIPTransport

// Requests within dialogs, and what ends something, are never refused: that would cost more than it spares. Emergency
// calls never are. Everything else is refused while the worker is behind (RFC 3261 §21.5.4), unless it repeats a request
// that has begun: that gets its last reply again and needs no script.
//
// There are two ways to a refusal. The long one is that of every message, up to the script: it finds out that the worker
// is behind. From then on messages are only glanced at, which costs a tenth, and take the long way when the glance does
// not tell.

extension Worker {
    /// Whether the request may go on to the script.
    func isInTime(_ context: RouteContext) -> Bool {
        let message = context.message
        switch message.method {
        case .ack:
            // The acknowledgement of a refusal.
            return !self.policy.reply.tags.isOwn(.stateless, in: message)
        case .bye, .cancel, .prack: return true
        default: break
        }
        guard !message.to.tag.isPresent, let waited = self.waited(), !self.isAdmitted(after: waited) else {
            return true
        }
        if message.isEmergency { return true }
        for absorbed in self.program.hooks.repetitionArrived where absorbed(context) { return false }
        self.refuse(context, waited: waited)
        return false
    }

    /// Refuses the message in `buffer` without having parsed it, or drops the acknowledgement of such a refusal.
    /// - Returns: false when it has to be looked at in full.
    func refusesUnread(_ buffer: ByteBuffer, _ arrival: Arrival) -> Bool {
        guard self.mayRefuseUnread, let waited = self.waited(), let socket = self.sockets.current(arrival.socket),
            let request = RequestGlance(buffer.span)
        else { return false }
        let span = buffer.span
        switch request.method {
        case .ack:
            guard self.policy.reply.tags.isOwn(.stateless, in: request, span) else { return false }
            self.core.countRequest(.ack, in: self.bank)
            return true
        case .bye, .cancel, .prack: return false
        default: break
        }
        guard !request.hasToTag, !request.isEmergency else { return false }
        let mark = self.mark(span, request.topVia, request.callID)
        let isLost = self.dropped.value.isLost(mark, at: self.now)
        // With an open gate the request is read, and its wait judged then.
        guard isLost || (self.gate.value.isClosed && !self.isAdmitted(after: waited)) else { return false }
        for mayRepeat in self.program.hooks.mayRepeat where mayRepeat(span, request.callID, request.cSeq) {
            return false
        }
        if isLost {
            self.core.countRequest(request.method, in: self.bank)
            self.count(self.core.overloadDropped)
            return true
        }
        self.core.countRequest(request.method, in: self.bank)
        var arrival = arrival
        arrival.socket = socket
        self.refuse(request, buffer, arrival, waited: waited, mark)
        return true
    }

    /// What a request shares with its repetitions, and with nothing else.
    private func mark(_ span: Span<UInt8>, _ via: Via, _ callID: ByteRange) -> UInt64 {
        span.keyedHash(via.branch, seed: HashSeed.fold(span.keyedHash(callID, seed: HashSeed.process), 1))
    }

    /// Microseconds since the message at hand reached the server; nil: that is unknown, or nothing is refused.
    private func waited() -> Int? {
        guard self.arrivedAt != 0, self[self.policy.overload.isOn] != 0 else { return nil }
        let waited = WallClock.microseconds() - self.arrivedAt
        // A clock that was set tells nothing.
        return waited >= 0 && waited < 60_000_000 ? waited : nil
    }

    private func isAdmitted(after waited: Int) -> Bool {
        let overload = self.policy.overload
        let limits = OverloadGate.Limits(
            delay: self[overload.delay] * 1000, interval: self[overload.interval] * 1000)
        let wasClosed = self.gate.value.isClosed
        guard
            self.gate.value.admits(
                waited: waited, isLosing: self.isLosing, now: self.arrivedAt + waited, limits)
        else { return false }
        if wasClosed, !self.gate.value.isClosed { self.server.logger.notice("worker \(self.index) keeps up again") }
        return true
    }

    /// - Returns: the status of the refusal; nil: there is no answer.
    private func noteRefusal(waited: Int) -> Int? {
        let code = self[self.policy.overload.replyCode]
        self.count(code == 0 ? self.core.overloadDropped : self.core.overloadRefused)
        if self.server.mayLogOverload(at: self.now) {
            self.server.logger.warning(
                "overload: messages wait \(waited / 1000) ms, requests that begin something are refused")
        }
        return code >= 400 ? code : nil
    }

    private func refuse(_ context: RouteContext, waited: Int) {
        let message = context.message
        guard let code = self.noteRefusal(waited: waited) else {
            return self.dropped.value.note(self.mark(message.span, message.topVia, message.callID), at: self.now)
        }
        let out = self.outgoing()
        let headers = context.replyHeaders
        let mark = headers.count
        self.appendRetryAfter(message.span, message.callID, to: headers)
        self.policy.reply.write(
            code, self.policy.overload.reason.span, for: context, from: .stateless, into: out)
        headers.truncate(to: mark)
        self.send(out, to: self.policy.reply.destination(for: context), token: 0)
    }

    private func refuse(
        _ request: RequestGlance, _ buffer: ByteBuffer, _ arrival: Arrival, waited: Int, _ mark: UInt64
    ) {
        guard let code = self.noteRefusal(waited: waited) else { return self.dropped.value.note(mark, at: self.now) }
        let span = buffer.span
        let out = self.outgoing()
        let headers = self.refusalHeaders
        headers.removeAll()
        self.appendRetryAfter(span, request.callID, to: headers)
        let forceRport = self[self.program.forcesRport] != 0
        let reply = self.policy.reply
        reply.writeRefusal(
            code, self.policy.overload.reason.span, of: request, in: span, headers: headers.span, arrival,
            forceRport: forceRport, into: out)
        self.keepOrder(ofCall: request.callID, in: span)
        self.send(out, to: reply.destination(for: request, in: span, arrival, forceRport: forceRport), token: 0)
    }

    private func appendRetryAfter(_ span: Span<UInt8>, _ callID: ByteRange, to headers: ByteBuffer) {
        let pause = self[self.policy.overload.retryAfter]
        guard pause > 0 else { return }
        headers.append("Retry-After: ")
        // Spread, so that they do not all come back together; the same for repetitions of a request.
        let hash = span.keyedHash(callID, seed: HashSeed.process)
        headers.append(decimal: pause + Int(truncatingIfNeeded: hash >> 33) % (pause + 1))
        headers.append("\r\n")
    }
}
