import Bytes
import ModuleKit
import SIPMessage

extension Corex {
    var socketFunctions: [ScriptFunction] {
        let address = Argument("socket", .format, "protocol:address:port.")
        let name = Argument("name", .format, "Name of the socket in its listen line.")
        return [
            self.chooser("set_send_socket", address, "Chooses the socket to send from.", "udp:127.0.0.1:5060") {
                $0.target.socket = $1
            },
            self.chooser("set_send_socket_name", name, "Chooses the socket to send from by its name.", "public") {
                $0.target.socket = $1
            },
            self.chooser(
                "set_recv_socket", address, "Treats the message as if it came in at another socket.",
                "udp:127.0.0.1:5060"
            ) {
                $0.arrival.socket = $1
            },
            self.chooser(
                "set_recv_socket_name", name, "Treats the message as if it came in at the socket with that name.",
                "public"
            ) {
                $0.arrival.socket = $1
            },
            ScriptFunction(
                "set_source_address",
                Argument("address", .format, "protocol:address:port; the protocol may be missing."),
                in: .any, summary: "Treats the message as if it came from another address.",
                outcomes: [1: "changed", -1: "no address"], example: #"set_source_address("udp:192.0.2.1:5060");"#
            ) { route, arguments in
                guard let source = SocketText.address(arguments.text(0, in: route)) else { return .failure }
                route.arrival.source = source
                return .success
            },
            ScriptFunction(
                "is_socket_name", name, in: .any, summary: "Tells whether a socket has that name.",
                outcomes: [1: "there is one", -1: "there is none"],
                example: #"if (is_socket_name("public")) { setflag(1); }"#
            ) { [host] route, arguments in
                let wanted = arguments.text(0, in: route)
                return host.sockets.contains { $0.name == wanted } ? .success : .failure
            },
        ]
    }

    private func chooser(
        _ function: String, _ argument: Argument, _ summary: String, _ value: String,
        _ body: @escaping @Sendable (RouteContext, ListenSocket) -> Void
    ) -> ScriptFunction {
        ScriptFunction(
            function, argument, in: .any, summary: summary,
            outcomes: [1: "chosen, or left as it was: no such socket"], example: "\(function)(\"\(value)\");"
        ) { [host] route, arguments in
            let text = arguments.text(0, in: route)
            if let socket = host.socket(named: text) {
                body(route, socket)
            } else {
                route.log(.warning, "\(function): no socket found to match [\(text.string)]")
            }
            return .success
        }
    }

    public var transformations: [TransformationClass] {
        [
            TransformationClass(
                "sock", operations: ["host", "port", "proto", "touri"], summary: "Parts of protocol:address:port."
            ) { operation, _, _ in
                guard ["host", "port", "proto", "touri"].contains(operation) else {
                    throw ArgumentError("there is no such operation")
                }
                return { route, value in
                    guard !value.isNull, let parts = SocketText(route.text(value)) else { return .bytes(ByteString()) }
                    switch operation {
                    case "host": return .bytes(parts.host)
                    case "port": return .bytes(parts.port)
                    case "proto": return .bytes(parts.transport)
                    default: return .bytes(parts.uri)
                    }
                }
            }
        ]
    }
}

/// `protocol:address:port`, taken apart.
struct SocketText {
    let transport: ByteString
    let host: ByteString
    let port: ByteString

    init?(_ text: ByteString) {
        let bytes = text.bytes
        guard let first = bytes.firstIndex(of: UInt8(ascii: ":")), let last = bytes.lastIndex(of: UInt8(ascii: ":")),
            first > 0
        else { return nil }
        self.transport = ByteString(Array(bytes[..<first]))
        let rest = bytes[(first + 1)...]
        // A colon inside brackets belongs to the address.
        if last > first, rest.last != UInt8(ascii: "]") {
            self.host = ByteString(Array(bytes[(first + 1)..<last]))
            self.port = ByteString(Array(bytes[(last + 1)...]))
        } else {
            self.host = ByteString(Array(rest))
            self.port = ByteString()
        }
        guard !self.host.isEmpty else { return nil }
    }

    var uri: ByteString {
        let address = self.port.isEmpty ? self.host : self.host + ":" + self.port
        return "sip:" + address + ";transport=" + self.transport
    }

    /// The address in `protocol:address:port` or `address:port`.
    static func address(_ text: ByteString) -> SocketAddress? {
        let hasTransport = text.bytes.firstIndex(of: UInt8(ascii: ":")).map { end in
            TransportProtocol(parsing: text.span, ByteRange(start: 0, count: end)) != nil
        }
        let whole = hasTransport == true ? text : "udp:" + text
        guard let parts = SocketText(whole),
            let ip = IPAddress(parts.host.span, ByteRange(start: 0, count: parts.host.count)),
            let port = parts.port.span.decimal(in: ByteRange(start: 0, count: parts.port.count), limit: 65535)
        else { return nil }
        return SocketAddress(ip: ip, port: UInt16(port))
    }
}
