import Bytes
import ModuleKit
import SIPMessage

extension SelectTable {
    /// `via[1]` is the topmost, `via[-1]` the last one.
    static func via(
        _ index: SelectPath.Element.Index?, _ rest: ArraySlice<SelectPath.Element>, _ path: [SelectPath.Element]
    ) throws(ArgumentError) -> Reader {
        let place: Int
        switch index {
        case .number(let number)? where number != 0: place = number
        case nil: place = 1
        default: throw ArgumentError("@via takes a number from 1 on, or from -1 on from the end")
        }
        let part: @Sendable (Span<UInt8>, Via) -> ByteRange
        switch (rest.first?.name, rest.count) {
        case (nil, _): part = { $1.range }
        case ("name"?, 1): return self.protocolPart(place) { ByteRange(start: $0, count: 3) }
        case ("version"?, 1): return self.protocolPart(place) { ByteRange(start: $0 + 4, count: 3) }
        case ("transport"?, 1): part = { $1.transportRange }
        case ("host"?, 1): part = { $1.host }
        case ("port"?, 1):
            part = { _, via in via.port < 0 ? .absent : ByteRange(via.host.upper + 1, via.sentBy.upper) }
        case ("params"?, 1): part = { $1.parameters }
        case ("params"?, 2):
            let name = ByteString(rest[rest.startIndex + 1].name)
            part = { span, via in via.parameter(span, named: name.span) ?? .absent }
        case ("branch"?, 1), ("received"?, 1), ("rport"?, 1), ("i"?, 1), ("alias"?, 1):
            let name = ByteString(rest[rest.startIndex].name)
            part = { span, via in via.parameter(span, named: name.span) ?? .absent }
        default: throw self.unknown(path)
        }
        return { route in
            let via = self.via(route.message, at: place)
            let message = route.message
            return via.isValid ? .slice(ifPresent: part(message.span, via)) : .null
        }
    }

    /// The fixed places of `SIP/2.0/UDP`.
    private static func protocolPart(_ place: Int, _ range: @escaping @Sendable (Int) -> ByteRange) -> Reader {
        { route in
            let via = self.via(route.message, at: place)
            return via.isValid ? .slice(range(via.start)) : .null
        }
    }

    private static func via(_ message: Message, at place: Int) -> Via {
        guard place < 0 else { return message.via(at: place - 1) }
        var count = 0
        message.forEachVia { _ in
            count += 1
            return true
        }
        return count + place >= 0 ? message.via(at: count + place) : Via()
    }

    static func sequence(
        _ rest: ArraySlice<SelectPath.Element>, _ path: [SelectPath.Element]
    ) throws(ArgumentError) -> Reader {
        switch rest.first?.name {
        case nil: return { .slice(ifPresent: $0.message.value(.cSeq)) }
        case "num"?: return try self.leaf(rest.dropFirst(), path) { .slice(ifPresent: $0.message.cSeq.numberRange) }
        case "method"?: return try self.leaf(rest.dropFirst(), path) { .slice(ifPresent: $0.message.cSeq.methodRange) }
        default: throw self.unknown(path)
        }
    }

    /// `src`, `dst` and `received`: the two ends that the message travelled between.
    static func arrival(
        _ root: String, _ rest: ArraySlice<SelectPath.Element>, _ path: [SelectPath.Element]
    ) throws(ArgumentError) -> Reader {
        let isSource = root == "src"
        @Sendable func address(_ route: RouteContext) -> SocketAddress {
            isSource ? route.arrival.source : route.arrival.socket.address
        }
        guard let part = rest.first else { throw self.unknown(path) }
        let read: Reader
        switch part.name {
        case "ip": read = { .text("\(address($0).ip)") }
        case "port": read = { .bytes(ByteString(decimal: Int(address($0).port))) }
        case "ip_port": read = { .text("\(address($0))") }
        case "proto" where root == "received": read = { .text("\($0.arrival.transport.name)") }
        case "proto_ip_port" where root == "received":
            read = { .text("\($0.arrival.transport.name):\(address($0))") }
        default: throw self.unknown(path)
        }
        return try self.leaf(rest.dropFirst(), path, read)
    }
}
