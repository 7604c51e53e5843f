import Bytes
import ModuleKit
import SIPMessage

/// Hears of requests that follow a Route entry of ours: who kept something in it finds it there.
public protocol RouteFollower: AnyObject, Sendable {
    /// `loose_route` has taken our entry off, whether it is true then or the request is of no dialog.
    /// - Parameters:
    ///   - parameters: of our entry, from the first semicolon; not empty.
    ///   - isUpstream: see `RecordRouting.isUpstream`.
    func followed(_ route: RouteContext, parameters: ByteString, isUpstream: Bool)
}

extension RecordRouting {
    /// Has `follower` hear of requests from now on.
    public func add(follower: any RouteFollower) { self.followers.change { $0.append(follower) } }

    /// `looseRoute`, then whoever wants to hear of it.
    func follow(_ route: RouteContext, mode: Int) -> Int {
        let code = self.looseRoute(route, mode: mode)
        let followers = self.followers.read { $0 }
        guard !followers.isEmpty, code > 0 || code == -3,
            let parameters = route.state(FollowedRoute.self)?.parameters, !parameters.isEmpty
        else { return code }
        let isUpstream = self.isUpstream(route)
        for follower in followers { follower.followed(route, parameters: parameters, isUpstream: isUpstream) }
        return code
    }

    /// Adds a parameter, with its semicolon, to every Record-Route field of the request, whether decided already or
    /// not.
    public func addParameter(_ parameter: ByteString, to route: RouteContext) {
        guard !parameter.isEmpty else { return }
        route.changeRecordRoutes { $0.parameters = $0.parameters + Self.withSemicolon(parameter) }
    }

    /// Parameters of the Route entry that was ours, from the first semicolon; empty when there was none.
    ///
    /// What `loose_route` removed counts; before it has run, or when that had none, the first entry when it is ours.
    public func routeParameters(_ route: RouteContext) -> ByteString {
        if let followed = route.state(FollowedRoute.self), !followed.parameters.isEmpty { return followed.parameters }
        let message = route.message
        let top = message.topRoute
        let span = message.span
        guard top.isValid, let uri = SIPURI(span, top.uri), self.isMyself(span, uri) else { return ByteString() }
        return Self.parameters(span, uri)
    }

    /// Whether the request goes against the one that began the dialog: our Route entry holds another From tag.
    public func isUpstream(_ route: RouteContext) -> Bool {
        let parameters = self.routeParameters(route)
        guard !parameters.isEmpty else { return false }
        let span = parameters.span
        var scanner = URIPartScanner(ByteRange(start: 0, count: span.count), separator: UInt8(ascii: ";"))
        let message = route.message
        while scanner.next(span) {
            guard span.equalsIgnoringCase(scanner.name, "ftag"), scanner.value.isPresent else { continue }
            let tag = message.from.tag
            guard tag.isPresent else { return false }
            return !message.span.equals(tag, span.extracting(scanner.value.indices))
        }
        return false
    }

    static func withSemicolon(_ parameter: ByteString) -> ByteString {
        guard let first = parameter.bytes.first, first != UInt8(ascii: ";") else { return parameter }
        return ";" + parameter
    }

    static func parameters(_ span: Span<UInt8>, _ uri: SIPURI) -> ByteString {
        ByteString(span, Self.parameterRange(uri))
    }

    /// The parameters of a URI from the first semicolon; absent when it has none.
    static func parameterRange(_ uri: SIPURI) -> ByteRange {
        uri.parameters.isPresent ? ByteRange(uri.parameters.lower - 1, uri.parameters.upper) : .absent
    }

    func isMyself(_ span: Span<UInt8>, _ uri: SIPURI) -> Bool {
        uri.isSIP && self.host.isMyself(span, host: uri.host, port: uri.effectivePort, transport: nil)
    }
}
