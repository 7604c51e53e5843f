import Bytes
import ModuleKit
import SIPMessage

extension TestRun {
    /// Does what a step says.
    func act(_ step: TestStep) throws(Failure) {
        switch step.kind {
        case .phone(let name, let address, let transport): self.stage.addPhone(name, address, transport)
        case .answers(let name, let answers):
            if let name { self.stage.phone(name).answers = answers } else { self.stage.standardAnswers = answers }
        case .outside(let answer): self.stage.outsideAnswers.append(answer)
        case .reachable(let name, let isReachable): self.stage.phone(name).isReachable = isReachable
        case .acknowledges(let name, let acknowledges): self.stage.phone(name).acknowledges = acknowledges
        case .register(let name, let expires): try self.register(name, expires, step)
        case .send(let send): try self.send(send, step)
        case .reply(let reply): try self.reply(reply, step)
        case .wait(let time): self.stage.advance(by: time)
        case .set(let variable, let value): try self.set(variable, value, step)
        case .command(let name, let arguments): try self.call(name, arguments, step)
        case .expect: break
        }
    }

    /// Has a phone register, which has to succeed: whoever wants to see it fail sends a REGISTER.
    private func register(_ name: String, _ expires: Int?, _ step: TestStep) throws(Failure) {
        let phone = self.stage.phone(name)
        var request = phone.request("REGISTER", "sip:\(phone.domain)")
        if let expires { request.set("Expires", "\(expires)") }
        try self.deliver(request, phone, nil, step)
        guard phone.sent.last?.lastReply?.status == 200 else {
            let reply = phone.sent.last?.lastReply?.firstLine ?? "nothing"
            throw Failure(
                place: step.place, message: "\(name) could not register: \(reply)", details: self.record.lines)
        }
        // Not what the test is about.
        self.record.sent = []
    }

    private func send(_ send: SendStep, _ step: TestStep) throws(Failure) {
        let phone = self.stage.phone(send.phone ?? self.speaker)
        self.speaker = phone.name
        switch send.what {
        case .again:
            guard let last = self.lastSent else { throw self.failure(step, "nothing has been sent yet") }
            let sender = self.stage.phone(send.phone ?? last.phone)
            self.stage.send(last.message, from: sender, to: try self.socket(send, step), bytes: last.bytes)
        case .raw(let lines):
            let text = self.filled(lines.joined(separator: "\n"))
            var message = PlainMessage(text: text)
            // A message as it is, except that line ends and the length of the body are what they have to be on the
            // wire.
            if let length = message["Content-Length"], Int(length) == message.body.utf8.count {
                message.remove("Content-Length")
            }
            try self.deliver(message, phone, try self.socket(send, step), step)
        case .request(let method, let uri):
            var message: PlainMessage
            if let uri {
                message = phone.request(method, self.filled(uri))
            } else if method == "REGISTER" {
                message = phone.request(method, "sip:\(phone.domain)")
            } else if let followUp = phone.followUp(method) {
                message = followUp
            } else {
                throw self.failure(
                    step,
                    ["ACK", "CANCEL"].contains(method)
                        ? "\(phone.name) has sent no INVITE that this could be for"
                        : "\(phone.name) is in no dialog: where to? send \(method) sip:bob@example.com")
            }
            self.apply(send.details, to: &message)
            try self.deliver(message, phone, try self.socket(send, step), step)
        }
    }

    private func deliver(
        _ message: PlainMessage, _ phone: Phone, _ socket: ListenSocket?, _ step: TestStep
    ) throws(Failure) {
        self.lastSent = (message, nil, phone.name)
        guard self.stage.send(message, from: phone, to: socket) else {
            throw self.failure(
                step, "the server has no socket that \(phone.name) could reach over \(phone.transport.name)")
        }
    }

    private func socket(_ send: SendStep, _ step: TestStep) throws(Failure) -> ListenSocket? {
        guard let name = send.socket else { return nil }
        let text = self.filled(name)
        guard
            let socket = self.stage.server.sockets.first(where: {
                $0.socketName.string == text || $0.name?.string == text || "\($0.address)" == text
            })
        else {
            let known = self.stage.server.sockets.map(\.socketName.string).joined(separator: ", ")
            throw self.failure(step, "the server has no socket \(text), but \(known)")
        }
        return socket
    }

