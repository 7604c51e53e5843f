import Bytes
import ModuleKit

extension RecordRouting {
    public var functions: [ScriptFunction] { self.routing + self.recording }

    private var routing: [ScriptFunction] {
        let outcomes = [
            1: "follow the route set, or the Request-URI when nothing of it is left",
            2: "follow the flow that a token in our entry names",
            -1: "no Route, or a broken one",
            -2: "the flow token in our entry was not made here",
            -3: "only our own Route, in a request outside of dialogs",
        ]
        return [
            ScriptFunction(
                "loose_route",
                in: .request,
                summary: "Takes our own entries off the Route header and says where the request goes next.",
                reference: "RFC 3261 §16.4, §16.12",
                outcomes: outcomes,
                example: "if (loose_route()) { t_relay(); exit; }"
            ) { [self] route, _ in .code(self.follow(route, mode: self.settings.looseRouteMode)) },
            ScriptFunction(
                "loose_route_mode",
                Argument("mode", .int, "Sum of 1 (no test for strict routers) and 2 (no flow tokens)."),
                in: .request,
                summary: "Like loose_route, with other mode bits than the module parameter's.",
                reference: "RFC 3261 §16.4",
                outcomes: outcomes,
                example: #"if (loose_route_mode("1")) { t_relay(); exit; }"#
            ) { [self] route, arguments in
                .code(self.follow(route, mode: arguments.int(0, in: route) ?? self.settings.looseRouteMode))
            },
            ScriptFunction(
                "loose_route_preloaded",
                in: .request,
                summary: "Like loose_route, and true only for a request outside of dialogs that was sent through us.",
                reference: "RFC 3261 §16.4",
                outcomes: [1: "the Route was preloaded with our entry", -1: "anything else"],
                example: "if (loose_route_preloaded()) { xlog(\"preloaded\\n\"); }"
            ) { [self] route, _ in
                self.follow(route, mode: self.settings.looseRouteMode) == -3 ? .success : .failure
            },
            ScriptFunction(
                "check_route_param",
                Argument("expression", .regex, "Regular expression for the parameters of our Route entry."),
                in: .request,
                summary: "Whether the parameters of the Route entry that was ours match.",
                reference: "RFC 3261 §16.12",
                outcomes: [1: "they match", -1: "they do not, or there was none"],
                example: #"if (check_route_param("nat=yes")) { setbflag(6); }"#
            ) { route, arguments in
                guard let expression = arguments.object(0, as: RegularExpression.self) else { return .failure }
                let parameters = self.routeParameters(route)
                return !parameters.isEmpty && expression.matches(parameters.span) ? .success : .failure
            },
            ScriptFunction(
                "is_direction",
                Argument("direction", .custom { text, _ in try Direction(text) }, "upstream or downstream."),
                in: .request,
                summary: "Whether the request goes the way of the one that began the dialog, or against it.",
                reference: "RFC 3261 §12.2",
                outcomes: [1: "it does", -1: "it goes the other way"],
                example: #"if (is_direction("upstream")) { xlog("from the callee\n"); }"#
            ) { route, arguments in
                guard let wanted = arguments.object(0, as: Direction.self) else { return .failure }
                return self.isUpstream(route) == wanted.isUpstream ? .success : .failure
            },
            ScriptFunction(
                "rr_next_hop_route",
                in: .any,
                summary: "Whether loose_route left a Route entry that the request follows.",
                reference: "RFC 3261 §16.6 step 6",
                outcomes: [1: "it follows a Route", -1: "it goes to the Request-URI"],
                example: "if (rr_next_hop_route()) { xlog(\"more hops\\n\"); }"
            ) { route, _ in
                route.state(FollowedRoute.self)?.hasNext == true ? .success : .failure
            },
        ]
    }

    private var recording: [ScriptFunction] {
        let routes: RouteKinds = [.request, .failure, .branch]
        let outcomes = [1: "recorded", -1: "recorded already"]
        return [
            ScriptFunction(
                "record_route",
                Argument("parameters", .format, "Parameters to add, each with its semicolon.", optional: true),
                in: routes,
                summary: "Stays in the path: the request leaves with our name in Record-Route.",
                reference: "RFC 3261 §16.6 step 4",
                outcomes: outcomes,
                example: "if (is_method(\"INVITE|SUBSCRIBE\")) { record_route(); }"
            ) { [self] route, arguments in
                self.record(route, .sockets, parameters: arguments.text(0, in: route))
            },
            ScriptFunction(
                "record_route_preset",
                Argument("address", .format, "host:port and parameters, without the scheme."),
                Argument("second", .format, "Another one, for a second field below.", optional: true),
                in: routes,
                summary: "Stays in the path under an address that the script gives.",
                reference: "RFC 3261 §16.6 step 4",
                outcomes: outcomes,
                example: #"record_route_preset("198.51.100.7:5060");"#
            ) { [self] route, arguments in
                let second = arguments.has(1) ? arguments.text(1, in: route) : nil
                return self.record(route, .preset(arguments.text(0, in: route), second), parameters: ByteString())
            },
            ScriptFunction(
                "record_route_advertised_address",
                Argument("address", .format, "host or host:port."),
                in: routes,
                summary: "Stays in the path under one address for all sockets.",
                reference: "RFC 3261 §16.6 step 4",
                outcomes: outcomes,
                example: #"record_route_advertised_address("sip.example.org:5060");"#
            ) { [self] route, arguments in
                self.record(route, .advertised(arguments.text(0, in: route)), parameters: ByteString())
            },
            ScriptFunction(
                "remove_record_route",
                in: [.request, .failure],
                summary: "Takes back what record_route decided.",
                reference: "RFC 3261 §16.6 step 4",
                outcomes: [1: "done"],
                example: "remove_record_route();"
            ) { route, _ in
                route.changeRecordRoutes { $0.form = nil }
                return .success
            },
            ScriptFunction(
                "add_rr_param",
                Argument("parameter", .format, "Parameter with its semicolon: \";nat=yes\"."),
                in: routes,
                summary: "Adds a parameter to our Record-Route, before or after it was decided.",
                reference: "RFC 3261 §16.6 step 4",
                outcomes: [1: "added"],
                example: #"add_rr_param(";nat=yes");"#
            ) { [self] route, arguments in
                self.addParameter(arguments.text(0, in: route), to: route)
                return .success
            },
        ]
    }
}

/// The argument of `is_direction`.
final class Direction: Sendable {
    let isUpstream: Bool

    init(_ text: ByteString) throws {
        switch text {
        case "upstream": self.isUpstream = true
        case "downstream": self.isUpstream = false
        default: throw ArgumentError("the direction is upstream or downstream, not \(text)")
        }
    }
}
