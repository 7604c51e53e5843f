import Bytes
import ModuleKit
import SIPMessage

extension Core {
    /// What one message says of the server, and how it is sent.
    var sendingFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "set_advertised_address", Argument("host", .literal, "Name or address for Via and Record-Route."),
                in: .any, summary: "Names the server by another address in what this message is forwarded with.",
                outcomes: [1: "always"], example: #"set_advertised_address("proxy.example.org");"#
            ) { route, arguments in
                route.advertisedHost = arguments.text(0, in: route)
                return .success
            },
            ScriptFunction(
                "set_advertised_port", Argument("port", .int, "Port for Via and Record-Route, 1 to 65535."),
                in: .any, summary: "Names another port of the server in what this message is forwarded with.",
                outcomes: [1: "taken", -1: "no port"], example: "set_advertised_port(5080);"
            ) { route, arguments in
                guard let port = arguments.int(0, in: route).flatMap(UInt16.init(exactly:)), port > 0 else {
                    return .failure
                }
                route.advertisedPort = port
                return .success
            },
            ScriptFunction(
                "udp_mtu_try_proto", Argument("protocol", .literal, "udp, tcp, tls or sctp; udp for none."),
                in: .any,
                summary: "Chooses what this request is sent over when it is larger than udp_mtu and would go over UDP.",
                reference: "RFC 3261 §18.1.1", outcomes: [1: "taken", -1: "no protocol"],
                example: "udp_mtu_try_proto(tcp);"
            ) { route, arguments in
                let text = arguments.text(0, in: route)
                let range = ByteRange(start: 0, count: text.count)
                guard let transport = TransportProtocol(parsing: text.span, range) else { return .failure }
                route.protocolForLargeRequests = transport
                return .success
            },
            ScriptFunction(
                "exec", Argument("command", .literal, "A command of the shell; variables are not expanded."), in: .any,
                summary: "Runs a command and waits for its end; other messages do not wait.", outcomes: [1: "always"],
                example: #"exec("true");"#
            ) { [host] route, arguments in
                let command = arguments.text(0, in: route).string
                let token = route.suspend()
                host.runBlocking {
                    SystemProcess.run(command)
                    token.resume(ResumeResult(code: 1))
                }
                return .suspended(nil)
            },
        ]
    }
}
