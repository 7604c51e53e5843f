import Bytes
import ModuleKit
import SIPTransaction

extension Transactions {
    public static var parameters: [ModuleParameter<Settings>] {
        self.timerParameters + self.matchingParameters + self.replyParameters + self.cancelParameters
            + self.contactParameters + self.localParameters + self.failoverParameters + self.missingParameters
    }

    private static var timerParameters: [ModuleParameter<Settings>] {
        let day = 86_400_000
        return [
            .live(
                "fr_timer", \.finalResponseTimer, in: 1...day, isReadable: false,
                "Wait for any reply, or for the final one of a request other than INVITE, in ms."),
            .live(
                "fr_inv_timer", \.finalInviteTimer, in: 1...day, isReadable: false,
                "Wait for the final reply of an INVITE after a provisional one, in ms."),
            .live(
                "wt_timer", \.waitTimer, in: 0...day, isReadable: false,
                "How long a finished transaction is kept to absorb retransmissions, in ms."),
            .live(
                "retr_timer1", \.retransmissionTimer1, in: 10...60_000, isReadable: false,
                "Time to the first retransmission (T1), in ms."),
            .live(
                "retr_timer2", \.retransmissionTimer2, in: 10...600_000, isReadable: false,
                "Longest time between retransmissions (T2), in ms."),
            .live(
                "max_inv_lifetime", \.maxInviteLifetime, in: 0...day, isReadable: false,
                "Longest life of an INVITE transaction, in ms."),
            .live(
                "max_noninv_lifetime", \.maxNonInviteLifetime, in: 0...day, isReadable: false,
                "Longest life of any other transaction, in ms."),
            .live(
                "restart_fr_on_each_reply", \.restartsOnEachReply,
                "Whether each provisional reply starts fr_inv_timer anew; 0: the first, and then greater ones from 180 on."
            ),
            .live(
                "noisy_ctimer", \.isNoisyOnCTimer,
                "0: an INVITE that rang too long on its only branch, and has no failure_route, ends without a reply."),
            ModuleParameter(
                "fr_timer_avp", \.finalResponseVariable, "Variable that holds fr_timer of a transaction, in seconds."),
            ModuleParameter(
                "fr_inv_timer_avp", \.finalInviteVariable,
                "Variable that holds fr_inv_timer of a transaction, in seconds."),
            ModuleParameter(
                "exec_time_check", \.slowRouteLimit, in: 0...day,
                "A failure_route that takes longer is logged, in ms; 0: none is."),
            ModuleParameter(
                "max_transactions", \.maxTransactions, in: -1...1_000_000_000,
                "Transactions at a time; beyond it requests that begin something get 503. -1: a quarter of the memory that the system allows, at 4 KiB each; 0: no limit. Not in Kamailio."
            ),
        ]
    }

