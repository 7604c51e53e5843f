import Bytes
import ModuleKit
import SIPMessage

/// The `xhttp` module: requests of HTTP that come to the SIP ports run a route, which answers them.
///
/// Cutting the stream and reading the header is the transport's work, which refuses what can be read in two ways; the
/// answer is `HTTPReply`, which others use too. What is left is whose the request is, and the route.
public final class HTTPRequests: ServerModule {
    public static let name = "xhttp"
    public static let summary = "HTTP requests on SIP ports: runs event_route[xhttp:request], which answers them."

    let settings: Settings
    let reply: HTTPReply
    private let event = EventRoute()

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.reply = HTTPReply(host: host)
    }

    public var neededEvents: [ByteString] { ["xhttp:request"] }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.httpRequestArrived = { [unowned self] route in self.serve(route) }
        return hooks
    }

    /// - Returns: nil when the settings leave the request to others.
    private func serve(_ route: RouteContext) -> Outcome? {
        let message = route.message
        let target = message.span.extracting(message.requestURI.indices)
        if let skip = self.settings.urlSkip, skip.matches(target) { return nil }
        if let match = self.settings.urlMatch, !match.matches(target) { return nil }
        return .run(
            RouteCall(route: self.event.id(in: route.program), kind: .event) { route, _ in
                HTTPReply.conclude(route, "xhttp:request")
                return .stop
            })
    }
}
