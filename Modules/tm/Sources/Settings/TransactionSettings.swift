import Bytes
import ModuleKit
import SIPTransaction

extension Transactions {
    /// Settings of the tm module; times in milliseconds. `Live` ones may change while the server runs: transactions that
    /// exist keep what they began with.
    public struct Settings: Sendable {
        // Timers.
        var finalResponseTimer: LiveNumber = 30_000
        var finalInviteTimer: LiveNumber = 120_000
        var waitTimer: LiveNumber = 5_000
        var retransmissionTimer1: LiveNumber = 500
        var retransmissionTimer2: LiveNumber = 4_000
        var maxInviteLifetime: LiveNumber = 180_000
        var maxNonInviteLifetime: LiveNumber = 32_000
        var restartsOnEachReply: LiveNumber = 1
        var isNoisyOnCTimer: LiveNumber = 1
        var finalResponseVariable = ByteString()
        var finalInviteVariable = ByteString()
        var slowRouteLimit = 5000

        /// Negative: by memory.
        var maxTransactions = -1

        // Matching.
        var skipsTerminated = 1
        var matchesRequestURI: LiveNumber = 1
        var matchesVia: LiveNumber = 1
        var matchesCallID: LiveNumber = 0
        var matchesCallIDOnly: LiveNumber = 0

        // Replies.
        var sendsTrying: LiveNumber = 1
        var tryingReason: LiveText = "trying -- your call is important to us"
        var aggregatesChallenges: LiveNumber = 1
        var defaultCode: LiveNumber = 500
        var defaultReason: LiveText = "Server Internal Error"
        var failureReplyMode = 3
        var fakedReplyPriority = 0
        var remaps503 = true
        var disables6xxBlock: LiveNumber = 0
        var relays100: LiveNumber = 0
        var timeoutCode = 408
        var timeoutReason = ByteString("Request Timeout")
        var delaysErrorReply = true
        var passesProvisionals: LiveNumber = 0
        var unmatchedReplyRoute = ByteString()
        var richRedirect = 0
        var relaysHeldReplies = 1
        var failsInFailureRoute = false

        // CANCEL.
        var unmatchedCancel: LiveNumber = 0
        var cancelBranchMethod: LiveNumber = 1
        var addsLocalCancelReason: LiveNumber = 1
        var copiesCancelReason: LiveNumber = 1
        var cancelHeadersMode = 0
        var extraHeaderPrefix: LiveText = ""

        // Local requests.
        var localAckMode: LiveNumber = 0
        var localAckBranchMode = 0
        var enablesLocalFailureRoutes: LiveNumber = 0
        var localRequestEventMode = 0

        // Next addresses, destinations to leave alone.
        var failoverCodes = FailoverCodes()
        var reusesReceivingSocket = false
        var reparsesOnFailover: LiveNumber = 1
        var blocksOn503: LiveNumber = 0
        var blockingDefault: LiveNumber = 0
        var blockingLeast: LiveNumber = 0
        var blockingMost: LiveNumber = 3600
        var blockingMethods: LiveNumber = 1
        var checkedMethods: LiveNumber = 4_294_967_287

        // Contacts.
        var contactsVariable = ByteString()
        var flowsVariable = ByteString()
        var attributesVariable = ByteString()

        /// Accepted: what they ask for is always so, or nothing asks for it.
        var ignored = 0
        var reparsesInvite: LiveNumber = 1
        var unixTimeout: LiveNumber = 500
        var appendices: [ApplicationAppendix] = []
    }

    public static var defaultSettings: Settings { Settings() }
}

extension Transactions.Settings {
    /// The timers of a transaction that begins now.
    func timers(_ now: ConfigurationSnapshot?) -> TransactionTimers {
        func time(_ setting: LiveNumber) -> Interval { .milliseconds(setting.value(in: now)) }
        var timers = TransactionTimers()
        timers.t1 = time(self.retransmissionTimer1)
        timers.t2 = time(self.retransmissionTimer2)
        timers.finalResponse = time(self.finalResponseTimer)
        timers.inviteFinalResponse = time(self.finalInviteTimer)
        // At least one tick: it is a timer that lets go of a transaction.
        timers.waitTimer = max(time(self.waitTimer), .milliseconds(10))
        timers.maxInviteLifetime = time(self.maxInviteLifetime)
        timers.maxNonInviteLifetime = time(self.maxNonInviteLifetime)
        timers.restartsOnProvisional = self.restartsOnEachReply.value(in: now) != 0
        return timers
    }

    /// What a transaction that begins now makes of replies.
    func policy(_ now: ConfigurationSnapshot?) -> ResponsePolicy {
        var policy = ResponsePolicy()
        policy.fakedReplyPriority = self.fakedReplyPriority
        policy.blocksOn6xx = self.disables6xxBlock.value(in: now) == 0
        policy.failureReplies = .init(rawValue: UInt8(self.failureReplyMode)) ?? .dropAllOnNewLeg
        policy.unanswered = .init(rawValue: UInt8(clamping: self.cancelBranchMethod.value(in: now))) ?? .wait
        policy.relays100 = self.relays100.value(in: now) != 0
        return policy
    }

    /// What counts as the same request.
    func matching(_ now: ConfigurationSnapshot?) -> MatchingRules {
        var rules: MatchingRules = []
        if self.matchesRequestURI.value(in: now) != 0 { rules.insert(.requestURI) }
        if self.matchesVia.value(in: now) != 0 { rules.insert(.via) }
        if self.matchesCallID.value(in: now) != 0 { rules.insert(.callID) }
        if self.matchesCallIDOnly.value(in: now) != 0 { rules.insert(.callIDOnly) }
        return rules
    }
}

extension Transactions.Settings {
    /// For each parameter whose value asks for what there is not: what is done in its place.
    var withoutEffect: [String] {
        let asked: [(isSet: Bool, String)] = [
            (
                self.skipsTerminated != 1,
                "reply_matching has no effect: replies find their transaction as long as it is there (wt_timer)"
            ),
            (
                self.reparsesInvite.value(in: nil) == 0,
                "reparse_invite has no effect: CANCEL and ACK are made from the INVITE as it was sent"
            ),
            (
                self.failsInFailureRoute,
                "failure_exec_mode has no effect: a branch that cannot be delivered always ends in the failure_route, "
                    + "and t_relay() is false when none could be sent"
            ),
            (
                self.reparsesOnFailover.value(in: nil) == 0,
                "reparse_on_dns_failover has no effect: the next address gets the request as it was sent"
            ),
        ]
        return asked.filter(\.isSet).map { "tm: " + $0.1 }
    }
}

/// What counts as the same request beside RFC 3261 §17.2.3.
struct MatchingRules: OptionSet, Sendable, BitwiseCopyable {
    let rawValue: UInt8
    /// Without the cookie: the Request-URI too (`ruri_matching`).
    static let requestURI = MatchingRules(rawValue: 1)
    /// Without the cookie: the topmost Via too (`via1_matching`).
    static let via = MatchingRules(rawValue: 2)
    /// With the cookie: Call-ID byte for byte (`callid_matching`).
    static let callID = MatchingRules(rawValue: 4)
    /// Call-ID and CSeq are enough (`callid_cseq_matching`).
    static let callIDOnly = MatchingRules(rawValue: 8)
}
