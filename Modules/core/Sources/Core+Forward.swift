import Bytes
import ModuleKit
import SIPMessage

/// Where `forward("host", port)` sends to.
final class ForwardAddress: Sendable {
    enum Part: Sendable {
        case text(ByteString)
        /// `uri:host` or `uri:port`: from the Request-URI.
        case requestURI
    }
    let part: Part
    init(_ part: Part) { self.part = part }
}

extension Core {
    /// Branches, and forwarding without a transaction.
    var branchFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "remove_branch",
                Argument("index", .int, "Which one, 0 being the first; the last when left out.", optional: true),
                in: .any, summary: "Removes a further branch.", outcomes: [1: "removed", -1: "no such branch"],
                example: "remove_branch(0);"
            ) { route, arguments in
                let index = arguments.has(0) ? arguments.int(0, in: route) ?? -1 : route.branches.count - 1
                guard route.branches.indices.contains(index) else { return .failure }
                route.branches.remove(at: index)
                return .success
            },
            ScriptFunction(
                "clear_branches", in: .any, summary: "Removes all further branches.", outcomes: [1: "always"],
                example: "clear_branches();"
            ) { route, _ in
                route.branches.removeAll(keepingCapacity: true)
                return .success
            },
            ScriptFunction(
                "force_send_socket", Argument("socket", .literal, "protocol:address:port of a listen line."),
                in: .any, summary: "Chooses the socket to send from.", outcomes: [1: "chosen", -1: "no such socket"],
                example: "force_send_socket(udp:127.0.0.1:5060);"
            ) { [host] route, arguments in
                let text = arguments.text(0, in: route)
                guard let socket = host.socket(named: text) else {
                    route.log(.error, "force_send_socket: the server does not listen on \(text.string)")
                    return .failure
                }
                route.target.socket = socket
                return .success
            },
        ]
    }

    var forwardFunctions: [ScriptFunction] {
        let host = Argument(
            "host", Self.addressKind, "Host name, address or uri:host; left out: the Request-URI or $du.",
            optional: true)
        let port = Argument("port", Self.addressKind, "Port or uri:port.", optional: true)
        let outcomes = [1: "sent", -1: "it cannot be sent there"]
        let plain = ScriptFunction(
            "forward", host, port, in: [.request, .failure], summary: "Forwards the request without a transaction.",
            reference: "RFC 3261 §16.11", outcomes: outcomes, example: "forward();"
        ) { [self] route, arguments in self.forward(route, arguments, nil) }
        return [plain]
            + [TransportProtocol.udp, .tcp, .tls, .sctp].map { transport in
                ScriptFunction(
                    "forward_\(transport.name)", host, port, in: [.request, .failure],
                    summary: "Forwards the request without a transaction over \(transport.viaName).",
                    reference: "RFC 3261 §16.11", outcomes: outcomes,
                    example: "forward_\(transport.name)(\"192.0.2.1\", 5060);"
                ) { [self] route, arguments in self.forward(route, arguments, transport) }
            }
    }

    private static let addressKind = Argument.Kind.custom { text, _ in
        text == "uri:host" || text == "uri:port" ? ForwardAddress(.requestURI) : ForwardAddress(.text(text))
    }

    private func forward(_ route: RouteContext, _ arguments: Arguments, _ transport: TransportProtocol?) -> Outcome {
        let outcome: Outcome
        if arguments.has(0) || transport != nil {
            guard let next = Self.nextURI(route, arguments, transport) else {
                route.noteFailure(.badURI)
                return .failure
            }
            outcome = StatelessForwarder.forwardRequest(route, to: next)
        } else {
            outcome = StatelessForwarder.forwardRequest(route)
        }
        if case .code(1) = outcome { route.worker.count(self.forwarded) }
        return outcome
    }

    private static func nextURI(
        _ route: RouteContext, _ arguments: Arguments, _ transport: TransportProtocol?
    ) -> ByteString? {
        let out = ByteBuffer(capacity: 64)
        out.append("sip:")
        let hostText: ByteString
        if case .text(let text)? = arguments.object(0, as: ForwardAddress.self)?.part {
            hostText = text
        } else {
            hostText = route.text(route.requestURIPart { $0.host })
        }
        guard !hostText.isEmpty else { return nil }
        let isBareIPv6 = hostText.bytes.contains(UInt8(ascii: ":")) && hostText.bytes.first != UInt8(ascii: "[")
        if isBareIPv6 { out.append(UInt8(ascii: "[")) }
        out.append(hostText)
        if isBareIPv6 { out.append(UInt8(ascii: "]")) }
        let port: ByteString
        switch arguments.object(1, as: ForwardAddress.self)?.part {
        case .text(let text)?: port = text
        case .requestURI?: port = route.text(route.requestURIPart { $0.portRange })
        case nil: port = ByteString()
        }
        if !port.isEmpty {
            out.append(UInt8(ascii: ":"))
            out.append(port)
        }
        if let transport {
            out.append(";transport=")
            out.append(transport.name)
        }
        return ByteString(out.span)
    }
}
