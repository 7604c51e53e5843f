import Bytes
import ModuleKit
import SIPMessage

extension RecordRouting {
    /// Decides that the request leaves with our name in Record-Route.
    func record(_ route: RouteContext, _ form: RecordRouteSet.Form, parameters: ByteString) -> Outcome {
        var set = route.recordRoutes ?? RecordRouteSet()
        guard set.form == nil else {
            route.log(.error, "rr: the request is recorded already")
            return .failure
        }
        set.form = form
        set.isDoubled = self.settings.doubleRecordRoute > 0
        set.isAlwaysDoubled = self.settings.doubleRecordRoute > 1
        set.namesSockets = self.settings.namesSockets
        set.prefix = self.prefix(route)
        let tail = ByteBuffer(capacity: 64)
        let lr: StaticString = self.settings.writesFullLR ? ";lr=on" : ";lr"
        let isFirst = if case .sockets = form { true } else { false }
        if isFirst { tail.append(lr) }
        let message = route.message
        let tag = message.from.tag
        if self.settings.appendsFromTag, tag.count > 0 {
            tail.append(";ftag=")
            tail.append(message.span, tag)
        }
        if !isFirst {
            // Parameters that were added before the address was given stand before `lr`.
            tail.append(set.parameters)
            set.parameters = ByteString()
            tail.append(lr)
        }
        tail.append(Self.withSemicolon(parameters))
        set.tail = ByteString(tail.span)
        route.recordRoutes = set
        return .success
    }

    /// `sip:` or `sips:` (RFC 3261 §16.6 step 4), and the user when one is wanted.
    private func prefix(_ route: RouteContext) -> ByteString {
        if let token = self.flowTokens.tokens?.token(for: route) { return "sip:" + token + "@" }
        let ignoresSIPS = self.settings.ignoresSIPS
        let addsUsername = self.settings.addsUsername
        if let user = self.customUser.map({ route.text($0.read(in: route)) }), !user.isEmpty {
            let isSecure = !ignoresSIPS && route.withRequestURI { $1?.scheme == .sips }
            return (isSecure ? "sips:" : "sip:") + user + "@"
        }
        guard addsUsername || !ignoresSIPS else { return "sip:" }
        return route.withRequestURI { span, uri in
            guard let uri else { return "sip:" }
            let scheme: ByteString = uri.scheme == .sips && !ignoresSIPS ? "sips:" : "sip:"
            guard addsUsername, uri.hasUser else { return scheme }
            return scheme + ByteString(span, uri.user) + "@"
        }
    }
}