    private func reply(_ reply: ReplyStep, _ step: TestStep) throws(Failure) {
        let phone =
            reply.phone.map { self.stage.phone($0) }
            ?? self.stage.phones.last { $0.openRequest(reply.method) != nil }
        guard let phone, let pending = phone.openRequest(reply.method) else {
            let what = reply.method.map { "\($0) request" } ?? "request"
            let message = reply.phone.map { "\($0) has no \(what) to answer" } ?? "nobody has a \(what) to answer"
            throw Failure(place: step.place, message: message, details: self.record.lines)
        }
        var message = phone.reply(to: pending, reply.status, reason: reply.reason)
        self.apply(reply.details, to: &message)
        self.stage.reply(message, to: pending, from: phone)
    }

    private func set(_ name: String, _ value: String, _ step: TestStep) throws(Failure) {
        do {
            let variable = try self.stage.server.variable(name)
            let text = ByteString(self.filled(value))
            let written = self.stage.server.withContext(Self.carrier) { route in
                let number = Value.integer(text.span, ByteRange(start: 0, count: text.count))
                return variable.write(number.map { .int($0) } ?? .bytes(text), in: route)
            }
            guard written == true else { throw self.failure(step, "\(name) cannot be set") }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw self.failure(step, "\(name): \(Self.text(of: error))")
        }
    }

    private func call(_ name: String, _ arguments: [String], _ step: TestStep) throws(Failure) {
        do throws(RPCFault) {
            let values = arguments.map { word in
                Int(word).map { RPCValue.int($0) } ?? .text(ByteString(self.filled(word)))
            }
            _ = try self.stage.server.call(name, values)
        } catch {
            throw self.failure(step, "\(name): \(error)")
        }
    }

    /// A message for variables to hang on when none is there.
    static let carrier = ByteString(
        "OPTIONS sip:test.invalid SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-test\r\n"
            + "From: <sip:test@test.invalid>;tag=test\r\nTo: <sip:test@test.invalid>\r\nCall-ID: test\r\n"
            + "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")

    // MARK: Texts

    func failure(_ step: TestStep, _ message: String) -> Failure { Failure(place: step.place, message: message) }

    private func apply(_ details: MessageDetails, to message: inout PlainMessage) {
        var written: Set<String> = []
        for (name, value) in details.fields {
            guard let value else {
                message.remove(name)
                continue
            }
            // The first one takes the place of the field that is there, further ones come behind it.
            if written.insert(name.lowercased()).inserted {
                message.set(name, self.filled(value))
            } else {
                message.fields.append(.init(name, self.filled(value)))
            }
        }
        if details.hasSDP, let address = self.stage.knownPhone(self.speaker)?.address {
            if message["Content-Type"] == nil { message.set("Content-Type", "application/sdp") }
            message.body = Self.sdp(address.ip)
        }
        if !details.body.isEmpty { message.body = self.filled(details.body.joined(separator: "\n")) + "\n" }
    }

    private static func sdp(_ ip: IPAddress) -> String {
        let address = "IN \(ip.isIPv6 ? "IP6" : "IP4") \(ip)"
        return """
            v=0
            o=- 1 1 \(address)
            s=-
            c=\(address)
            t=0 0
            m=audio 40000 RTP/AVP 8 0 101
            a=rtpmap:101 telephone-event/8000
            a=sendrecv

            """
    }

    /// The text with `{server}`, `{bob}`, `{bob.uri}` and `{bob.contact}` filled in.
    func filled(_ text: String) -> String {
        guard text.contains("{") else { return text }
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let inner = rest[rest.index(after: open)..<close]
            result += self.named(String(inner)) ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private func named(_ word: String) -> String? {
        if word == "server" { return self.stage.server.sockets.first.map { "\($0.address)" } }
        if word == "call-id" { return self.lastSent?.message["Call-ID"] }
        let parts = word.split(separator: ".", maxSplits: 1).map(String.init)
        guard let name = parts.first, let phone = self.stage.knownPhone(name) else { return nil }
        if parts.count == 1 { return "\(phone.address)" }
        switch parts[1] {
        case "uri": return phone.uri
        case "contact": return PlainMessage.uri(of: phone.contact)
        case "ip": return "\(phone.address.ip)"
        case "port": return "\(phone.address.port)"
        default: return nil
        }
    }
}
