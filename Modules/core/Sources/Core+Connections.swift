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
            ScriptFunction(
                "force_tcp_alias", aliases: ["add_tcp_alias"],
                Argument("port", .int, "The other port; left out: that of the top Via.", optional: true),
                in: [.request, .failure, .branch],
                summary: "Sends what goes to another port of this peer over the connection that the request came on.",
                reference: "RFC 5923", outcomes: [1: "done, or no connection", -1: "another connection has the port"],
                example: "force_tcp_alias();"
            ) { route, arguments in
                guard route.arrival.connection.isPresent else { return .success }
                let via = route.message.topVia
                let port = arguments.has(0) ? arguments.int(0, in: route) ?? 0 : via.port > 0 ? via.port : 5060
                guard let port = UInt16(exactly: port), port > 0,
                    route.worker.addAlias(port: port, for: route.arrival.connection)
                else { return .failure }
                return .success
            },
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
