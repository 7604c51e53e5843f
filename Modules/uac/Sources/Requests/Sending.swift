import Bytes
import ModuleKit
import SIPMessage
import tm

extension UserAgentClient {
    /// `uac_req_send`: sends what `$uac_req(…)` describes. A challenge is answered once, when there is a user name.
    func sendDraft(_ route: RouteContext) -> Outcome {
        let content = RequestDraft.of(route).content
        guard self.transactions.maySend(from: route), let request = self.request(content, route) else {
            return .failure
        }
        let sending = self.send(
            request, content, of: route.program, by: route.worker,
            event: content.runsEvent != 0 ? route.program.route(.event, named: "uac:reply") : .none)
        switch sending {
        case .sent, .resolving: return .success
        case .failed(let failure):
            route.log(.error, "uac_req_send: \(failure.reason("TM"))")
            return .failure
        case .keptBack: return .failure
        }
    }

    private func request(_ content: RequestDraft.Content, _ route: RouteContext) -> LocalRequest? {
        guard !content.method.isEmpty, !content.requestURI.isEmpty, !content.fromURI.isEmpty else {
            route.log(.error, "uac_req_send: $uac_req(method), (ruri) and (furi) have to be set")
            return nil
        }
        var request = LocalRequest(
            content.method, content.requestURI, from: "<" + content.fromURI + ">",
            to: "<" + (content.toURI.isEmpty ? content.requestURI : content.toURI) + ">", headers: content.headers,
            body: content.body)
        if !content.nextHop.isEmpty { request.nextHop = content.nextHop }
        request.socket = self.defaultSocket
        if !content.socket.isEmpty {
            guard let socket = self.host.socket(named: content.socket) else {
                route.log(.error, "uac_req_send: there is no socket \(content.socket)")
                return nil
            }
            request.socket = socket
        }
        request.callID = content.callID
        if content.cSeq > 0, let number = UInt32(exactly: content.cSeq) { request.cSeq = number }
        if content.finalTimer > 0 { request.finalTimer = .milliseconds(content.finalTimer) }
        if content.inviteTimer > 0 { request.inviteTimer = .milliseconds(content.inviteTimer) }
        return request
    }

    private func send(
        _ request: LocalRequest, _ content: RequestDraft.Content, of program: any RouteProgram,
        by worker: any WorkerServices, event: RouteID
    ) -> LocalSending {
        self.transactions.sendRequest(request, of: program, by: worker) { [weak self] outcome, worker in
            guard let self else { return }
            self.tell(outcome, content, of: program, by: worker, event: event)
            let isHashed = content.flags & RequestDraft.hashedPassword != 0
            let credential = Credential(
                user: content.user, realm: "", password: content.password, isHashed: isHashed)
            guard !content.user.isEmpty,
                let again = self.answering(outcome, request, [credential])
            else { return }
            var rest = content
            // One answer is enough: whoever challenges it again does not take it.
            rest.user = ByteString()
            _ = self.send(again, rest, of: program, by: worker, event: event)
        }
    }

    /// The request once more with credentials; nil when it was not challenged, or nobody knows the realm.
    func answering(_ outcome: LocalEvent, _ request: LocalRequest, _ credentials: [Credential]) -> LocalRequest? {
        guard outcome.code == 401 || outcome.code == 407, let reply = Message(outcome.reply.span),
            let sent = Message(outcome.request.span),
            let (challenge, credential) = Self.choose(reply, outcome.code, credentials)
        else { return nil }
        var answer = DigestAnswer(
            challenge, credential, method: request.method, uri: sent.text(sent.requestURI))
        answer.body = sent.text(sent.body)
        answer.count = self.nonces.next(challenge.nonce)
        var again = request
        // The same request with the next number (RFC 3261 §22.2).
        again.callID = sent.text(sent.callID)
        again.fromTag = sent.text(sent.from.tag)
        again.cSeq = sent.cSeq.number &+ 1
        var headers = again.headers
        if let last = headers.bytes.last, last != 10 { headers = headers + "\r\n" }
        again.headers = headers + Self.header(answer, isProxy: outcome.code == 407)
        return again
    }

    /// Runs `event_route[uac:reply]`: on the reply, or without one on a request made up here.
    private func tell(
        _ outcome: LocalEvent, _ content: RequestDraft.Content, of program: any RouteProgram,
        by worker: any WorkerServices, event: RouteID
    ) {
        guard event.isPresent else { return }
        let context: RouteContext?
        if let arrival = outcome.arrival {
            context = worker.makeContext(outcome.reply.span, arrival: arrival, program: program)
            context?.transaction = outcome.transaction.rawValue
        } else {
            context = worker.makeLocalContext(program: program)
        }
        guard let context else { return }
        let draft = RequestDraft.of(context)
        draft.content = content
        draft.content.eventCode = outcome.code
        draft.content.eventType = outcome.arrival == nil ? 2 : 1
        worker.schedule(RouteCall(route: event, kind: .event) { _, _ in .success }, in: context)
    }
}
