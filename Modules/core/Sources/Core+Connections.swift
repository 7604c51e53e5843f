import ModuleKit

extension Core {
    /// Ports of replies, and what becomes of connections.
    var connectionFunctions: [ScriptFunction] {
        [
            Self.option(
                "force_rport", aliases: ["add_rport"], .forceRport, in: [.request, .failure, .branch],
                "Sends replies to the port that the request came from, as if its Via had rport.", "RFC 3581 §4"
            ),
            Self.option(
                "add_local_rport", .addLocalRport, in: .any,
                "Asks the next hop for rport: the Via added on forwarding gets the parameter.", "RFC 3581 §3"
            ),
            Self.option(
                "set_forward_no_connect", .forwardNoConnect, in: .any,
                "Forwards the request only over a connection that is open already.", "RFC 3261 §18.1.1"
            ),
            Self.option(
                "set_forward_close", .forwardClose, in: .any,
                "Closes the connection that the request is forwarded over once it is sent.", "RFC 3261 §18"
            ),
            Self.option(
                "set_reply_no_connect", .replyNoConnect, in: .any,
                "Sends replies only over a connection that is open already.", "RFC 3261 §18.2.2"
            ),
            Self.option(
                "set_reply_close", .replyClose, in: .any, "Closes the connection once the reply is sent.",
                "RFC 3261 §18.2.2"
            ),
        ]
    }

    private static func option(
        _ name: String, aliases: [String] = [], _ option: RouteContext.Options, in routes: RouteKinds,
        _ summary: String, _ reference: String
    ) -> ScriptFunction {
        ScriptFunction(
            name, aliases: aliases, in: routes, summary: summary, reference: reference, outcomes: [1: "always"],
            example: "\(name)();"
        ) { route, _ in
            route.options.insert(option)
            return .success
        }
    }
}
