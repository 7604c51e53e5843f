import Bytes
import ModuleKit
import SIPMessage

/// One of the legacy comparisons: `uri == myself`, `src_ip != 127.0.0.1`, `method == INVITE`.
struct Condition: Sendable {
    enum Subject: Sendable {
        /// `uri` and `status` are one word: the status code when the message is a reply.
        case method, uri, fromURI, toURI
        case sourceIP, destinationIP
        case sourcePort, destinationPort
        case family, transport, messageLength
        /// `snd_…` and `to_…`: of what is about to leave; nothing is equal to them elsewhere.
        case sendIP, sendPort, sendFamily, sendTransport
        case toIP, toPort
    }

    enum Operand: Sendable {
        /// Taken from the operand stack.
        case computed
        case text(ByteString)
        case regex(RegularExpression)
        case network(IPAddress, Int)
        case addresses([IPAddress])
        case myself
        case transport(TransportProtocol)
        case anyTransport
        case int(Int)
    }

    var subject: Subject
    var operation: BinaryOperation
    var operand: Operand

    func holds(in context: RouteContext, against computed: Value) -> Bool {
        switch self.subject {
        case .method, .uri, .fromURI, .toURI: self.compareText(context, computed)
        case .sourceIP: self.compareAddress(context.arrival.source.ip, context, computed)
        case .destinationIP: self.compareAddress(context.arrival.socket.address.ip, context, computed)
        case .sourcePort: self.compare(Int(context.arrival.source.port), context, computed)
        case .destinationPort: self.compare(Int(context.arrival.socket.address.port), context, computed)
        case .family: self.compare(context.arrival.source.ip.isIPv6 ? 10 : 2, context, computed)
        case .messageLength: self.compare(context.message.length, context, computed)
        case .transport: self.compareTransport(context.arrival.transport, context, computed)
        case .sendIP, .sendPort, .sendFamily, .sendTransport, .toIP, .toPort: self.compareDeparture(context, computed)
        }
    }

    private var isNegated: Bool { self.operation == .notEqual || self.operation == .stringNotEqual }

    private func compare(_ value: Int, _ context: RouteContext, _ computed: Value) -> Bool {
        let other: Int
        if case .int(let number) = self.operand { other = number } else { other = context.int(computed) ?? 0 }
        return switch self.operation {
        case .equal, .integerEqual, .stringEqual: value == other
        case .notEqual, .integerNotEqual, .stringNotEqual: value != other
        case .less: value < other
        case .lessOrEqual: value <= other
        case .greater: value > other
        case .greaterOrEqual: value >= other
        default: false
        }
    }

    private func compareDeparture(_ context: RouteContext, _ computed: Value) -> Bool {
        guard let departure = context.state(Departure.self) else { return false }
        let destination = departure.destination
        switch self.subject {
        case .toIP: return self.compareAddress(destination.address.ip, context, computed)
        case .toPort: return self.compare(Int(destination.address.port), context, computed)
        case .sendTransport: return self.compareTransport(destination.transport, context, computed)
        case .sendFamily: return self.compare(destination.address.ip.isIPv6 ? 10 : 2, context, computed)
        case .sendIP:
            return departure.socket.map { self.compareAddress($0.address.ip, context, computed) } ?? false
        default: return departure.socket.map { self.compare(Int($0.address.port), context, computed) } ?? false
        }
    }

    private func compareTransport(
        _ actual: TransportProtocol, _ context: RouteContext, _ computed: Value
    ) -> Bool {
        let isEqual: Bool
        switch self.operand {
        case .transport(let wanted): isEqual = actual == wanted
        case .anyTransport: isEqual = true
        case .int(let number): isEqual = Int(actual.rawValue) == number
        default:
            isEqual =
                context.int(computed).map { $0 == Int(actual.rawValue) }
                ?? context.withText(computed) {
                    $0.equalsIgnoringCase(ByteRange(start: 0, count: $0.count), actual.name)
                }
        }
        return isEqual != self.isNegated
    }

