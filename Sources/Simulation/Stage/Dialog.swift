/// One side of a dialog, as a simulated phone keeps it (RFC 3261 §12).
struct Dialog {
    var callID: String
    /// From of our requests, with our tag.
    var local: String
    /// To of our requests, with the peer's tag.
    var remote: String
    /// Request-URI of our requests.
    var target: String
    /// Route fields of our requests.
    var routes: [String]
    /// CSeq number of our last request.
    var sequence: Int

    /// The caller's side: `reply` has a To tag.
    init?(request: PlainMessage, reply: PlainMessage) {
        guard reply.tag("To") != nil, let callID = request["Call-ID"], let from = request["From"],
            let to = reply["To"]
        else { return nil }
        self.callID = callID
        self.local = from
        self.remote = to
        self.target = reply["Contact"].map(PlainMessage.uri(of:)) ?? request.requestURI
        self.routes = reply.list("Record-Route").reversed()
        self.sequence = request.sequence
    }

    /// The called side: `to` is our To with the tag that our reply gave it.
    init?(received request: PlainMessage, to: String) {
        guard let callID = request["Call-ID"], let from = request["From"] else { return nil }
        self.callID = callID
        self.local = to
        self.remote = from
        self.target = request["Contact"].map(PlainMessage.uri(of:)) ?? PlainMessage.uri(of: from)
        self.routes = request.list("Record-Route")
        self.sequence = 0
    }

    /// The next request of this side.
    mutating func request(_ method: String) -> PlainMessage {
        if method != "ACK" { self.sequence += 1 }
        var message = PlainMessage("\(method) \(self.target) SIP/2.0")
        message.fields.append(.init("From", self.local))
        message.fields.append(.init("To", self.remote))
        message.fields.append(.init("Call-ID", self.callID))
        message.fields.append(.init("CSeq", "\(self.sequence) \(method)"))
        for route in self.routes { message.fields.append(.init("Route", route)) }
        return message
    }
}
