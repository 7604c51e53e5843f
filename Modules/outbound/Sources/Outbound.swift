import Bytes
import ModuleKit
import SIPMessage
import rr

/// The `outbound` module: connections that phones have opened are used in both directions (RFC 5626, the edge proxy's
/// part).
///
/// `record_route` and `add_path` put a flow token into the user part of our entry where the phone asks for it, and
/// `loose_route` sends what comes back over the flow that it names. The token tells protocol and both addresses of the
/// flow, sealed with a key; nothing is kept.
public final class Outbound: ServerModule {
    public static let name = "outbound"
    public static let summary = "Flow tokens: requests reach phones over the connections that these opened (RFC 5626)."

    let settings: Settings
    let seal: FlowSeal

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        // A random key is kept over reloads: phones hold tokens for as long as their registrations.
        let random = host.shared("outbound.key") { FlowKey() }
        self.seal = FlowSeal(key: settings.secret.isEmpty ? random.bytes : settings.secret)
        FlowTokenSource.shared(by: host).tokens = OutboundFlows(self.settings, self.seal)
    }
}

final class FlowKey: Sendable {
    let bytes: ByteString

    init() {
        let buffer = ByteBuffer(capacity: 32)
        for _ in 0..<32 { buffer.append(.random(in: 0...255)) }
        self.bytes = ByteString(buffer.span)
    }
}
