import Bytes
import SIPMessage

/// What one call has shown of the server so far, and the first rule that it broke.
///
/// A reply that no longer has a transaction is forwarded by its Via alone, and what that leads to is not looked at; but
/// for as long as `wt_timer` says there has to be one.
struct StormWatch {
    /// One branch, by the server's branch parameter.
    struct Branch {
        var callee: Int
        var firstSent: Int64
        var requests = 0
        var cancels = 0
        var acks = 0
        var hasReply = false
        /// A provisional reply came while the branch could still be cancelled.
        var owesCancel = false
        var hasFinal = false
        /// When the first final reply came.
        var finalTime: Int64 = .max
        var isCancelAnswered = false
    }

    /// How long after a branch was sent, or its callee gave a final reply, its transaction is there for sure:
    /// `wt_timer`, less two ticks.
    static let knowsBranch: Int64 = 6_900
    /// How long the final reply of a request other than INVITE is waited for: `fr_timer`, less two ticks.
    static let waitsForOthers: Int64 = 2_900
    /// Most times that a request may be sent within `fr_timer`, from `retr_timer1` and `retr_timer2`.
    static let mostRequests = 11

    let isInvite: Bool
    private(set) var complaint: String?
    private(set) var branches: [ByteString: Branch] = [:]
    private(set) var refusal: ByteString?
    private(set) var hasSuccess = false
    private(set) var hasArrived = false
    private var isAcknowledged = false
    private var successes = 0

    /// What the server had sent before a reply came to it.
    struct Before {
        var acks: Int
        var successes: Int
    }

    init(isInvite: Bool) { self.isInvite = isInvite }

    private mutating func complain(_ text: String, at time: Int64) {
        if self.complaint == nil { self.complaint = "\(text), at \(time) ms" }
    }

    // MARK: What comes to the server

    mutating func requestArrives(_ message: Message) {
        if message.method == .ack {
            self.isAcknowledged = true
        } else if message.method != .cancel {
            self.hasArrived = true
        }
    }

    /// A reply is about to come to the server.
    mutating func replyArrives(_ message: Message, at time: Int64) -> Before {
        var before = Before(acks: 0, successes: self.successes)
        guard let key = message.topVia.branchText(message), var branch = self.branches[key] else { return before }
        before.acks = branch.acks
        if message.cSeq.method == .cancel {
            if message.statusCode >= 200 { branch.isCancelAnswered = true }
        } else {
            if message.statusCode < 200, !branch.hasFinal { branch.owesCancel = true }
            if message.statusCode >= 200 {
                branch.hasFinal = true
                branch.finalTime = min(branch.finalTime, time)
            }
            branch.hasReply = true
        }
        self.branches[key] = branch
        return before
    }

    /// The server is done with it.
    mutating func replyHandled(_ message: Message, before: Before, at time: Int64) {
        guard self.isInvite, message.cSeq.method == .invite, let key = message.topVia.branchText(message),
            let branch = self.branches[key]
        else { return }
        let status = message.statusCode
        if status >= 300, branch.acks == before.acks { self.complain("no ACK for a \(status)", at: time) }
        if 200..<300 ~= status, self.successes == before.successes {
            self.complain("a \(status) that did not go on", at: time)
        }
    }

    /// The server did not know the transaction of a reply.
    mutating func replyUnknown(_ message: Message, at time: Int64) {
        guard message.cSeq.method != .cancel, let key = message.topVia.branchText(message),
            let branch = self.branches[key]
        else { return }
        // Who answers anything but an INVITE after Timer F is too late for its transaction (RFC 4320).
        let isInTime = self.isInvite || branch.finalTime - branch.firstSent < Self.waitsForOthers
        let since = branch.hasFinal && isInTime ? branch.finalTime : branch.firstSent
        if time - since < Self.knowsBranch {
            self.complain("no transaction for a \(message.statusCode) after \(time - since) ms", at: time)
        }
    }

    // MARK: What the server sends

    mutating func sends(request message: Message, to callee: Int, at time: Int64) {
        guard let key = message.topVia.branchText(message) else {
            return self.complain("a request without a branch", at: time)
        }
        switch message.method {
        case .ack:
            guard var branch = self.branches[key] else { return self.complain("an ACK for nothing", at: time) }
            if !branch.hasFinal { self.complain("an ACK before any final reply", at: time) }
            branch.acks += 1
            self.branches[key] = branch
        case .cancel:
            guard var branch = self.branches[key] else { return self.complain("a CANCEL for nothing", at: time) }
            if !branch.hasReply { self.complain("a CANCEL before any reply", at: time) }
            if branch.isCancelAnswered { self.complain("a CANCEL after its reply", at: time) }
            if branch.cancels >= Self.mostRequests { self.complain("CANCEL \(branch.cancels) times", at: time) }
            branch.cancels += 1
            self.branches[key] = branch
        default:
            var branch = self.branches[key] ?? Branch(callee: callee, firstSent: time)
            if branch.requests == 0, self.refusal != nil || self.hasSuccess {
                self.complain("a new branch after the final reply", at: time)
            }
            if branch.hasFinal || (self.isInvite && branch.hasReply) {
                self.complain("a request sent again after a reply", at: time)
            }
            if branch.requests >= Self.mostRequests { self.complain("a request \(branch.requests) times", at: time) }
            branch.requests += 1
            self.branches[key] = branch
        }
    }

    mutating func sends(reply message: Message, _ bytes: ByteString, at time: Int64) {
        guard message.cSeq.method != .cancel else { return }
        let status = message.statusCode
        if status < 200 {
            if self.refusal != nil || self.hasSuccess { self.complain("a \(status) after the final reply", at: time) }
        } else if status < 300, self.isInvite {
            // Those of several callees, also late ones, all go on (RFC 3261 §16.7 step 5).
            self.hasSuccess = true
            self.successes += 1
        } else {
            if self.hasSuccess { self.complain("a \(status) after a 2xx", at: time) }
            if let refusal = self.refusal, refusal != bytes { self.complain("a second final reply", at: time) }
            if self.isAcknowledged { self.complain("a \(status) after its ACK", at: time) }
            self.refusal = bytes
        }
    }

    // MARK: The end

    mutating func end(at time: Int64) {
        if self.hasArrived, self.refusal == nil, !self.hasSuccess { self.complain("no final reply", at: time) }
        guard self.isInvite else { return }
        for branch in self.branches.values where branch.owesCancel && !branch.hasFinal && branch.cancels == 0 {
            self.complain("callee \(branch.callee) rang and was neither cancelled nor heard", at: time)
        }
    }
}

extension Via {
    /// The branch parameter; nil when there is none.
    func branchText(_ message: Message) -> ByteString? {
        self.branch.isPresent ? message.text(self.branch) : nil
    }
}
