import Bytes
import SIPMessage

/// Caller and callees of one call. They do what RFC 3261 §17 asks of them, with a T1 of 100 ms, and never stop early.
final class StormCall {
    static let t1 = 100
    static let t2 = 400
    static let patience = 64 * StormCall.t1

    /// A request that a callee got.
    struct Leg {
        let callee: Int
        let branch: ByteString
        /// Via, From, To, Call-ID and CSeq of its replies.
        let head: ByteString
        var lastReply = ByteString()
        var isFinal = false
        var isAcknowledged = false
    }

    let plan: StormPlan
    let number: Int
    let start: Int64
    var watch: StormWatch
    private unowned let storm: Storm
    private var packets = 0
    private var legs: [Leg] = []
    // The caller's side.
    private var hasReply = false
    private var hasFinal = false
    private var isCancelAnswered = false

    init(_ plan: StormPlan, number: Int, start: Int64, in storm: Storm) {
        self.plan = plan
        self.number = number
        self.start = start
        self.storm = storm
        self.watch = StormWatch(isInvite: plan.isInvite)
    }

    /// When the next packet arrives, once for each copy.
    func fate() -> StormPlan.Fate {
        defer { self.packets += 1 }
        return self.plan.fates[self.packets % self.plan.fates.count]
    }

    // MARK: The caller

    func begin() {
        self.repeatRequest(pause: Self.t1, until: Self.patience)
        guard let time = self.plan.cancelsAt else { return }
        self.storm.after(time, self) { $0.repeatCancel(pause: Self.t1, until: time + Self.patience) }
    }

    private var elapsed: Int { Int(self.storm.time - self.start) }

    private func request(_ method: String, to: ByteString = "To: <sip:x@127.0.0.1>\r\n") -> ByteString {
        ByteString(
            """
            \(method) sip:\(self.plan.shape.rawValue)@127.0.0.1 SIP/2.0\r
            Via: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKs\(self.number)\r
            Max-Forwards: 70\r
            From: <sip:caller@203.0.113.9>;tag=f\(self.number)\r
            \(to.string)Call-ID: \(self.number)\r
            CSeq: 1 \(method)\r
            Content-Length: 0\r
            \r

            """)
    }

    private func repeatRequest(pause: Int, until end: Int) {
        guard !(self.plan.isInvite ? self.hasReply : self.hasFinal), self.elapsed < end else { return }
        self.storm.sendToServer(self.request(self.plan.isInvite ? "INVITE" : "MESSAGE"), from: 0, of: self)
        self.storm.after(pause, self) { $0.repeatRequest(pause: pause * 2, until: end) }
    }

    private func repeatCancel(pause: Int, until end: Int) {
        guard !self.isCancelAnswered, !self.hasFinal, self.elapsed < end else { return }
        self.storm.sendToServer(self.request("CANCEL"), from: 0, of: self)
        self.storm.after(pause, self) { $0.repeatCancel(pause: min(pause * 2, Self.t2), until: end) }
    }

    func callerGets(_ reply: Message) {
        guard reply.cSeq.method != .cancel else {
            self.isCancelAnswered = true
            return
        }
        self.hasReply = true
        guard reply.statusCode >= 200 else { return }
        self.hasFinal = true
        guard self.plan.isInvite else { return }
        if reply.statusCode >= 300 {
            let to = reply.first(.to)
            guard to >= 0 else { return }
            return self.storm.sendToServer(
                self.request("ACK", to: reply.text(reply.field(at: to).range)), from: 0, of: self)
        }
        // An ACK for a 2xx goes to the callee itself, which its tag names.
        let tag = reply.text(reply.to.tag)
        for index in self.legs.indices where self.tag(index) == tag {
            for delay in self.fate() { self.storm.after(delay, self) { $0.legs[index].isAcknowledged = true } }
        }
    }

    // MARK: The callees

    private func tag(_ leg: Int) -> ByteString { ByteString("t\(self.number)-\(leg)") }

    func calleeGets(_ request: Message, callee: Int) {
        guard let branch = request.topVia.branchText(request) else { return }
        let known = self.legs.firstIndex { $0.branch == branch }
        switch request.method {
        case .ack:
            if let known { self.legs[known].isAcknowledged = true }
        case .cancel:
            let head = self.head(request, tag: known.map { self.tag($0) } ?? "none")
            self.storm.sendToServer(self.reply(known == nil ? 481 : 200, head), from: callee, of: self)
            if let known, !self.legs[known].isFinal { self.answer(known, 487) }
        default:
            if let known {
                let again = self.legs[known].lastReply
                if !again.isEmpty { self.storm.sendToServer(again, from: callee, of: self) }
                return
            }
            let index = self.legs.count
            self.legs.append(Leg(callee: callee, branch: branch, head: self.head(request, tag: self.tag(index))))
            var delay = 0
            for answer in self.plan.answers[callee - 1] {
                delay += answer.delay
                self.storm.after(delay, self) { call in
                    if !call.legs[index].isFinal { call.answer(index, answer.status) }
                }
            }
        }
    }

    private func head(_ request: Message, tag: ByteString) -> ByteString {
        let buffer = ByteBuffer(capacity: 512)
        for name in [HeaderName.via, .from, .to, .callID, .cSeq] {
            var index = request.first(name)
            while index >= 0 {
                let field = request.field(at: index)
                let line = request.text(field.range)
                if name == .to, request.to.tag.count <= 0 {
                    buffer.append(ByteString(line.string.replacing("\r\n", with: ";tag=\(tag.string)\r\n")))
                } else {
                    buffer.append(line)
                }
                index = Int(field.next)
            }
        }
        return ByteString(buffer.span)
    }

    private func reply(_ status: Int, _ head: ByteString) -> ByteString {
        ByteString(
            "SIP/2.0 \(status) Storm\r\n\(head.string)Contact: <sip:callee@192.0.2.1>\r\nContent-Length: 0\r\n\r\n")
    }

    private func answer(_ leg: Int, _ status: Int) {
        self.legs[leg].lastReply = self.reply(status, self.legs[leg].head)
        self.legs[leg].isFinal = status >= 200
        guard status >= 200, self.plan.isInvite else {
            return self.storm.sendToServer(self.legs[leg].lastReply, from: self.legs[leg].callee, of: self)
        }
        self.repeatFinal(leg, pause: Self.t1, until: self.elapsed + Self.patience)
    }

    private func repeatFinal(_ leg: Int, pause: Int, until end: Int) {
        guard !self.legs[leg].isAcknowledged, self.elapsed < end else { return }
        self.storm.sendToServer(self.legs[leg].lastReply, from: self.legs[leg].callee, of: self)
        self.storm.after(pause, self) { $0.repeatFinal(leg, pause: min(pause * 2, Self.t2), until: end) }
    }
}
