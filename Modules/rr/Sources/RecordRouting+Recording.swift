import Bytes
import ModuleKit
import SIPMessage

extension RecordRouting {
    /// Decides that the request leaves with our name in Record-Route.
    func record(_ route: RouteContext, _ form: RecordRouteSet.Form, parameters: ByteString) -> Outcome {
        let prefix = self.prefix(route)
        let parameters = Self.withSemicolon(parameters)
        let tail = route.scratch
        let isRecorded = route.changeRecordRoutes { set -> Bool in
            guard set.form == nil else { return false }
            set.form = form
            set.isDoubled = self.settings.doubleRecordRoute > 0
            set.isAlwaysDoubled = self.settings.doubleRecordRoute > 1
            set.namesSockets = self.settings.namesSockets
            set.prefix = prefix
            tail.removeAll()
            self.write(&set, form, for: route.message, parameters, to: tail)
            set.tail.replace(with: tail.span)
            return true
        }
        guard isRecorded else {
            route.log(.error, "rr: the request is recorded already")
            return .failure
        }
        return .success
    }

    /// Appends what stands behind the address.
    private func write(
        _ set: inout RecordRouteSet, _ form: RecordRouteSet.Form, for message: Message, _ parameters: ByteString,
        to tail: ByteBuffer
    ) {
        let lr: StaticString = self.settings.writesFullLR ? ";lr=on" : ";lr"
        let isFirst = if case .sockets = form { true } else { false }
        if isFirst { tail.append(lr) }
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
        tail.append(parameters)
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
        guard addsUsername || !ignoresSIPS else { return RecordRouteSet.sip }
        return route.withRequestURI { span, uri in
            guard let uri else { return RecordRouteSet.sip }
            let scheme = uri.scheme == .sips && !ignoresSIPS ? "sips:" : RecordRouteSet.sip
            guard addsUsername, uri.hasUser else { return scheme }
            return scheme + ByteString(span, uri.user) + "@"
        }
    }
}
