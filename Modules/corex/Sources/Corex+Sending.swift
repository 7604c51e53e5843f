import Bytes
import ModuleKit
import SIPMessage

extension Corex {
    /// Sending bytes as they are.
    var sendFunctions: [ScriptFunction] {
        let place = Argument("host", .format, "host, or host:port; left out: $du or the Request-URI.", optional: true)
        let outcomes = [1: "sent", -1: "it cannot be sent there"]
        func send(_ name: String, _ transport: TransportProtocol) -> ScriptFunction {
            ScriptFunction(
                name, place, in: [.request, .failure],
                summary: "Sends the message on as it was received, without a Via, over \(transport.viaName).",
                outcomes: outcomes, example: "\(name)(\"192.0.2.1:5060\");"
            ) { route, arguments in
                let text = arguments.has(0) ? arguments.text(0, in: route) : ByteString()
                let uri: ByteString
                if text.isEmpty {
                    uri = route.target.destinationURI ?? route.text(route.requestURI)
                } else {
                    uri = "sip:" + text + ";transport=" + ByteString("\(transport.name)")
                }
                return RawSending.send(route, to: uri, socket: route.target.socket) { buffer in
                    let message = route.message
                    buffer.append(message.span)
                }
            }
        }
        return [
            send("send", .udp), send("send_udp", .udp), send("send_tcp", .tcp),
            ScriptFunction(
                "send_data", Argument("uri", .format, "Where to."), Argument("data", .format, "What to send."),
                in: .any,
                summary: "Sends bytes to a URI.", outcomes: outcomes,
                example: #"send_data("sip:192.0.2.1:5060", "hello");"#
            ) { route, arguments in
                let data = arguments.text(1, in: route)
                return RawSending.send(route, to: arguments.text(0, in: route), socket: nil) { $0.append(data) }
            },
            ScriptFunction(
                "sendx", Argument("uri", .format, "Where to."), Argument("socket", .format, "Socket to send from."),
                Argument("data", .format, "What to send."), in: .any,
                summary: "Sends bytes to a URI from a certain socket.",
                outcomes: outcomes, example: #"sendx("sip:192.0.2.1:5060", "udp:127.0.0.1:5060", "hello");"#
            ) { [host] route, arguments in
                guard let socket = host.socket(named: arguments.text(1, in: route)) else { return .failure }
                let data = arguments.text(2, in: route)
                return RawSending.send(route, to: arguments.text(0, in: route), socket: socket) { $0.append(data) }
            },
        ]
    }
}

/// Sends what a closure writes.
enum RawSending {
    static func send(
        _ route: RouteContext, to uri: ByteString, socket: ListenSocket?, _ write: @escaping (ByteBuffer) -> Void
    ) -> Outcome {
        switch route.worker.nextHop(for: uri.span, range: ByteRange(start: 0, count: uri.count), socket: socket) {
        case .destination(let destination): return self.send(route, to: destination, write)
        case .needsLookup(let query):
            let token = route.suspend()
            route.worker.host.resolve(query, then: token)
            return .suspended(
                Continuation { route, result in
                    guard result.code >= 0, let destination = result.payload as? Destination else { return .failure }
                    return self.send(route, to: destination, write)
                }
            )
        case .unreachable: return .failure
        }
    }

    private static func send(
        _ route: RouteContext, to destination: Destination, _ write: (ByteBuffer) -> Void
    ) -> Outcome {
        let buffer = route.worker.outgoing()
        write(buffer)
        return route.worker.send(buffer, to: destination, token: 0) ? .success : .failure
    }
}
