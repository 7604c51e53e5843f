import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    static let inTransaction: RouteKinds = [.request, .failure, .transactionReply, .branch, .branchFailure]

    public var functions: [ScriptFunction] {
        self.relayFunctions + self.lifeFunctions + self.stateFunctions + self.armingFunctions + self.replyFunctions
            + self.timerFunctions + self.settingFunctions + self.contactFunctions + self.editFunctions
            + self.localFunctions + ScriptFunction.notYet("t_write_req", "t_write_unix")
    }

    private var lifeFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_relay_cancel", in: .request,
                summary: "Relays a CANCEL whose INVITE is known, and ends the script; false when it is not known.",
                outcomes: [0: "relayed", -1: "no such INVITE"],
                example: "if (is_method(\"CANCEL\")) { if (!t_relay_cancel()) { exit; } }",
                body: { [unowned self] route, _ in
                    guard route.message.method == .cancel, self.lookupInvite(ofCancel: route).isPresent else {
                        return .failure
                    }
                    if let outcome = self.relayCancel(route), case .suspended = outcome { return outcome }
                    return .stop
                }
            ),
            ScriptFunction(
                "t_newtran", in: .request, summary: "Creates the transaction of the request.",
                outcomes: [1: "created", 0: "a retransmission, answered again", -1: "it exists or there is no room"],
                example: "if (!t_newtran()) { sl_reply_error(); exit; }",
                body: { [unowned self] route, _ in
                    guard route.transaction == 0, route.message.method != .ack else { return .failure }
                    if self.begin(route) != nil { return .success }
                    return route.transaction != 0 ? .stop : .failure
                }
            ),
            ScriptFunction(
                "t_release", in: .request, summary: "Lets go of the transaction, which has been answered.",
                example: "t_release();",
                body: { [unowned self] route, _ in
                    let removed = self.table.withStripe(route.transactionID) { stripe, handle -> Bool in
                        let isAnswered = stripe.records.withRecord(handle) { !$0.server.isOpen }
                        return isAnswered ?? false
                    }
                    return removed == nil ? .failure : .success
                }
            ),
        ]
    }

    private var stateFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_check_trans", in: [.request, .reply, .transactionReply, .branch],
                summary: "Answers a retransmission and stops; tells whether a CANCEL or ACK belongs to a known INVITE.",
                outcomes: [
                    1: "it belongs to a transaction", 0: "a retransmission or an absorbed ACK: the script stops",
                    -1: "new",
                ],
                example: "t_check_trans();",
                body: { [unowned self] route, _ in .code(self.check(route)) }
            ),
            ScriptFunction(
                "t_lookup_request", in: .request, summary: "Tells whether the request has a transaction already.",
                example: "if (t_lookup_request()) { exit; }",
                body: { [unowned self] route, _ in self.exists(route) ? .success : .failure }
            ),
            ScriptFunction(
                "t_exists", in: .any, summary: "Tells whether the request has a transaction already.",
                example: "if (t_exists()) { xlog(\"known\\n\"); }",
                body: { [unowned self] route, _ in self.exists(route) ? .success : .failure }
            ),
            ScriptFunction(
                "t_lookup_cancel",
                Argument("copy_flags", .int, "1: take the INVITE's message flags over.", optional: true), in: .request,
                summary: "Tells whether the INVITE of this CANCEL is known.",
                example: "if (is_method(\"CANCEL\") && t_lookup_cancel()) { t_relay(); }",
                body: { [unowned self] route, arguments in
                    guard route.message.method == .cancel else { return .failure }
                    let id = self.lookupInvite(ofCancel: route)
                    guard let flags = self.table.withTransaction(id, { $0.flags }) else { return .failure }
                    if arguments.int(0, in: route) == 1 { route.flags = flags }
                    return .success
                }
            ),
            ScriptFunction(
                "t_is_canceled", in: Self.inTransaction, summary: "Tells whether the caller has cancelled the request.",
                example: "if (t_is_canceled()) { exit; }",
                body: { [unowned self] route, _ in
                    self.table.withTransaction(route.transactionID) { $0.responses.isCancelled } == true
                        ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_branch_timeout", in: [.failure, .branchFailure, .event],
                summary: "Tells whether the branch that the failure is about timed out.",
                example: "if (t_branch_timeout()) { xlog(\"late\\n\"); }",
                body: { [unowned self] route, _ in
                    guard let failure = route.state(FailureState.self) else { return .failure }
                    let timedOut = self.table.withTransaction(route.transactionID) {
                        $0.responses.hasTimedOut(failure.branch)
                    }
                    return timedOut == true ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_branch_replied", in: [.failure, .branchFailure, .event],
                summary: "Tells whether the branch that the failure is about had any reply.",
                example: "if (t_branch_replied()) { xlog(\"heard of\\n\"); }",
                body: { [unowned self] route, _ in
                    guard let failure = route.state(FailureState.self) else { return .failure }
                    let hasReplied = self.table.withTransaction(route.transactionID) {
                        $0.responses.hasReplied(failure.branch)
                    }
                    return hasReplied == true ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_any_timeout", in: Self.inTransaction, summary: "Tells whether any branch has timed out.",
                example: "if (t_any_timeout()) { xlog(\"late\\n\"); }",
                body: { [unowned self] route, _ in
                    self.table.withTransaction(route.transactionID) { $0.responses.hasAnyTimedOut } == true
                        ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_any_replied", in: Self.inTransaction, summary: "Tells whether any branch has had a reply.",
                example: "if (t_any_replied()) { xlog(\"heard of\\n\"); }",
                body: { [unowned self] route, _ in
                    self.table.withTransaction(route.transactionID) { $0.responses.hasAnyReplied } == true
                        ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_grep_status", Argument("code", .int, "Status code to look for."), in: Self.inTransaction,
                summary: "Tells whether some branch ended with this status.",
                example: "if (t_grep_status(\"486\")) { xlog(\"busy\\n\"); }",
                body: { [unowned self] route, arguments in
                    guard let code = arguments.int(0, in: route) else { return .failure }
                    return self.table.withTransaction(route.transactionID) { $0.responses.hasStatus(code) } == true
                        ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_check_status", Argument("regex", .regex, "Expression that the code must match."),
                in: [.request, .failure, .transactionReply, .reply, .branchFailure, .event],
                summary: "Matches the code of the reply: received, chosen to go upstream, or last sent.",
                example: "if (t_check_status(\"486|408\")) { xlog(\"no answer\\n\"); }",
                body: { [unowned self] route, arguments in
                    guard let regex = arguments.object(0, as: RegularExpression.self), let code = self.statusCode(route)
                    else {
                        return .failure
                    }
                    return regex.matches(ByteString(decimal: code).span) ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_get_status_code", in: [.request, .failure, .transactionReply, .branch, .branchFailure],
                summary: "Gives the code of the reply as result.", example: "t_get_status_code();",
                body: { [unowned self] route, _ in .code(self.statusCode(route) ?? -1) }
            ),
        ]
    }

    /// The status that a script means: of the reply at hand, of the chosen failure, else the last one sent.
    public func statusCode(_ route: RouteContext) -> Int? {
        if !route.isRequest { return route.message.statusCode }
        if let failure = route.state(FailureState.self) { return failure.code }
        let status = self.table.withTransaction(route.transactionID) { $0.lastStatus }
        return status == 0 ? nil : status
    }

    private func exists(_ route: RouteContext) -> Bool {
        if route.transaction != 0 { return true }
        guard route.isRequest else { return false }
        let hash = TransactionTable.hash(route.message)
        let rules = self.settings.matching(route.configuration)
        return self.table.stripes.withStripe(at: self.table.index(of: hash)) {
            !$0.find(route.message, hash: hash, created: nil, rules).isNone
        }
    }

    private var armingFunctions: [ScriptFunction] {
        [
            self.arming(
                "t_on_failure", .failure, [.request, .failure, .transactionReply, .branch, .branchFailure], \.failure,
                "failure_route to run when all branches have failed"),
            self.arming(
                "t_on_branch", .branch, [.request, .failure, .branchFailure], \.branch,
                "branch_route to run for each branch"),
            self.arming(
                "t_on_reply", .transactionReply, [.request, .failure, .transactionReply, .branch, .branchFailure],
                \.reply,
                "onreply_route to run for each reply to the branches sent from now on; in a branch_route also to its own"
            ),
            ScriptFunction(
                "t_on_branch_failure",
                Argument(
                    "name", .custom(Self.branchFailureRoute),
                    "NAME of event_route[tm:branch-failure:NAME]; `0` disarms."),
                in: [.request, .failure, .transactionReply, .branch, .branchFailure],
                summary:
                    "Names the event_route to run when a branch sent from now on has failed; the others go on meanwhile.",
                reference: "RFC 3261 §16.7", example: "t_on_branch_failure(\"0\");",
                body: { [unowned self] route, arguments in
                    guard let name: EventName = arguments.object(0) else { return .failure }
                    let id = name.isOff ? RouteID.none : route.program.route(.event, named: name.text)
                    guard name.isOff || id.isPresent else {
                        route.log(.error, "t_on_branch_failure: there is no event_route[\(name.text)]")
                        return .failure
                    }
                    self.arm(route, \.branchFailure, id)
                    return .success
                }
            ),
            ScriptFunction(
                "t_is_set", Argument("target", .literal, "`branch_route`, `failure_route` or `onreply_route`."),
                in: .any,
                summary: "Tells whether such a route is armed.",
                example: "if (!t_is_set(\"failure_route\")) { xlog(\"none\\n\"); }",
                body: { [unowned self] route, arguments in
                    let routes =
                        self.table.withTransaction(route.transactionID) { $0.routes }
                        ?? route.state(TransactionIntent.self)?.routes ?? ArmedRoutes()
                    let target = arguments.text(0, in: route)
                    let id: RouteID =
                        target == "branch_route"
                        ? routes.branch
                        : target == "failure_route"
                            ? routes.failure
                            : target == "onreply_route" ? routes.reply : .none
                    return id.isPresent ? .success : .failure
                }
            ),
        ]
    }

    /// Arms a route for the transaction, or for the one that is going to be; in reply routes for their own branch too.
    private func arm(_ route: RouteContext, _ path: WritableKeyPath<ArmedRoutes, RouteID>, _ id: RouteID) {
        route.transactionIntent.routes[keyPath: path] = id
        let branch = route.routeKind == .transactionReply && path == \ArmedRoutes.reply ? route.branchIndex : -1
        _ = self.table.withTransaction(route.transactionID) { record in
            record.routes[keyPath: path] = id
            if branch >= 0, branch < record.branches.count { record.branches[branch].replyRoute = id }
        }
    }

    private static func branchFailureRoute(
        _ name: ByteString, _ compiler: any ScriptCompiling
    ) throws -> any AnyObject & Sendable { EventName(name) }

    private func arming(
        _ name: String, _ kind: RouteKinds, _ allowed: RouteKinds,
        _ path: WritableKeyPath<ArmedRoutes, RouteID> & Sendable, _ what: String
    ) -> ScriptFunction {
        ScriptFunction(
            name, Argument("route", .route(kind), "Name of the route; `0` disarms."), in: allowed,
            summary: "Names the \(what).", example: "\(name)(\"0\");",
            body: { [unowned self] route, arguments in
                self.arm(route, path, arguments.route(0))
                return .success
            }
        )
    }

    private var replyFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_reply", Argument("code", .int, "Status code."), Argument("reason", .format, "Reason phrase."),
                in: [.request, .failure, .transactionReply, .reply], summary: "Answers the request in its transaction.",
                reference: "RFC 3261 §8.2.6", example: "t_reply(\"404\", \"Not found\");",
                body: { [unowned self] route, arguments in
                    let code = arguments.int(0, in: route) ?? route[self.settings.defaultCode]
                    return .code(self.answerFromScript(route, code, self.reason(arguments, route)))
                }
            ),
            ScriptFunction(
                "t_send_reply", Argument("code", .int, "Status code."), Argument("reason", .format, "Reason phrase."),
                in: [.request, .failure, .transactionReply, .reply],
                summary: "Answers the request in its transaction, which is created when there is none.",
                example: "t_send_reply(\"486\", \"Busy here\");",
                body: { [unowned self] route, arguments in
                    if route.isRequest, route.transaction == 0, self.begin(route) == nil {
                        return route.transaction != 0 ? .stop : .failure
                    }
                    let code = arguments.int(0, in: route) ?? route[self.settings.defaultCode]
                    return .code(self.answerFromScript(route, code, self.reason(arguments, route)))
                }
            ),
            ScriptFunction(
                "t_reply_error", in: [.request, .failure, .transactionReply, .reply],
                summary: "Answers with the reason of the last failure.", example: "t_reply_error();",
                body: { [unowned self] route, _ in
                    let failure = route.lastFailure
                    return .code(self.answerFromScript(route, failure.code, failure.reason("TM")))
                }
            ),
            ScriptFunction(
                "t_retransmit_reply", in: .request, summary: "Sends the last reply again.",
                example: "t_retransmit_reply();",
                body: { [unowned self] route, _ in
                    let last = self.table.withTransaction(route.transactionID) { ($0.lastReply, $0.replyDestination) }
                    guard let (bytes, destination) = last, !bytes.isEmpty else { return .failure }
                    self.send(bytes, to: destination, token: 0, by: route.worker)
                    return .success
                }
            ),
            ScriptFunction(
                "t_drop_replies",
                Argument("mode", .literal, "`a` all, `l` those of the last leg, `n` none.", optional: true),
                in: .failure,
                summary: "Forgets the replies received so far, when the script relays anew or answers.",
                example: "t_drop_replies();",
                body: { [unowned self] route, arguments in
                    let mode = arguments.text(0, in: route)
                    let replies: ResponsePolicy.FailureReplies =
                        mode == "l" ? .dropLastLeg : mode == "n" ? .keepAll : .dropAll
                    let known: Void? = self.table.withTransaction(route.transactionID) { $0.dropsReplies = replies }
                    return known == nil ? .failure : .success
                }
            ),
        ]
    }

    private var timerFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_set_fr", Argument("fr_inv", .int, "fr_inv_timer of this transaction in ms; 0 keeps it."),
                Argument("fr", .int, "fr_timer of this transaction in ms; 0 keeps it.", optional: true),
                in: Self.inTransaction, summary: "Sets how long this transaction waits for replies.",
                example: "t_set_fr(60000, 5000);",
                body: { [unowned self] route, arguments in
                    let invite = arguments.int(0, in: route) ?? 0
                    let other = arguments.int(1, in: route) ?? 0
                    self.changeTimers(route) { timers in
                        if invite > 0 { timers.inviteFinalResponse = .milliseconds(invite) }
                        if other > 0 { timers.finalResponse = .milliseconds(other) }
                    }
                    return .success
                }
            ),
            ScriptFunction(
                "t_reset_fr", in: Self.inTransaction,
                summary: "Takes fr_timer and fr_inv_timer back to their parameters.",
                example: "t_reset_fr();",
                body: { [unowned self] route, _ in
                    let defaults = self.settings.timers(route.configuration)
                    self.changeTimers(route) { timers in
                        timers.inviteFinalResponse = defaults.inviteFinalResponse
                        timers.finalResponse = defaults.finalResponse
                    }
                    return .success
                }
            ),
            ScriptFunction(
                "t_set_retr", Argument("t1", .int, "First retransmission in ms; 0 keeps it."),
                Argument("t2", .int, "Longest pause in ms; 0 keeps it."), in: Self.inTransaction,
                summary: "Sets the retransmission timers of this transaction.", example: "t_set_retr(250, 2000);",
                body: { [unowned self] route, arguments in
                    let first = arguments.int(0, in: route) ?? 0
                    let longest = arguments.int(1, in: route) ?? 0
                    self.changeTimers(route) { timers in
                        if first > 0 { timers.t1 = .milliseconds(first) }
                        if longest > 0 { timers.t2 = .milliseconds(longest) }
                    }
                    return .success
                }
            ),
            ScriptFunction(
                "t_reset_retr", in: Self.inTransaction,
                summary: "Takes the retransmission timers back to their parameters.",
                example: "t_reset_retr();",
                body: { [unowned self] route, _ in
                    let defaults = self.settings.timers(route.configuration)
                    self.changeTimers(route) { timers in
                        timers.t1 = defaults.t1
                        timers.t2 = defaults.t2
                    }
                    return .success
                }
            ),
            ScriptFunction(
                "t_set_auto_inv_100", Argument("flag", .int, "0 leaves the 100 to the script."), in: .request,
                summary: "Says whether this INVITE is answered 100 when it is relayed.",
                example: "t_set_auto_inv_100(0);",
                body: { route, arguments in
                    route.transactionIntent.sendsTrying = arguments.int(0, in: route) != 0
                    return .success
                }
            ),
            ScriptFunction(
                "t_set_disable_6xx", Argument("flag", .int, "1 treats 6xx like other replies."), in: Self.inTransaction,
                summary: "Says whether a 6xx leaves the other branches alone.", example: "t_set_disable_6xx(1);",
                body: { [unowned self] route, arguments in
                    let isOn = arguments.int(0, in: route) != 0
                    route.transactionIntent.disablesSixHundredBlock = isOn
                    _ = self.table.withTransaction(route.transactionID) { $0.policy.blocksOn6xx = !isOn }
                    return .success
                }
            ),
            ScriptFunction(
                "t_set_disable_internal_reply", Argument("flag", .int, "1: a failed relay is not answered."),
                in: Self.inTransaction, summary: "Says whether a failed relay is left to the script to answer.",
                example: "t_set_disable_internal_reply(1);",
                body: { route, arguments in
                    route.transactionIntent.suppressesErrorReply = arguments.int(0, in: route) != 0
                    return .success
                }
            ),
        ]
    }
}

/// `tm:branch-failure:NAME` of a `t_on_branch_failure`.
private final class EventName: Sendable {
    let text: ByteString
    let isOff: Bool

    init(_ name: ByteString) {
        self.isOff = name == "0"
        self.text = ByteString("tm:branch-failure:") + name
    }
}
