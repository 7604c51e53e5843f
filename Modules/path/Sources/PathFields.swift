import Bytes
import ModuleKit
import SIPMessage
import rr

/// The `path` module: the edge proxy's part in registrations (RFC 3327).
///
/// A REGISTER that passes gets a Path field with our name, so that the registrar sends requests for the phone back
/// through here. As with Record-Route, the name is that of the socket that the request leaves by, and is written when
/// that is known.
public final class PathFields: ServerModule {
    public static let name = "path"
    public static let summary = "Path: registrations remember the proxies they came through."

    let settings: Settings
    let flowTokens: FlowTokenSource

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.flowTokens = .shared(by: host)
        guard settings.usesReceived else { return }
        let follower = SourceFollower(ReceivedParameter(name: settings.receivedName))
        try host.module(RecordRouting.self).add(follower: follower)
    }
}

/// Sends what comes back to where the REGISTER came from (`use_received`), whatever Route entry follows.
final class SourceFollower: RouteFollower {
    private let parameter: ReceivedParameter

    init(_ parameter: ReceivedParameter) { self.parameter = parameter }

    func followed(_ route: RouteContext, parameters: ByteString, isUpstream: Bool) {
        guard let address = self.parameter.address(in: parameters) else { return }
        route.target.destinationURI = address
    }
}
