import Bytes
import ModuleKit
import SIPMessage

extension Transactions {
    private static let relaying: RouteKinds = [.request, .failure, .branchFailure]
    private static let relayOutcomes = [
        1: "relayed", 0: "a retransmission, answered again, or refused with 503", -1: "no target",
        -6: "no branch could be sent",
    ]

    /// `t_relay` and what sends the request itself.
    var relayFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_relay",
                Argument(
                    "host", .format, "Next hop of all targets; left out: $du or the R-URI of each.", optional: true),
                Argument("port", .format, "Its port.", optional: true), in: Self.relaying,
                summary:
                    "Relays the request statefully to its destination URI, or to its Request-URI, and to all further branches.",
                reference: "RFC 3261 §16.6", outcomes: Self.relayOutcomes,
                example: "if (!t_relay()) { sl_reply_error(); }",
                body: { [self] route, arguments in
                    guard arguments.has(0) else { return self.relay(route) }
                    return self.relay(route, Self.address(arguments, route))
                }
            ),
            ScriptFunction(
                "t_relay_to",
                Argument(
                    "proxy", .format, "`proto:host:port` of the next hop; a number is taken for the flags.",
                    optional: true),
                Argument(
                    "flags", .format, "1 no 100, 2 no error reply, 4 no further addresses; added up.", optional: true),
                in: Self.relaying, summary: "Relays the request statefully to a next hop, or in another manner.",
                reference: "RFC 3261 §16.6", outcomes: Self.relayOutcomes,
                example: "t_relay_to(\"udp:192.0.2.9:5060\", \"0x02\");",
                body: { [self] route, arguments in
                    let first = arguments.text(0, in: route)
                    if arguments.count == 1, let flags = Self.number(first) {
                        return self.relay(route, RelayOrder(flags: flags))
                    }
                    return self.relay(route, first, flags: arguments.text(1, in: route))
                }
            ),
            ScriptFunction(
                "t_relay_to_proxy", Argument("proxy", .format, "`proto:host:port` of the next hop."),
                Argument("flags", .format, "As in t_relay_to.", optional: true), in: Self.relaying,
                summary: "Relays the request statefully to a next hop.", reference: "RFC 3261 §16.6",
                outcomes: Self.relayOutcomes, example: "t_relay_to_proxy(\"udp:$var(gate):5060\");",
                body: { [self] route, arguments in
                    self.relay(route, arguments.text(0, in: route), flags: arguments.text(1, in: route))
                }
            ),
            ScriptFunction(
                "t_relay_to_avp", Argument("avp", .variable, "Variable that holds `proto:host:port` or a URI."),
                in: .request, summary: "Relays the request statefully to the next hop that a variable names.",
                outcomes: Self.relayOutcomes, example: "t_relay_to_avp(\"$avp(gate)\");",
                body: { [self] route, arguments in
                    guard let variable = arguments.variable(0) else { return .failure }
                    return self.relay(route, route.text(variable.read(in: route)), flags: "")
                }
            ),
            ScriptFunction(
                "t_forward_nonack_uri", in: .request,
                summary: "Forwards the request of an existing transaction to its Request-URI.",
                outcomes: Self.relayOutcomes, example: "t_forward_nonack_uri();",
                body: { [self] route, _ in self.forwardExisting(route, RelayOrder(flags: 3)) }
            ),
            ScriptFunction(
                "t_forward_nonack", Argument("host", .format, "Next hop.", optional: true),
                Argument("port", .format, "Its port.", optional: true), in: .request,
                summary: "Forwards the request of an existing transaction; t_relay() does more.",
                outcomes: [1: "forwarded", -1: "no transaction, or it cannot be sent"],
                example: "t_newtran(); t_forward_nonack(\"192.0.2.9\", \"5060\");",
                body: { [self] route, arguments in
                    self.forwardExisting(
                        route, arguments.has(0) ? Self.address(arguments, route, 3) : RelayOrder(flags: 3))
                }
            ),
            ScriptFunction(
                "t_forward_nonack_to", Argument("proto", .format, "Protocol: udp, tcp, tls or sctp."),
                Argument("hostport", .format, "`host:port` of the next hop."), in: .request,
                summary: "Forwards the request of an existing transaction over a protocol.",
                outcomes: [1: "forwarded", -1: "no transaction, or it cannot be sent"],
                example: "t_newtran(); t_forward_nonack_to(\"udp\", \"192.0.2.9:5060\");",
                body: { [self] route, arguments in
                    self.forwardExisting(route, Self.named(arguments, route, 3))
                }
            ),
            ScriptFunction(
                "t_replicate", Argument("proxy", .format, "`proto:host:port` of the copy's next hop.", optional: true),
                Argument("flags", .format, "As in t_relay_to.", optional: true), in: .request,
                summary:
                    "Sends a copy of the request, repeated until it is answered; what comes back goes nowhere. The script answers the request itself.",
                outcomes: Self.relayOutcomes, example: "t_replicate(\"udp:192.0.2.9:5060\");",
                body: { [self] route, arguments in
                    guard arguments.has(0) else { return self.replicate(route, RelayOrder()) }
                    guard let hop = HopText.uri(arguments.text(0, in: route)) else { return self.refuse(route) }
                    var order = RelayOrder(flags: Self.number(arguments.text(1, in: route)) ?? 0)
                    order.hop = hop
                    return self.replicate(route, order)
                }
            ),
            ScriptFunction(
                "t_replicate_to", Argument("proto", .format, "Protocol: udp, tcp, tls or sctp."),
                Argument("hostport", .format, "`host:port` of the copy's next hop."), in: .request,
                summary: "Sends a copy of the request over a protocol, as t_replicate() does.",
                outcomes: Self.relayOutcomes, example: "t_replicate_to(\"udp\", \"192.0.2.9:5060\");",
                body: { [self] route, arguments in self.replicate(route, Self.named(arguments, route, 0)) }
            ),
        ] + [TransportProtocol.udp, .tcp, .tls, .sctp].flatMap { self.relayFunctions(over: $0) }
    }

    /// The three that have a protocol in their name.
    private func relayFunctions(over transport: TransportProtocol) -> [ScriptFunction] {
        let name = "\(transport.name)"
        let label = "\(transport.viaName)"
        return [
            ScriptFunction(
                "t_relay_to_\(name)", Argument("host", .format, "Next hop.", optional: true),
                Argument("port", .format, "Its port.", optional: true), in: Self.relaying,
                summary: "Relays the request statefully over \(label).", reference: "RFC 3261 §16.6",
                outcomes: Self.relayOutcomes, example: "t_relay_to_\(name)(\"192.0.2.9\", \"5060\");",
                body: { [self] route, arguments in
                    var order = RelayOrder()
                    order.transport = transport
                    guard arguments.has(0) else { return self.relay(route, order) }
                    return self.relay(route, Self.address(arguments, route, over: transport))
                }
            ),
            ScriptFunction(
                "t_replicate_\(name)", Argument("host", .format, "Next hop of the copy."),
                Argument("port", .format, "Its port."), in: .request,
                summary: "Sends a copy of the request over \(label), as t_replicate() does.",
                outcomes: Self.relayOutcomes, example: "t_replicate_\(name)(\"192.0.2.9\", \"5060\");",
                body: { [self] route, arguments in
                    self.replicate(route, Self.address(arguments, route, over: transport))
                }
            ),
            ScriptFunction(
                "t_forward_nonack_\(name)", Argument("host", .format, "Next hop."),
                Argument("port", .format, "Its port."), in: .request,
                summary: "Forwards the request of an existing transaction over \(label).",
                outcomes: [1: "forwarded", -1: "no transaction, or it cannot be sent"],
                example: "t_newtran(); t_forward_nonack_\(name)(\"192.0.2.9\", \"5060\");",
                body: { [self] route, arguments in
                    self.forwardExisting(route, Self.address(arguments, route, 3, over: transport))
                }
            ),
        ]
    }

    // MARK: What they have in common

    /// The order that two arguments, host and port, give; nil when they name no next hop.
    private static func address(
        _ arguments: Arguments, _ route: RouteContext, _ flags: Int = 0, over transport: TransportProtocol? = nil
    ) -> RelayOrder? {
        var text = arguments.text(0, in: route)
        let port = arguments.text(1, in: route)
        if !port.isEmpty, port != "0" { text = text + ":" + port }
        guard let hop = HopText.uri(text, over: transport) else { return nil }
        var order = RelayOrder(flags: flags)
        order.hop = hop
        return order
    }

    /// The order that protocol and `host:port` give.
    private static func named(_ arguments: Arguments, _ route: RouteContext, _ flags: Int) -> RelayOrder? {
        guard let transport = HopText.transport(arguments.text(0, in: route)),
            let hop = HopText.uri(arguments.text(1, in: route), over: transport)
        else { return nil }
        var order = RelayOrder(flags: flags)
        order.hop = hop
        return order
    }

    /// A decimal number, or a hexadecimal one after `0x`.
    private static func number(_ text: ByteString) -> Int? {
        let text = text.string
        return text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }

    private func relay(_ route: RouteContext, _ hop: ByteString, flags: ByteString) -> Outcome {
        var order = RelayOrder(flags: Self.number(flags) ?? 0)
        if !hop.isEmpty {
            guard let uri = HopText.uri(hop) else { return self.refuse(route) }
            order.hop = uri
        }
        return self.relay(route, order)
    }

    private func relay(_ route: RouteContext, _ order: RelayOrder?) -> Outcome {
        order.map { self.relay(route, $0) } ?? self.refuse(route)
    }

    private func replicate(_ route: RouteContext, _ order: RelayOrder?) -> Outcome {
        guard var order else { return self.refuse(route) }
        switch route.message.method {
        case .ack, .cancel: return .failure
        default: break
        }
        order.answersFailure = false
        order.marks.insert(.isReplica)
        return self.relay(route, order)
    }

    private func forwardExisting(_ route: RouteContext, _ order: RelayOrder?) -> Outcome {
        guard let order else { return self.refuse(route) }
        guard route.transaction != 0, route.message.method != .ack else { return .failure }
        return self.relay(route, order)
    }

    private func refuse(_ route: RouteContext) -> Outcome {
        route.log(.error, "the next hop is no protocol:host:port")
        route.noteFailure(.badURI)
        return .failure
    }
}
