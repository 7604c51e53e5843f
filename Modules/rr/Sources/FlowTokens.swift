import Bytes
import ModuleKit
import SIPMessage

/// Makes the flow tokens that stand in the user part of our Record-Route and Path, and knows them again (RFC 5626 §5.2).
public protocol FlowTokens: AnyObject, Sendable {
    /// The token of the flow that the request of `route` came in over; nil when what it leads to needs none.
    func token(for route: RouteContext) -> ByteString?
    /// What `user`, a range of the message, says as the user part of our first Route entry.
    func flow(_ user: ByteRange, in route: RouteContext) -> FlowLookup
}

/// What a user part is as a flow token.
public enum FlowLookup: Sendable {
    /// It is none.
    case absent
    /// It looks like one, and was not made here.
    case forged
    /// The flow that the request itself came in over: its sender is the phone behind it.
    case arrival
    /// Another one.
    case flow(from: ListenSocket, to: SocketAddress)
}

/// Where modules of one configuration meet that make flow tokens and that use them.
public final class FlowTokenSource: Sendable {
    private let maker = ReadMostly<(any FlowTokens)?>(nil)

    init() {}

    public static func shared(by host: any ModuleHost) -> FlowTokenSource {
        host.own("rr.flow-tokens") { FlowTokenSource() }
    }

    /// nil: there are none.
    public var tokens: (any FlowTokens)? {
        get { self.maker.read { $0 } }
        set { self.maker.replace(newValue) }
    }
}

extension RecordRouting {
    /// Mode bit: flow tokens are not looked at.
    static let noFlowTokens = 2

    /// Sends the request over the flow that the user of our entry names.
    /// - Returns: 2 when it does, -2 when the token is forged; nil: the route set alone says where it goes.
    func followFlow(_ lookup: FlowLookup, _ route: RouteContext) -> Int? {
        switch lookup {
        case .absent, .arrival: return nil
        case .forged:
            route.log(.warning, "rr: the flow token of a Route entry was not made here")
            return -2
        case .flow(let socket, let peer):
            let buffer = ByteBuffer(capacity: 64)
            buffer.append("sip:")
            buffer.append(ByteString(peer.ip.bracketed))
            buffer.append(UInt8(ascii: ":"))
            buffer.append(decimal: Int(peer.port))
            if socket.transport != .udp {
                buffer.append(";transport=")
                buffer.append(socket.transport == .wss ? "ws" : socket.transport.name)
            }
            route.target.destinationURI = ByteString(buffer.span)
            route.target.socket = socket
            // A flow that is gone cannot be made again from this end (RFC 5626 §5.3).
            if socket.transport.isReliable { route.options.insert(.forwardNoConnect) }
            return 2
        }
    }

    func flow(_ uri: SIPURI, _ route: RouteContext, mode: Int) -> FlowLookup {
        guard mode & Self.noFlowTokens == 0, uri.hasUser, let tokens = self.flowTokens.tokens else { return .absent }
        return tokens.flow(uri.user, in: route)
    }
}
