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

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        guard settings.usesReceived else { return }
        let parameter = ReceivedParameter(name: settings.receivedName)
        try host.module(RecordRouting.self).whenRouteFollowed { route, parameters in
            guard let address = parameter.address(in: parameters) else { return }
            route.target.destinationURI = address
        }
    }
}
