import Bytes
import ModuleKit
import SIPMessage
import rr

/// Which requests get flow tokens, and what tokens that come back stand for.
final class OutboundFlows: FlowTokens {
    private let settings: Outbound.Settings
    private let seal: FlowSeal

    init(_ settings: Outbound.Settings, _ seal: FlowSeal) {
        self.settings = settings
        self.seal = seal
    }

    func token(for route: RouteContext) -> ByteString? {
        guard self.usesOutbound(route) else { return nil }
        return self.seal.token(Self.arrival(route))
    }

    func flow(_ user: ByteRange, in route: RouteContext) -> FlowLookup {
        let message = route.message
        switch self.seal.read(message.span, user) {
        case .absent: return .absent
        case .forged: return .forged
        case .flow(let flow):
            guard flow != Self.arrival(route) else { return .arrival }
            // A token that outlived its listener names nothing any more.
            let socket = route.worker.host.sockets.first { $0.transport == flow.transport && $0.address == flow.local }
            return socket.map { .flow(from: $0, to: flow.remote) } ?? .absent
        }
    }

    private static func arrival(_ route: RouteContext) -> Flow {
        let arrival = route.arrival
        return Flow(transport: arrival.transport, local: arrival.socket.address, remote: arrival.source)
    }

    /// RFC 5626 §5.1 and §5.3: the phone itself is the sender, and says that it keeps the flow.
    private func usesOutbound(_ route: RouteContext) -> Bool {
        func has(_ flag: Int) -> Bool { flag >= 0 && route.flags >> UInt32(flag) & 1 != 0 }
        if has(self.settings.forbiddingFlag) { return false }
        if has(self.settings.forcingFlag) { return true }
        let message = route.message
        let contact = message.firstContact
        if message.method == .register {
            // Behind another proxy it is that one's flow.
            return !message.via(at: 1).isValid && contact.isValid && Self.supportsOutbound(message)
                && Self.has(contact, "reg-id", message) && Self.has(contact, "+sip.instance", message)
        }
        let span = message.span
        let top = message.topRoute
        if top.isValid, let uri = SIPURI(span, top.uri), Self.has(uri, span) { return true }
        guard contact.isValid, let uri = SIPURI(span, contact.uri) else { return false }
        return Self.has(uri, span)
    }

    /// Whether the URI has `ob`.
    private static func has(_ uri: SIPURI, _ span: Span<UInt8>) -> Bool {
        uri.isSIP && uri.parameter(span, named: ("ob" as StaticString).span).isPresent
    }

    private static func has(_ contact: NameAddress, _ name: StaticString, _ message: Message) -> Bool {
        contact.parameter(message.span, named: name.span) != nil
    }

    private static func supportsOutbound(_ message: Message) -> Bool {
        let span = message.span
        var index = message.first(.supported)
        while index >= 0 {
            let field = message.field(at: index)
            var tokens = URIPartScanner(field.value, separator: UInt8(ascii: ","))
            while tokens.next(span) {
                var range = tokens.name
                while range.length > 0, span[range.lower] <= 32 { range = ByteRange(range.lower + 1, range.upper) }
                while range.length > 0, span[range.upper - 1] <= 32 { range = ByteRange(range.lower, range.upper - 1) }
                if span.equalsIgnoringCase(range, "outbound") { return true }
            }
            index = Int(field.next)
        }
        return false
    }
}
