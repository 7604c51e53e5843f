import Bytes
import SIPMessage

/// A SIP endpoint of the simulation, on either side of the server: sends requests, keeps dialogs, answers as it is told.
///
/// It does what RFC 3261 asks of an endpoint as far as a script can see it: repeated requests get the same reply again,
/// final replies to INVITE are acknowledged, a CANCEL ends the call that it is for.
package final class Phone {
    /// One reply of a standing order: `180`, `200 after 5s`.
    package struct Answer: Sendable {
        package var status: Int
        package var reason: String?
        package var delay: Interval

        package init(_ status: Int, reason: String? = nil, delay: Interval = .zero) {
            self.status = status
            self.reason = reason
            self.delay = delay
        }
    }

    /// A request that came in and may still be answered.
    final class Pending {
        let request: PlainMessage
        /// The socket of the server that it came from: replies go there.
        let socket: ListenSocket?
        let localTag: String
        var lastReply: PlainMessage?
        var isOpen = true

        init(_ request: PlainMessage, _ socket: ListenSocket?, localTag: String) {
            self.request = request
            self.socket = socket
            self.localTag = localTag
        }
    }

    /// A request that was sent.
    struct Sent {
        var request: PlainMessage
        var socket: ListenSocket?
        var lastReply: PlainMessage?
    }

    package let name: String
    package let address: SocketAddress
    package let transport: TransportProtocol
    /// Number of its connection to the server, for streams.
    let connection: UInt64
    /// What it answers of itself; nil: nothing.
    package var answers: [Answer]?
    /// Whether datagrams to it get through, or come back as errors.
    package var isReachable = true
    /// Nothing of it listens for connections.
    package var refusesConnections = false
    /// Whether it sends the ACK for a final reply to INVITE of itself.
    package var acknowledges = true
    /// Domain of its address of record.
    package var domain: String

    var pending: [Pending] = []
    var sent: [Sent] = []
    var dialogs: [Dialog] = []
    private var counter = 0

    init(name: String, address: SocketAddress, transport: TransportProtocol, connection: UInt64, domain: String) {
        self.name = name
        self.address = address
        self.transport = transport
        self.connection = connection
        self.domain = domain
    }

    /// Address of record.
    package var uri: String { "sip:\(self.name)@\(self.domain)" }

    package var contact: String {
        let parameter = self.transport == .udp ? "" : ";transport=\(self.transport.name)"
        return "<sip:\(self.name)@\(self.address)\(parameter)>"
    }

    /// A number that this phone has not used yet.
    private func next() -> Int {
        self.counter += 1
        return self.counter
    }

    func newTag() -> String { "\(self.name)-tag-\(self.next())" }
    func newBranch() -> String { "z9hG4bK-\(self.name)-\(self.next())" }

    func via(_ branch: String) -> String { "SIP/2.0/\(self.transport.viaName) \(self.address);branch=\(branch)" }

    // MARK: Requests

    /// A request outside of dialogs, with everything that one has to have.
    package func request(_ method: String, _ uri: String, domain: String? = nil) -> PlainMessage {
        let isRegister = method == "REGISTER"
        var message = PlainMessage("\(method) \(uri) SIP/2.0")
        message.fields = [
            .init("Via", self.via(self.newBranch())), .init("Max-Forwards", "70"),
            .init("From", "<\(self.uri)>;tag=\(self.newTag())"),
            .init("To", isRegister ? "<\(self.uri)>" : "<\(uri)>"),
            .init("Call-ID", "\(self.name)-call-\(self.next())"), .init("CSeq", "1 \(method)"),
        ]
        if ["INVITE", "REGISTER", "SUBSCRIBE", "REFER", "UPDATE"].contains(method) {
            message.fields.append(.init("Contact", self.contact))
        }
        if isRegister { message.fields.append(.init("Expires", "3600")) }
        return message
    }

    /// A request that belongs to what went before: CANCEL and ACK to the last INVITE, others to the last dialog.
    /// - Returns: nil when there is nothing that it could belong to.
    package func followUp(_ method: String) -> PlainMessage? {
        if method == "CANCEL" || method == "ACK" {
            guard let invite = self.sent.last(where: { $0.request.method == "INVITE" }) else { return nil }
            return method == "CANCEL" ? self.cancel(invite.request) : self.acknowledgement(of: invite)
        }
        guard !self.dialogs.isEmpty else { return nil }
        var message = self.dialogs[self.dialogs.count - 1].request(method)
        self.complete(&message)
        if ["INVITE", "SUBSCRIBE", "REFER", "UPDATE"].contains(method) { message.set("Contact", self.contact) }
        return message
    }

    private func complete(_ message: inout PlainMessage) {
        message.fields.insert(.init("Max-Forwards", "70"), at: 0)
        message.fields.insert(.init("Via", self.via(self.newBranch())), at: 0)
    }

    private func cancel(_ invite: PlainMessage) -> PlainMessage {
        var message = PlainMessage("CANCEL \(invite.requestURI) SIP/2.0")
        message.fields = invite.fields.filter { field in
            ["Via", "Max-Forwards", "From", "To", "Call-ID", "Route"].contains {
                PlainMessage.isSame(field.name, $0)
            }
        }
        message.set("CSeq", "\(invite.sequence) CANCEL")
        return message
    }

    /// Of a refusal it belongs to the INVITE's transaction, of an acceptance it is a request of its own.
    func acknowledgement(of invite: Sent) -> PlainMessage? {
        guard let reply = invite.lastReply, reply.status >= 200 else { return nil }
        guard reply.status < 300, var dialog = Dialog(request: invite.request, reply: reply) else {
            var message = self.cancel(invite.request)
            message.firstLine = "ACK \(invite.request.requestURI) SIP/2.0"
            message.set("To", reply["To"] ?? "")
            message.set("CSeq", "\(invite.request.sequence) ACK")
            return message
        }
        var message = dialog.request("ACK")
        self.complete(&message)
        return message
    }

    func noteSent(_ request: PlainMessage, on socket: ListenSocket?) {
        guard request.method != "ACK" else { return }
        self.sent.append(Sent(request: request, socket: socket))
        if self.sent.count > 32 { self.sent.removeFirst() }
    }

    // MARK: Replies that come in

    /// Notes a reply.
    /// - Returns: the ACK to send for it.
    func receive(reply: PlainMessage) -> (ack: PlainMessage, socket: ListenSocket?)? {
        guard
            let index = self.sent.lastIndex(where: {
                $0.request["Call-ID"] == reply["Call-ID"] && $0.request["CSeq"] == reply["CSeq"]
            })
        else { return nil }
        self.sent[index].lastReply = reply
        let sent = self.sent[index]
        let method = sent.request.method
        if method == "INVITE" || method == "SUBSCRIBE", reply.status > 100, reply.status < 300,
            let dialog = Dialog(request: sent.request, reply: reply)
        {
            self.keep(dialog)
        }
        guard method == "INVITE", reply.status >= 200, self.acknowledges else { return nil }
        return self.acknowledgement(of: sent).map { ($0, sent.socket) }
    }

    private func keep(_ dialog: Dialog) {
        if let index = self.dialogs.firstIndex(where: { $0.callID == dialog.callID && $0.remote == dialog.remote }) {
            let sequence = max(self.dialogs[index].sequence, dialog.sequence)
            self.dialogs[index] = dialog
            self.dialogs[index].sequence = sequence
        } else {
            self.dialogs.append(dialog)
            if self.dialogs.count > 32 { self.dialogs.removeFirst() }
        }
    }

    // MARK: Requests that come in

    /// Notes a request; nil when it is a repetition of one that is known.
    func receive(request: PlainMessage, from socket: ListenSocket?) -> Pending? {
        if self.known(request) != nil { return nil }
        let made = Pending(request, socket, localTag: request.tag("To") ?? self.newTag())
        self.pending.append(made)
        if self.pending.count > 32 { self.pending.removeFirst() }
        return made
    }

    func known(_ request: PlainMessage) -> Pending? {
        self.pending.last {
            $0.request.branch == request.branch && $0.request.method == request.method
                && $0.request["Call-ID"] == request["Call-ID"]
        }
    }

    /// The INVITE that a CANCEL is for.
    func invite(of cancel: PlainMessage) -> Pending? {
        self.pending.last { $0.isOpen && $0.request.method == "INVITE" && $0.request.branch == cancel.branch }
    }

    /// The request that an unspecific reply is for: the last open one, of that method when one is named.
    func open(_ method: String? = nil) -> Pending? {
        self.pending.last { $0.isOpen && (method == nil || $0.request.method == method) }
    }

    /// The reply to a request, with what has to be in it.
    func reply(to pending: Pending, _ status: Int, _ reason: String?) -> PlainMessage {
        let request = pending.request
        var message = PlainMessage("SIP/2.0 \(status) \(reason ?? PlainMessage.reason(status))")
        for field in request.fields
        where ["Via", "From", "To", "Call-ID", "CSeq"].contains(where: { PlainMessage.isSame(field.name, $0) }) {
            message.fields.append(field)
        }
        if status > 100, request.tag("To") == nil {
            message.set("To", "\(request["To"] ?? "");tag=\(pending.localTag)")
        }
        if status > 100, status < 300, ["INVITE", "SUBSCRIBE"].contains(request.method) {
            for value in request.all("Record-Route") { message.fields.append(.init("Record-Route", value)) }
            message.fields.append(.init("Contact", self.contact))
        }
        return message
    }

    func noteReply(_ reply: PlainMessage, to pending: Pending) {
        pending.lastReply = reply
        if reply.status >= 200 { pending.isOpen = false }
        if reply.status > 100, reply.status < 300, let to = reply["To"],
            ["INVITE", "SUBSCRIBE"].contains(pending.request.method), pending.request.tag("To") == nil,
            let dialog = Dialog(received: pending.request, to: to)
        {
            self.keep(dialog)
        }
    }
}
