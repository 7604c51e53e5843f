import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// What is being sent, and what came in before it was parsed.
    var transferVariables: [ScriptVariable] {
        [
            Self.departure("snd", "sndto", "Where the message in onsend_route goes") {
                $0.destination.address
            } transport: {
                $0.destination.transport
            },
            Self.departure("sndfrom", nil, "The socket that the message in onsend_route leaves from") {
                $0.socket?.address
            } transport: {
                $0.socket?.transport
            },
            Self.received,
            ScriptVariable("mi", summary: "Number of the message: how many the worker has taken.") { .int($0.number) },
            ScriptVariable(
                "msgbuf", inner: .required, writable: true,
                summary: "The byte of the message at an index, as a character."
            ) { name, _ in
                VariableAccess { route, _ in
                    guard let index = Self.index(name, route), index < route.message.length else { return .null }
                    return .slice(ByteRange(start: index, count: 1))
                } write: { route, _, value in
                    guard let index = Self.index(name, route), index < route.message.length,
                        let byte = route.text(value).bytes.first
                    else { return false }
                    // Only the byte changes: what was found in the message stands where it stood.
                    route.message.buffer[index] = byte
                    return true
                }
            },
        ]
    }

    private static func index(_ name: VariableName, _ route: RouteContext) -> Int? {
        let text = name.resolve(in: route)
        guard !text.isEmpty, let index = Value.integer(text.span, ByteRange(start: 0, count: text.count)) else {
            return nil
        }
        return index >= 0 ? index : nil
    }

    private static func departure(
        _ name: String, _ other: String?, _ what: String,
        _ address: @escaping @Sendable (Departure) -> SocketAddress?,
        transport: @escaping @Sendable (Departure) -> TransportProtocol?
    ) -> ScriptVariable {
        var variable = ScriptVariable(
            name, inner: .required,
            summary: "\(what): (ip) (port) (af) (proto) a number, (sproto) its name, (buf) the bytes, (len) of them."
        ) { inner, _ in
            guard case .literal(let key) = inner else { throw ArgumentError("$\(name) takes a fixed name") }
            let read: @Sendable (Departure) -> Value
            switch key {
            case "ip": read = { address($0).map { .text($0.ip.description) } ?? .null }
            case "port": read = { address($0).map { .int(Int($0.port)) } ?? .null }
            case "af": read = { address($0).map { AddressFamily.value($0.ip) } ?? .null }
            case "proto": read = { transport($0).map { .int(Int($0.rawValue)) } ?? .null }
            case "sproto": read = { transport($0).map { .text("\($0.name)") } ?? .null }
            case "buf": read = { .bytes($0.bytes) }
            case "len": read = { .int($0.bytes.count) }
            default: throw ArgumentError("$\(name) has no key \(key.string)")
            }
            return VariableAccess { route, _ in route.state(Departure.self).map(read) ?? .null }
        }
        if let other { variable.names.append(other) }
        return variable
    }

    private static func bytes(_ received: ReceivedBytes) -> ByteString {
        let buffer = received.buffer
        return ByteString(buffer.span)
    }

    private static var received: ScriptVariable {
        ScriptVariable(
            "rcv", "recv", inner: .required, writable: true,
            summary:
                "What came in, in event_route[core:msg-received]: (buf) (len) (safe) without control bytes, (srcip)"
                + " (srcport) (rcvip) (rcvport) (proto) (sproto) (af) (evtype); (bufat[n]) (hexat[n]) a byte."
        ) { inner, _ in
            guard case .literal(let key) = inner else { throw ArgumentError("$rcv takes a fixed name") }
            if let place = try ReceivedByte(key) { return place.access }
            let read: @Sendable (ReceivedBytes) -> Value
            switch key {
            case "buf": read = { .bytes(Self.bytes($0)) }
            case "safe": read = { .bytes(ByteString(Self.bytes($0).bytes.map { 32..<127 ~= $0 ? $0 : 46 })) }
            case "len": read = { .int($0.buffer.count) }
            case "srcip": read = { .text($0.arrival.source.ip.description) }
            case "srcport": read = { .int(Int($0.arrival.source.port)) }
            case "rcvip": read = { .bytes($0.arrival.socket.ipText) }
            case "rcvport": read = { .int(Int($0.arrival.socket.address.port)) }
            case "proto": read = { .int(Int($0.arrival.transport.rawValue)) }
            case "sproto": read = { .text("\($0.arrival.transport.name)") }
            case "af": read = { AddressFamily.value($0.arrival.source.ip) }
            case "evtype": read = { _ in .text("msg-received") }
            default: throw ArgumentError("$rcv has no key \(key.string)")
            }
            return VariableAccess { route, _ in route.state(ReceivedBytes.self).map(read) ?? .null }
        }
    }
}

/// `bufat[n]` and `hexat[n]` of `$rcv`.
private struct ReceivedByte: Sendable {
    let index: Int
    let isHex: Bool

    /// nil for another key.
    init?(_ key: ByteString) throws {
        let text = key.string
        guard text.hasPrefix("bufat") || text.hasPrefix("hexat") else { return nil }
        self.isHex = text.hasPrefix("hexat")
        let digits = text.dropFirst(5).filter { !"[]() ".contains($0) }
        guard let index = Int(digits), index >= 0 else { throw ArgumentError("$rcv(\(text)) has no index") }
        self.index = index
    }

    var access: VariableAccess {
        VariableAccess { route, _ in
            guard let received = route.state(ReceivedBytes.self), self.index < received.buffer.count else {
                return .null
            }
            let byte = received.buffer[self.index]
            guard self.isHex else { return .bytes(ByteString([byte])) }
            let out = ByteBuffer(capacity: 2)
            out.append(hex: UInt64(byte), digits: 2)
            return .bytes(ByteString(out.span))
        } write: { route, _, value in
            let text = route.text(value)
            guard let received = route.state(ReceivedBytes.self), self.index < received.buffer.count,
                let byte = self.isHex ? UInt8(text.string, radix: 16) : text.bytes.first
            else { return false }
            received.buffer[self.index] = byte
            return true
        }
    }
}

/// Numbers of address families, as the system has them.
enum AddressFamily {
    static let inet = 2
    static let inet6 = 10

    static func value(_ ip: IPAddress) -> Value { .int(ip.isIPv6 ? self.inet6 : self.inet) }

    static let variable = ScriptVariable(
        "af", inner: .required, summary: "Number of an address family: (INET) or (INET6)."
    ) { name, _ in
        guard case .literal(let text) = name else { throw ArgumentError("$af takes a fixed name") }
        let value: Int
        switch text.string.lowercased() {
        case "inet", "ipv4": value = Self.inet
        case "inet6", "ipv6": value = Self.inet6
        default: throw ArgumentError("$af takes INET or INET6")
        }
        return VariableAccess { _, _ in .int(value) }
    }
}