    private static var matchingParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "reply_matching", \.skipsTerminated, "Accepted: replies never match a transaction that is over."),
            .live(
                "ruri_matching", \.matchesRequestURI,
                "Whether requests without the magic cookie match by Request-URI too."),
            .live(
                "via1_matching", \.matchesVia, "Whether requests without the magic cookie match by their top Via too."),
            .live("callid_matching", \.matchesCallID, "Whether requests with the magic cookie match by Call-ID too."),
            .live(
                "callid_cseq_matching", \.matchesCallIDOnly, "Whether Call-ID and CSeq alone make the same request."),
        ]
    }

    private static var replyParameters: [ModuleParameter<Settings>] {
        [
            .live("auto_inv_100", \.sendsTrying, "Whether an INVITE is answered 100 as soon as it is relayed."),
            .liveText("auto_inv_100_reason", \.tryingReason, "Reason phrase of that 100."),
            .live(
                "aggregate_challenges", \.aggregatesChallenges,
                "Whether challenges of all 401 and 407 replies go into the one that is relayed."),
            .live("default_code", \.defaultCode, in: 300...699, "Code of t_reply when the given one is no number."),
            .liveText("default_reason", \.defaultReason, "Reason of t_reply when none is given."),
            ModuleParameter(
                "failure_reply_mode", \.failureReplyMode, in: 0...3,
                "Which replies compete with later ones: 0 all, 1 none once a failure_route saw them, 2 the same for the last leg's, 3 those of older legs not once a new one began."
            ),
            ModuleParameter(
                "faked_reply_prio", \.fakedReplyPriority, in: -10_000...10_000,
                "Added to the priority of local timeouts when the best reply is chosen."),
            ModuleParameter("remap_503_500", \.remaps503, "Whether a 503 is relayed as 500."),
            .live("disable_6xx_block", \.disables6xxBlock, "Whether a 6xx leaves the other branches alone."),
            .live("relay_100", \.relays100, "Whether a 100 of a callee is relayed."),
            ModuleParameter("reply_408_code", \.timeoutCode, in: 400...699, "Code of the local timeout reply."),
            ModuleParameter("reply_408_reason", \.timeoutReason, "Reason of the local timeout reply."),
            ModuleParameter(
                "delayed_reply", \.delaysErrorReply,
                "Whether a failed relay is answered at the end of the script rather than at once."),
            .live("pass_provisional_replies", \.passesProvisionals, "Whether modules hear of provisional replies."),
            ModuleParameter(
                "on_sl_reply", \.unmatchedReplyRoute,
                "onreply_route for replies that belong to no transaction; `drop` and `return 0` keep such a reply back."
            ),
            ModuleParameter(
                "rich_redirect", \.richRedirect, in: 0...3,
                "What a 3xx of t_reply tells of its contacts: 1 branch flags, 2 path, 3 both."),
            ModuleParameter(
                "reply_relay_mode", \.relaysHeldReplies, in: 0...1,
                "Whether a repeated 2xx waits while the script of the first one is suspended: 1 it does, 0 it goes on."),
            ModuleParameter(
                "failure_exec_mode", \.failsInFailureRoute,
                "Accepted: a branch whose request cannot be sent always ends in the failure_route."),
        ]
    }

    private static var cancelParameters: [ModuleParameter<Settings>] {
        [
            .live(
                "unmatched_cancel", \.unmatchedCancel, in: 0...2,
                "CANCEL without its INVITE: 0 forward statefully, 1 statelessly, 2 drop."),
            .live(
                "cancel_b_method", \.cancelBranchMethod, in: 0...2, isReadable: false,
                "Branch without any reply when cancelling: 0 give it up with a local 487, 1 go on and cancel at the first provisional, 2 send CANCEL at once."
            ),
            .live(
                "local_cancel_reason", \.addsLocalCancelReason, "Whether our own CANCEL carries a Reason header field."),
            .live(
                "e2e_cancel_reason", \.copiesCancelReason,
                "Whether Reason header fields of a received CANCEL are copied."),
            ModuleParameter("e2e_cancel_hop_by_hop", .int, default: "1", "Only 1 is built: a CANCEL goes hop by hop.") {
                _, value in
                guard case .int(1) = value else {
                    throw ArgumentError("e2e_cancel_hop_by_hop other than 1 of module tm is not built yet")
                }
            },
            ModuleParameter(
                "headers_mode", \.cancelHeadersMode, in: 0...1,
                "1: header fields of a received CANCEL that are not the hop's own go on to the callees."),
            .liveText(
                "ac_extra_hdrs", \.extraHeaderPrefix,
                "Header fields of an INVITE whose names begin so go into its CANCEL and its ACK for a negative reply."),
            .live(
                "reparse_invite", \.reparsesInvite,
                "Accepted: CANCEL and ACK are always made from the INVITE as it was sent."),
        ]
    }

    private static var contactParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "contacts_avp", \.contactsVariable, "Name of the $xavp where t_load_contacts() puts contacts away."),
            ModuleParameter(
                "contact_flows_avp", \.flowsVariable,
                "Name of the $xavp where t_next_contacts() puts further flows of an instance away."),
            ModuleParameter(
                "xavp_contact", \.attributesVariable,
                "Name of the $xavp with attributes of contacts, as usrloc has it: they go along with the contacts."),
            .live(
                "unix_tx_timeout", \.unixTimeout, in: 1...60_000,
                "Milliseconds that t_write_req() and t_write_unix() wait for room."),
            ModuleParameter(
                "tw_append", .text, repeatable: true,
                "name:element;element: what t_write_req() and t_write_unix() add, of hdr[Name], avp[name] and msg[body], perhaps with title= in front."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                let appendix = try ApplicationAppendix(text)
                guard !settings.appendices.contains(where: { $0.name == appendix.name }) else {
                    throw ArgumentError("tw_append '\(appendix.name)' is there already")
                }
                settings.appendices.append(appendix)
            },
        ]
    }

    private static var localParameters: [ModuleParameter<Settings>] {
        [
            .live(
                "local_ack_mode", \.localAckMode, in: 0...2,
                "Where the ACK for a 2xx to a local INVITE goes: 0 by route set and contact, 1 as the INVITE, 2 to the source of the reply."
            ),
            ModuleParameter(
                "local_ack_branch_mode", \.localAckBranchMode, in: 0...1,
                "Branch of that ACK: 0 as the INVITE's, 1 one of its own."),
            .live(
                "enable_uac_fr", \.enablesLocalFailureRoutes,
                "Whether a failure route armed in event_route[tm:local-request] runs for the local request."),
            ModuleParameter(
                "evlreq_mode", \.localRequestEventMode, in: 0...1,
                "1: event_route[tm:local-request] sees each CANCEL too."),
        ]
    }

    private static var missingParameters: [ModuleParameter<Settings>] {
        ModuleParameter.notYet(
            .text, "event_callback", "evcb_local_ack_sent", "event_callback_lres_sent"
        )
    }
}
