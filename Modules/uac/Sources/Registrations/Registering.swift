import Bytes
import ModuleKit
import SIPMessage
import tm

extension UserAgentClient {
    /// Sends REGISTER for every registration that is due.
    func registerDue(by worker: any WorkerServices) {
        for registration in self.registrations.takeDue(self.registrations.clock.seconds()) {
            self.ask(registration, by: worker)
        }
    }

    /// Sends REGISTER now.
    /// - Parameter isEnd: with Expires 0.
    /// - Returns: false when there is no such registration.
    func register(_ uuid: ByteString, isEnd: Bool, by worker: any WorkerServices) -> Bool {
        let now = self.registrations.clock.seconds()
        let begun = self.registrations.change(uuid) { registration -> Registration in
            registration.begin(asking: isEnd ? 0 : registration.expires, now: now)
            return registration
        }
        guard let begun else { return false }
        self.ask(begun, by: worker)
        return true
    }

    private func ask(_ registration: Registration, by worker: any WorkerServices) {
        var request = LocalRequest(
            "REGISTER", "sip:" + registration.remoteDomain, from: "<" + registration.remoteURI + ">",
            to: "<" + registration.remoteURI + ">")
        request.headers =
            "Contact: <" + registration.contact + ">\r\nExpires: " + ByteString(decimal: registration.asksFor) + "\r\n"
        if !registration.proxy.isEmpty { request.nextHop = registration.proxy }
        request.socket = self.defaultSocket
        if !registration.socket.isEmpty {
            request.socket = self.host.socket(named: registration.socket) ?? self.defaultSocket
        }
        if self.settings.keepsCallID, !registration.callID.isEmpty {
            request.callID = registration.callID
            request.cSeq = registration.cSeq &+ 1
        }
        self.send(request, registration.uuid, by: worker)
    }

    private func send(_ request: LocalRequest, _ uuid: ByteString, by worker: any WorkerServices) {
        let sending = self.transactions.sendRequest(request, by: worker) { [weak self] outcome, worker in
            self?.registrarAnswered(outcome, request, uuid, by: worker)
        }
        switch sending {
        case .sent, .resolving: return
        case .failed, .keptBack:
            let pace = Pace(self.settings)
            _ = self.registrations.change(uuid) { $0.fail(pace, self.registrations.clock.seconds()) }
            if case .failed(let failure) = sending {
                self.host.logger.error("uac: cannot register \(uuid): \(failure.reason("TM"))")
            }
        }
    }

    private func registrarAnswered(
        _ outcome: LocalEvent, _ request: LocalRequest, _ uuid: ByteString, by worker: any WorkerServices
    ) {
        let reply = Message(outcome.reply.span)
        let pace = Pace(self.settings)
        let now = self.registrations.clock.seconds()
        let sent = Message(outcome.request.span)
        let step = self.registrations.change(uuid) { registration -> (Registration.Step, Registration) in
            if let sent {
                registration.callID = sent.text(sent.callID)
                registration.cSeq = sent.cSeq.number
            }
            let granted = reply.flatMap { Self.granted(by: $0, contact: registration.contact) }
            let shortest = reply.flatMap { $0.number(.minExpires) }
            let step = registration.answered(
                outcome.code, granted: granted, shortest: shortest, pace: pace, now: now)
            return (step, registration)
        }
        guard let (step, registration) = step else { return }
        switch step {
        case .nothing:
            if outcome.code >= 300 {
                self.host.logger.error("uac: \(outcome.code) while registering \(uuid)")
            }
        case .askLonger: _ = self.register(uuid, isEnd: false, by: worker)
        case .answerChallenge:
            let isHashed = !registration.hash.isEmpty
            let credential = Credential(
                user: registration.user, realm: registration.realm,
                password: isHashed ? registration.hash : registration.password, isHashed: isHashed)
            if let again = self.answering(outcome, request, [credential]) {
                return self.send(again, uuid, by: worker)
            }
            self.host.logger.error("uac: the registrar of \(uuid) asks for what is not known here")
            _ = self.registrations.change(uuid) { $0.fail(pace, now) }
        }
    }

    /// Seconds that a 200 grants: of our own Contact in it, else Expires; nil when it does not say (RFC 3261 §10.2.4).
    static func granted(by reply: Message, contact: ByteString) -> Int? {
        let span = reply.span
        var found: Int?
        reply.forEachNameAddress(in: .contact) { address in
            guard address.isValid, !address.isStar, span.equals(address.uri, contact.span) else { return true }
            if address.expires >= 0 { found = address.expires }
            return false
        }
        return found ?? reply.expires
    }
}
