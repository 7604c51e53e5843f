import Bytes
import ModuleKit
import SIPTransaction

extension Transactions {
    /// Settings of the tm module; times in milliseconds.
    public struct Settings: Sendable {
        public var finalResponseTimer = 30_000
        public var finalInviteTimer = 120_000
        public var waitTimer = 5_000
        public var retransmissionTimer1 = 500
        public var retransmissionTimer2 = 4_000
        public var maxInviteLifetime = 180_000
        public var maxNonInviteLifetime = 32_000
        public var sendsTrying = true
        public var tryingReason = ByteString("trying -- your call is important to us")
        public var restartsOnEachReply = true
        public var aggregatesChallenges = true
        public var unmatchedCancel = 0
        public var defaultCode = 500
        public var defaultReason = ByteString("Server Internal Error")
        public var cancelBranchMethod = 1
        public var failureReplyMode = 3
        public var fakedReplyPriority = 0
        public var remaps503 = true
        public var disables6xxBlock = false
        public var relays100 = false
        public var timeoutCode = 408
        public var timeoutReason = ByteString("Request Timeout")
        public var addsLocalCancelReason = true
        public var copiesCancelReason = true
        public var delaysErrorReply = true
        public var passesProvisionals = false
        public var isNoisyOnCTimer = true
        public var localAckMode = 0
        public var localAckBranchMode = 0
        public var enablesLocalFailureRoutes = false
        public var localRequestEventMode = 0
        public var ignored = 0
        public var ignoredText = ByteString()
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "fr_timer", \.finalResponseTimer, in: 1...86_400_000,
                "Wait for any reply, or for the final one of a request other than INVITE, in ms."),
            ModuleParameter(
                "fr_inv_timer", \.finalInviteTimer, in: 1...86_400_000,
                "Wait for the final reply of an INVITE after a provisional one, in ms."),
            ModuleParameter(
                "wt_timer", \.waitTimer, in: 0...86_400_000,
                "How long a finished transaction is kept to absorb retransmissions, in ms."),
            ModuleParameter(
                "retr_timer1", \.retransmissionTimer1, in: 10...60_000, "Time to the first retransmission (T1), in ms."),
            ModuleParameter(
                "retr_timer2", \.retransmissionTimer2, in: 10...600_000,
                "Longest time between retransmissions (T2), in ms."),
            ModuleParameter(
                "max_inv_lifetime", \.maxInviteLifetime, in: 0...86_400_000,
                "Longest life of an INVITE transaction, in ms."),
            ModuleParameter(
                "max_noninv_lifetime", \.maxNonInviteLifetime, in: 0...86_400_000,
                "Longest life of any other transaction, in ms."),
            ModuleParameter(
                "auto_inv_100", \.sendsTrying, "Whether an INVITE is answered 100 as soon as its transaction begins."),
            ModuleParameter("auto_inv_100_reason", \.tryingReason, "Reason phrase of that 100."),
            ModuleParameter(
                "restart_fr_on_each_reply", \.restartsOnEachReply,
                "Whether each provisional reply starts fr_inv_timer anew."),
            ModuleParameter(
                "aggregate_challenges", \.aggregatesChallenges,
                "Whether challenges of all 401 and 407 replies go into the one that is relayed."),
            ModuleParameter(
                "unmatched_cancel", \.unmatchedCancel, in: 0...2,
                "CANCEL without its INVITE: 0 forward statefully, 1 statelessly, 2 drop."),
            ModuleParameter(
                "default_code", \.defaultCode, in: 300...699, "Code of t_reply when the given one is no number."),
            ModuleParameter("default_reason", \.defaultReason, "Reason of t_reply when none is given."),
            ModuleParameter(
                "cancel_b_method", \.cancelBranchMethod, in: 0...2,
                "Branch without any reply when cancelling: 0 give it up with a local 487, 1 go on and cancel at the first provisional, 2 send CANCEL at once."
            ),
            ModuleParameter(
                "failure_reply_mode", \.failureReplyMode, in: 0...3,
                "Which replies of earlier serial legs stay candidates: 0 all, 1 none, 2 all but the last leg's, 3 only the newest leg's."
            ),
            ModuleParameter(
                "faked_reply_prio", \.fakedReplyPriority, in: -10_000...10_000,
                "Added to the priority of local timeouts when the best reply is chosen."),
            ModuleParameter("remap_503_500", \.remaps503, "Whether a 503 is relayed as 500."),
            ModuleParameter("disable_6xx_block", \.disables6xxBlock, "Whether a 6xx leaves the other branches alone."),
            ModuleParameter("relay_100", \.relays100, "Whether a 100 of a callee is relayed."),
            ModuleParameter("reply_408_code", \.timeoutCode, in: 400...699, "Code of the local timeout reply."),
            ModuleParameter("reply_408_reason", \.timeoutReason, "Reason of the local timeout reply."),
            ModuleParameter(
                "local_cancel_reason", \.addsLocalCancelReason, "Whether our own CANCEL carries a Reason header field."),
            ModuleParameter(
                "e2e_cancel_reason", \.copiesCancelReason,
                "Whether Reason header fields of a received CANCEL are copied."),
            ModuleParameter(
                "delayed_reply", \.delaysErrorReply,
                "Whether a failed relay is answered at the end of the script rather than at once."),
            ModuleParameter("noisy_ctimer", \.isNoisyOnCTimer, "Whether an INVITE that times out is always answered."),
            ModuleParameter(
                "local_ack_mode", \.localAckMode, in: 0...2,
                "Where the ACK for a 2xx to a local INVITE goes: 0 by route set and contact, 1 as the INVITE, 2 to the source of the reply."
            ),
            ModuleParameter(
                "local_ack_branch_mode", \.localAckBranchMode, in: 0...1,
                "Branch of that ACK: 0 as the INVITE's, 1 one of its own."),
            ModuleParameter(
                "enable_uac_fr", \.enablesLocalFailureRoutes,
                "Whether a failure route armed in event_route[tm:local-request] runs for the local request."),
            ModuleParameter(
                "evlreq_mode", \.localRequestEventMode, in: 0...1,
                "1: event_route[tm:local-request] sees each CANCEL too."),
            ModuleParameter(
                "pass_provisional_replies", \.passesProvisionals, "Whether modules hear of provisional replies."),
        ]
            + ModuleParameter.notYet(
                .int, "reply_matching", "ruri_matching", "via1_matching", "callid_matching", "callid_cseq_matching",
                "unix_tx_timeout", "reparse_invite", "blst_503", "blst_503_def_timeout", "blst_503_min_timeout",
                "blst_503_max_timeout", "blst_methods_add", "blst_methods_lookup", "reparse_on_dns_failover",
                "failure_exec_mode", "dns_reuse_rcv_socket",
                "e2e_cancel_hop_by_hop", "headers_mode", "rich_redirect", "exec_time_check", "reply_relay_mode"
            )
            + ModuleParameter.notYet(
                .text, "fr_timer_avp", "fr_inv_timer_avp", "tw_append", "ac_extra_hdrs", "on_sl_reply", "contacts_avp",
                "contact_flows_avp", "xavp_contact", "event_callback", "evcb_local_ack_sent",
                "event_callback_lres_sent", "failover_reply_codes"
            )
    }
}
