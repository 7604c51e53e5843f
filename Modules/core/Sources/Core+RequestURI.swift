import Bytes
import ModuleKit
import SIPMessage

extension Core {
    static let uriRoutes: RouteKinds = [.request, .failure, .branch, .branchFailure, .event]

    /// Functions that set the Request-URI or exchange a part of it.
    var requestURIFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "rewriteuri", aliases: ["seturi"], Argument("uri", .literal, "The new Request-URI."),
                in: Self.uriRoutes, summary: "Replaces the Request-URI.", reference: "RFC 3261 §16.5",
                outcomes: [1: "always"], example: #"seturi("sip:alice@example.org");"#
            ) { route, arguments in
                guard route.isRequest else { return .failure }
                route.setRequestURI(arguments.text(0, in: route))
                return .success
            },
            Self.setter(
                "rewritehost", aliases: ["sethost", "seth"], .host, "host", "example.org",
                "Replaces the host of the Request-URI; port, user and parameters stay."
            ),
            Self.setter(
                "rewritehostport", aliases: ["sethostport", "sethp"], .hostPort, "hostport", "example.org:5070",
                "Replaces host and port of the Request-URI."
            ),
            Self.setter(
                "rewritehostporttrans", aliases: ["sethostporttrans", "sethpt"], .hostPortTransport, "hostport",
                "example.org:5070;transport=tcp", "Replaces host, port and transport of the Request-URI."
            ),
            Self.setter(
                "rewriteuser", aliases: ["setuser", "setu"], .user, "user", "alice",
                "Replaces the user of the Request-URI; an empty one removes user and password."
            ),
            Self.setter(
                "rewriteuserpass", aliases: ["setuserpass", "setup"], .userAndPassword, "user", "alice:secret",
                "Replaces user and password of the Request-URI."
            ),
            Self.setter(
                "rewriteport", aliases: ["setport", "setp"], .port, "port", "5070",
                "Replaces the port of the Request-URI; an empty one removes it."
            ),
            ScriptFunction(
                "revert_uri", in: Self.uriRoutes, summary: "Brings the Request-URI back as it was received.",
                outcomes: [1: "always"], example: "revert_uri();"
            ) { route, _ in
                route.target.uri = nil
                route.invalidateRequestURI()
                return .success
            },
        ]
    }

    private static func setter(
        _ name: String, aliases: [String], _ part: URIPart, _ argument: String, _ value: String, _ summary: String
    ) -> ScriptFunction {
        ScriptFunction(
            name, aliases: aliases, Argument(argument, .literal, "The new text."), in: Self.uriRoutes,
            summary: summary, reference: "RFC 3261 §19.1.1",
            outcomes: [1: "changed", -1: "the URI cannot be changed so"],
            example: "\(aliases[0])(\"\(value)\");"
        ) { route, arguments in
            guard route.rewriteRequestURI(part, with: arguments.text(0, in: route)) else {
                route.log(.error, "\(name): the Request-URI cannot be changed so")
                return .failure
            }
            return .success
        }
    }
}
