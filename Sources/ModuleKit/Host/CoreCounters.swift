import Bytes
import SIPMessage

/// The statistics of group `core`: what came in and what became of it.
public struct CoreCounters: Sendable {
    public let requests: CounterID
    public let replies: CounterID
    public let forwardedRequests: CounterID
    public let forwardedReplies: CounterID
    public let dropRequests: CounterID
    public let dropReplies: CounterID
    public let errorRequests: CounterID
    public let errorReplies: CounterID
    public let badURIs: CounterID
    public let badHeaders: CounterID
    public let unsupportedMethods: CounterID
    /// Requests that an overloaded worker answered at once, and those that it gave no answer.
    public let overloadRefused: CounterID
    public let overloadDropped: CounterID
    private let byMethod: [(Method, CounterID)]
    private let byClass: [CounterID]
    private let reply18x: CounterID
    /// By status code less 400.
    private let byCode: [CounterID?]
    private let byClassAndMethod: [(Int, Method, CounterID)]

    private static let methods: [(Method, String)] = [
        (.invite, "invite"), (.ack, "ack"), (.bye, "bye"), (.register, "register"), (.options, "options"),
        (.cancel, "cancel"), (.subscribe, "subscribe"), (.notify, "notify"), (.message, "message"), (.info, "info"),
        (.update, "update"), (.prack, "prack"), (.refer, "refer"), (.publish, "publish"), (.kdmq, "kdmq"),
    ]

    /// Registers all of them.
    public init(_ registry: CounterRegistry) {
        func make(_ name: String) -> CounterID { registry.register("core", name) }
        self.badURIs = make("bad_URIs_rcvd")
        self.badHeaders = make("bad_msg_hdr")
        self.dropReplies = make("drop_replies")
        self.dropRequests = make("drop_requests")
        self.errorReplies = make("err_replies")
        self.errorRequests = make("err_requests")
        self.forwardedReplies = make("fwd_replies")
        self.forwardedRequests = make("fwd_requests")
        self.replies = make("rcv_replies")
        self.reply18x = make("rcv_replies_18x")
        self.byClass = (1...6).map { make("rcv_replies_\($0)xx") }
        self.byClassAndMethod = (1...6).flatMap { statusClass in
            [
                (Method.bye, "bye"), (.cancel, "cancel"), (.invite, "invite"), (.message, "message"),
                (.prack, "prack"), (.refer, "refer"), (.register, "reg"), (.update, "update"),
            ].map { (statusClass, $0.0, make("rcv_replies_\(statusClass)xx_\($0.1)")) }
        }
        let counted = [400...411, 413...415, 420...420, 480...489, 491...491, 493...493]
        self.byCode = (400...499).map { code in
            counted.contains { $0.contains(code) } ? make("rcv_replies_\(code)") : nil
        }
        self.requests = make("rcv_requests")
        self.byMethod = Self.methods.map { ($0.0, make("rcv_requests_\($0.1)")) }
        self.unsupportedMethods = make("unsupported_methods")
        self.overloadRefused = make("overload_refused")
        self.overloadDropped = make("overload_dropped")
    }

    public func countRequest(_ method: Method, in bank: CounterBank) {
        bank.add(at: Int(self.requests.index), 1)
        for (known, counter) in self.byMethod where known == method {
            bank.add(at: Int(counter.index), 1)
            return
        }
        bank.add(at: Int(self.unsupportedMethods.index), 1)
    }

    public func countReply(_ message: Message, in bank: CounterBank) {
        bank.add(at: Int(self.replies.index), 1)
        let code = message.statusCode
        let statusClass = code / 100
        guard (1...6).contains(statusClass) else { return }
        bank.add(at: Int(self.byClass[statusClass - 1].index), 1)
        if code >= 180, code < 190 { bank.add(at: Int(self.reply18x.index), 1) }
        if code >= 400, code < 500, let counter = self.byCode[code - 400] { bank.add(at: Int(counter.index), 1) }
        let method = message.method
        for (known, other, counter) in self.byClassAndMethod where known == statusClass && other == method {
            bank.add(at: Int(counter.index), 1)
        }
    }
}
