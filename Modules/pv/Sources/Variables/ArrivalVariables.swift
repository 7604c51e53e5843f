import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// Where the message came from and where to.
    var arrivalVariables: [ScriptVariable] {
        [
            ScriptVariable("si", "src_ip", summary: "Address that the message came from.") { route in
                .bytes(route.made { route.arrival.source.ip.write(to: $0) })
            },
            ScriptVariable("siz", summary: "Address that the message came from, IPv6 in brackets.") { route in
                .bytes(route.made { route.arrival.source.ip.writeBracketed(to: $0) })
            },
            ScriptVariable("sp", summary: "Port that the message came from.") { .int(Int($0.arrival.source.port)) },
            ScriptVariable("su", summary: "Source as a URI; transport left out for UDP.") { route in
                Self.uri(route.arrival.source, route.arrival.transport, always: false)
            },
            ScriptVariable("sut", summary: "Source as a URI with its transport.") { route in
                Self.uri(route.arrival.source, route.arrival.transport, always: true)
            },
            ScriptVariable("sas", summary: "Source as protocol:address:port.") { route in
                let buffer = ByteBuffer(capacity: 64)
                buffer.append(route.arrival.transport.name)
                buffer.append(UInt8(ascii: ":"))
                Self.append(route.arrival.source, to: buffer)
                return .bytes(ByteString(buffer.span))
            },
            ScriptVariable("Ri", summary: "Address that the message came in at.") { .bytes($0.arrival.socket.ipText) },
            ScriptVariable("Rp", summary: "Port that the message came in at.") {
                .int(Int($0.arrival.socket.address.port))
            },
            ScriptVariable("Rn", summary: "Name of the socket that the message came in at.") { route in
                route.arrival.socket.name.map { .bytes($0) } ?? .null
            },
            ScriptVariable("Ru", summary: "Receiving socket as a URI; transport left out for UDP.") { route in
                Self.uri(route.arrival.socket.address, route.arrival.transport, always: false)
            },
            ScriptVariable("Rut", summary: "Receiving socket as a URI with its transport.") { route in
                Self.uri(route.arrival.socket.address, route.arrival.transport, always: true)
            },
            ScriptVariable("Ras", summary: "Receiving socket as protocol:address:port.") {
                .bytes($0.arrival.socket.socketName)
            },
            ScriptVariable("RAi", summary: "Advertised address of the receiving socket.") {
                .bytes($0.arrival.socket.host)
            },
            ScriptVariable("RAp", summary: "Advertised port of the receiving socket.") {
                .int(Int($0.arrival.socket.port))
            },
            ScriptVariable("RAu", summary: "Advertised receiving socket as a URI; transport left out for UDP.") {
                Self.advertised($0.arrival.socket, always: false)
            },
            ScriptVariable("RAut", summary: "Advertised receiving socket as a URI with its transport.") {
                Self.advertised($0.arrival.socket, always: true)
            },
            ScriptVariable("pr", "proto", summary: "Protocol that the message came over: udp, tcp, tls, sctp, ws, wss.")
            {
                Self.transports[Int($0.arrival.transport.rawValue)]
            },
            ScriptVariable("prid", summary: "Number of the protocol: 1 UDP, 2 TCP, 3 TLS, 4 SCTP, 5 WS, 6 WSS.") {
                .int(Int($0.arrival.transport.rawValue))
            },
            ScriptVariable("conid", summary: "Number of the connection that the message came over; $null without one.")
            { route in
                let connection = route.arrival.connection
                return connection.isPresent ? .int(Int(truncatingIfNeeded: connection.rawValue)) : .null
            },
        ]
    }

    /// By raw value.
    private static let transports: [Value] =
        [.null] + TransportProtocol.allCases.map { .labelled(Int($0.rawValue), ByteString("\($0.name)")) }

    private static func append(_ address: SocketAddress, to buffer: ByteBuffer) {
        address.ip.writeBracketed(to: buffer)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: Int(address.port))
    }

    static func uri(_ address: SocketAddress, _ transport: TransportProtocol, always: Bool) -> Value {
        let buffer = ByteBuffer(capacity: 72)
        buffer.append("sip:")
        Self.append(address, to: buffer)
        return Self.finish(buffer, transport, always: always)
    }

    private static func advertised(_ socket: ListenSocket, always: Bool) -> Value {
        let buffer = ByteBuffer(capacity: 72)
        buffer.append("sip:")
        buffer.append(socket.sentBy)
        return Self.finish(buffer, socket.transport, always: always)
    }

    private static func finish(_ buffer: ByteBuffer, _ transport: TransportProtocol, always: Bool) -> Value {
        if always || transport != .udp {
            buffer.append(";transport=")
            buffer.append(transport.name)
        }
        return .bytes(ByteString(buffer.span))
    }
}
