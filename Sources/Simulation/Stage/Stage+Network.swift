import Bytes
import SIPMessage

extension Stage {
    func serverSent(_ bytes: ByteString, to destination: Destination, token: UInt64) -> Bool {
        let phone = self.receiver(of: destination)
        let message = PlainMessage(bytes)
        self.listener?.note(
            .sent(
                .init(
                    message: message, bytes: bytes, destination: destination, phone: phone?.name,
                    isRepeat: self.recent.note(bytes, destination.address))),
            at: self.elapsed)
        // To ourselves: a loop is the script's business.
        if let own = self.server.sockets.first(where: {
            $0.address == destination.address && $0.transport == destination.transport
        }) {
            let source = destination.socket?.address ?? own.address
            self.schedule(after: .zero) { [weak self] in self?.arrive(bytes, from: source, nil, on: own) }
            return true
        }
        guard let phone else { return true }
        if phone.refusesConnections, destination.transport.isStream { return false }
        guard phone.isReachable else {
            if phone.transport.isStream { return false }
            self.schedule(after: .zero) { [weak self] in
                guard let self else { return }
                self.listener?.note(.undeliverable(destination), at: self.elapsed)
                self.server.failSend(to: destination, token: token)
            }
            return true
        }
        self.schedule(after: .zero) { [weak self] in self?.deliver(message, to: phone, from: destination.socket) }
        return true
    }

    private func receiver(of destination: Destination) -> Phone? {
        if let known = self.phone(at: destination.address) { return known }
        guard self.standardAnswers != nil, self.phones.count < 10_000 else { return nil }
        return self.addPhone("\(destination.address)", destination.address, destination.transport)
    }

    private func deliver(_ message: PlainMessage, to phone: Phone, from socket: ListenSocket?) {
        if message.isReply {
            guard let answer = phone.receive(reply: message) else { return }
            self.send(answer.ack, from: phone, to: answer.socket)
            return
        }
        guard message.method != "ACK" else { return }
        guard let pending = phone.receive(request: message, from: socket) else {
            // Sent again: so is the reply.
            if let known = phone.known(message), let reply = known.lastReply {
                self.send(reply, from: phone, to: known.socket)
            }
            return
        }
        if message.method == "CANCEL" { return self.cancelled(message, pending, phone) }
        guard let answers = phone.answers ?? self.standardAnswers else { return }
        self.carryOut(answers, pending, phone)
    }

    /// The end of a call that rings: 200 for the CANCEL, 487 for the INVITE. A silent phone stays silent.
    private func cancelled(_ cancel: PlainMessage, _ pending: Phone.Pending, _ phone: Phone) {
        guard let invite = phone.invite(of: cancel) else {
            if (phone.answers ?? self.standardAnswers) != nil { self.answer(pending, 481, nil, phone) }
            return
        }
        guard invite.lastReply != nil || phone.answers != nil else { return }
        self.answer(pending, 200, nil, phone)
        self.answer(invite, 487, nil, phone)
    }

    /// A standing order: all of it for INVITE, its final reply for everything else.
    private func carryOut(_ answers: [Phone.Answer], _ pending: Phone.Pending, _ phone: Phone) {
        var delay = Interval.zero
        for answer in answers {
            let isInvite = pending.request.method == "INVITE"
            if !isInvite, answer.status < 200 { continue }
            delay = delay + answer.delay
            self.schedule(after: isInvite ? delay : .zero) { [weak self] in
                guard pending.isOpen else { return }
                self?.answer(pending, answer.status, answer.reason, phone)
            }
        }
    }

    private func answer(_ pending: Phone.Pending, _ status: Int, _ reason: String?, _ phone: Phone) {
        self.reply(phone.reply(to: pending, status, reason), to: Phone.PendingRequest(pending), from: phone)
    }
}

extension Phone {
    /// A request that a phone may still answer, for those who only pass it on.
    package struct PendingRequest {
        let value: Pending
        package var request: PlainMessage { self.value.request }
        init(_ value: Pending) { self.value = value }
    }

    /// The request that `reply` is for: the last one not yet finally answered, of that method when one is named.
    package func openRequest(_ method: String? = nil) -> PendingRequest? {
        self.open(method).map { PendingRequest($0) }
    }

    package func reply(to pending: PendingRequest, _ status: Int, reason: String? = nil) -> PlainMessage {
        self.reply(to: pending.value, status, reason)
    }
}