    private func compareAddress(_ address: IPAddress, _ context: RouteContext, _ computed: Value) -> Bool {
        let isEqual: Bool
        switch self.operand {
        case .network(let network, let length): isEqual = address.isInside(network, prefixLength: length)
        case .addresses(let known): isEqual = known.contains(address)
        case .myself:
            isEqual = context.worker.host.sockets.contains { $0.address.ip == address }
        case .regex(let regex): return regex.matches(ByteString(address.description).span)
        default:
            let text = context.text(computed)
            if self.operation == .matches {
                return Self.matches(.bytes(ByteString(address.description)), text, context)
            }
            let network = Self.network(text.string)
            isEqual = network.map { address.isInside($0.address, prefixLength: $0.length) } ?? false
        }
        return isEqual != self.isNegated
    }

    private func compareText(_ context: RouteContext, _ computed: Value) -> Bool {
        let value = self.text(context)
        switch self.operand {
        case .myself: return self.isMyself(value, context) != self.isNegated
        case .text(let text):
            // Method names are compared without regard to case here, as Kamailio does.
            guard case .method = self.subject else { return context.equals(value, text) != self.isNegated }
            return context.withText(value) { $0.equalsIgnoringCase(text.span) } != self.isNegated
        case .regex(let regex): return context.withText(value) { regex.matches($0) }
        case .int(let number): return (context.int(value) == number) != self.isNegated
        default:
            if self.operation == .matches {
                return Self.matches(value, context.text(computed), context)
            }
            let isEqual = context.withText(value) { a in context.withText(computed) { b in a.equals(b) } }
            return isEqual != self.isNegated
        }
    }

    private static func matches(_ value: Value, _ pattern: ByteString, _ context: RouteContext) -> Bool {
        do throws(RegularExpression.Failure) {
            let regex = try RegularExpression(pattern, ignoringCase: true)
            return context.withText(value) { regex.matches($0) }
        } catch {
            context.log(.error, "bad regular expression '\(pattern)': \(error.message)")
            return false
        }
    }

    /// `192.0.2.1`, `192.0.2.0/24`, `192.0.2.0/255.255.255.0`, `2001:db8::/32`; nil when it is none of them.
    static func network(_ text: String) -> (address: IPAddress, length: Int)? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let width = address.isIPv6 ? 128 : 32
        guard parts.count == 2 else { return (address, width) }
        if let length = Int(parts[1]) { return 0...width ~= length ? (address, length) : nil }
        guard let mask = IPAddress(String(parts[1])), !mask.isIPv6, !address.isIPv6 else { return nil }
        let ones = UInt32(truncatingIfNeeded: mask.low)
        let length = (~ones).leadingZeroBitCount
        return ones == (length == 0 ? 0 : ~UInt32(0) << UInt32(32 - length)) ? (address, length) : nil
    }

    private func text(_ context: RouteContext) -> Value {
        let message = context.message
        switch self.subject {
        case .method: return .slice(ifPresent: context.isRequest ? message.methodRange : message.cSeq.methodRange)
        case .uri: return context.isRequest ? context.requestURI : .int(message.statusCode)
        case .fromURI: return .slice(ifPresent: message.from.uri)
        case .toURI: return .slice(ifPresent: message.to.uri)
        default: return .null
        }
    }

    private func isMyself(_ value: Value, _ context: RouteContext) -> Bool {
        let host = context.worker.host
        func ask(_ span: Span<UInt8>, _ uri: SIPURI?) -> Bool {
            guard let uri else { return false }
            // The transport decides about the port alone: a user of ours stays ours, however he is to be reached.
            return host.isMyself(span, host: uri.host, port: max(uri.effectivePort, 0), transport: nil)
        }
        if self.subject == .uri { return context.withRequestURI(ask) }
        return context.withText(value) { ask($0, SIPURI($0, ByteRange(start: 0, count: $0.count))) }
    }
}
