import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// Which routes are to run later.
    var armingFunctions: [ScriptFunction] {
        [
            self.arming(
                "t_on_failure", .failure, [.request, .failure, .transactionReply, .branch, .branchFailure], .failure,
                "failure_route to run when all branches have failed"),
            self.arming(
                "t_on_branch", .branch, [.request, .failure, .branchFailure], .branch,
                "branch_route to run for each branch"),
            self.arming(
                "t_on_reply", .transactionReply, [.request, .failure, .transactionReply, .branch, .branchFailure],
                .reply,
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
                body: { [self] route, arguments in
                    guard let name: EventName = arguments.object(0) else { return .failure }
                    let id = name.isOff ? RouteID.none : route.program.route(.event, named: name.text)
                    guard name.isOff || id.isPresent else {
                        route.log(.error, "t_on_branch_failure: there is no event_route[\(name.text)]")
                        return .failure
                    }
                    self.arm(route, .branchFailure, id)
                    return .success
                }
            ),
            ScriptFunction(
                "t_is_set",
                Argument(
                    "target", .custom { text, _ in ArmedKind(text) },
                    "`branch_route`, `failure_route` or `onreply_route`."),
                in: .any,
                summary: "Tells whether such a route is armed.",
                example: "if (!t_is_set(\"failure_route\")) { xlog(\"none\\n\"); }",
                body: { [self] route, arguments in
                    guard let kind = arguments.object(0, as: ArmedKind.self)?.kind else { return .failure }
                    // Armed for one relay, which has begun.
                    if kind == .branch, route.routeKind == .branch { return .failure }
                    let routes =
                        self.table.withTransaction(route.transactionID) { $0.routes }
                        ?? route.state(TransactionIntent.self)?.routes ?? ArmedRoutes()
                    return routes[kind].isPresent ? .success : .failure
                }
            ),
        ]
    }

    /// Arms a route for the transaction, or for the one that is going to be; in reply routes for their own branch too.
    private func arm(_ route: RouteContext, _ kind: ArmedRoutes.Kind, _ id: RouteID) {
        route.transactionIntent.routes[kind] = id
        let branch = route.routeKind == .transactionReply && kind == .reply ? route.branchIndex : -1
        _ = self.table.withTransaction(route.transactionID) { record in
            record.routes[kind] = id
            if branch >= 0, branch < record.branches.count { record.branches[branch].replyRoute = id }
        }
    }

    private static func branchFailureRoute(
        _ name: ByteString, _ compiler: any ScriptCompiling
    ) throws -> any AnyObject & Sendable { EventName(name) }

    private func arming(
        _ name: String, _ kind: RouteKinds, _ allowed: RouteKinds, _ armed: ArmedRoutes.Kind, _ what: String
    ) -> ScriptFunction {
        ScriptFunction(
            name, Argument("route", .route(kind), "Name of the route; `0` disarms."), in: allowed,
            summary: "Names the \(what).", example: "\(name)(\"0\");",
            body: { [self] route, arguments in
                self.arm(route, armed, arguments.route(0))
                return .success
            }
        )
    }
}

/// What `t_is_set` asks for; nothing is armed under other names.
private final class ArmedKind: Sendable {
    let kind: ArmedRoutes.Kind?

    init(_ name: ByteString) {
        self.kind =
            switch name {
            case "branch_route": .branch
            case "failure_route": .failure
            case "onreply_route": .reply
            default: nil
            }
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
