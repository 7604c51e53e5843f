import Bytes
import ModuleKit
import SIPMessage

/// What `loose_route` found out, kept with the message.
final class FollowedRoute: ReusableState {
    /// Parameters of our own entry, from the first semicolon.
    var parameters: ByteString {
        _read { yield self.ownParameters.value }
        _modify { yield &self.ownParameters.value }
    }
    private let ownParameters = Guarded(ByteString())
    /// The request follows another Route entry.
    var hasNext: Bool {
        get { self.ownHasNext.value }
        set { self.ownHasNext.value = newValue }
    }
    private let ownHasNext = Cell(false)

    func clear() {
        self.parameters.bytes.removeAll(keepingCapacity: true)
        self.hasNext = false
    }
}

extension RecordRouting {
    /// Mode bit: the Request-URI is not tested for being our Record-Route.
    private static let noStrictTest = 1

    /// RFC 3261 §16.4 and §16.12.
    /// - Returns: 1, 2, -1, -2 or -3 as the function's declaration says.
    func looseRoute(_ route: RouteContext, mode: Int) -> Int {
        let message = route.message
        guard message.has(.route) else { return -1 }
        let first = message.topRoute
        let span = message.span
        guard self.isList(message, first), let uri = SIPURI(span, first.uri), uri.isSIP else {
            route.log(.error, "rr: the first Route entry cannot be parsed")
            return -1
        }
        let followed = route.reusedState(FollowedRoute.self)
        followed.clear()
        if mode & Self.noStrictTest == 0, message.to.hasTag, let parameters = self.ownRequestURI(route) {
            let code = self.followStrictly(route, first, uri, isDouble: span.equals(uri.r2, "on"))
            if code > 0 { followed.parameters = parameters }
            return code
        }
        guard self.isMyself(span, uri) else { return self.follow(route, first, uri, after: nil) }
        let parameters = Self.parameterRange(uri)
        if parameters.isPresent { followed.parameters.replace(with: span.extracting(parameters.indices)) }
        let lookup = self.flow(uri, route, mode: mode)
        if case .forged = lookup { return self.followFlow(lookup, route) ?? -2 }

        // Our own entries go, the second one of a pair too (RFC 5658).
        var members = message.routes
        _ = members.next(message)
        var removed = first
        var next = members.next(message)
        if self.settings.doubleRecordRoute > 0, span.equals(uri.r2, "on"), let second = next {
            self.useSocket(of: second, in: route)
            removed = second
            next = members.next(message)
        } else if self.settings.forcesSendSocket {
            self.useSocket(of: first, in: route)
        }
        self.removePrefix(upTo: removed, route)
        if let code = self.followFlow(lookup, route) {
            followed.hasNext = next != nil
            return code
        }
        guard let next else { return message.to.hasTag ? 1 : -3 }
        guard next.isValid, let nextURI = SIPURI(span, next.uri), nextURI.scheme != .other else {
            route.log(.error, "rr: the next Route entry cannot be parsed")
            return -1
        }
        followed.hasNext = true
        return self.follow(route, next, nextURI, after: removed)
    }

    /// Whether the field of the first entry is a list of `route-param`s (RFC 3261 §20.34): all in angle brackets.
    private func isList(_ message: Message, _ first: NameAddress) -> Bool {
        let span = message.span
        var members = message.routes
        while let member = members.next(message), member.fieldIndex == first.fieldIndex {
            guard member.isValid, member.hasBrackets else { return false }
        }
        let value = message.value(.route)
        return first.isValid && span[value.upper - 1] != UInt8(ascii: ",")
    }

    /// The Request-URI's parameters when it is one of our own Record-Route entries, put there by a strict router.
    private func ownRequestURI(_ route: RouteContext) -> ByteString? {
        route.withRequestURI { span, uri in
            guard let uri, !uri.hasGR, self.isMyself(span, uri) else { return nil }
            return Self.parameters(span, uri)
        }
    }

    /// Sends towards a Route entry: to a loose router as it is, to a strict one by swapping it with the Request-URI.
    private func follow(_ route: RouteContext, _ entry: NameAddress, _ uri: SIPURI, after removed: NameAddress?) -> Int
    {
        let text = route.copy(entry.uri)
        guard !uri.lr else {
            route.target.destinationURI = text
            return 1
        }
        let message = route.message
        let own = route.text(route.requestURI)
        self.removePrefix(upTo: entry, route)
        let writer = route.edits.beginInsert()
        writer.buffer.append("Route: <")
        writer.buffer.append(own)
        writer.buffer.append(">\r\n")
        route.edits.endInsert(writer, at: message.headersEnd)
        route.setRequestURI(text)
        return 1
    }

    /// A strict router put our entry into the Request-URI: the last entry is the real one (RFC 3261 §16.4).
    private func followStrictly(_ route: RouteContext, _ entry: NameAddress, _ entryURI: SIPURI, isDouble: Bool) -> Int
    {
        let message = route.message
        let span = message.span
        var members = message.routes
        var first = members.next(message) ?? entry
        var uri = entryURI
        var prefix: NameAddress?
        if isDouble, self.settings.doubleRecordRoute > 0, self.isMyself(span, uri) {
            self.useSocket(of: first, in: route)
            guard let second = members.next(message), second.isValid, let parsed = SIPURI(span, second.uri) else {
                return -1
            }
            prefix = first
            first = second
            uri = parsed
        }
        guard uri.lr else {
            self.removePrefix(upTo: first, route)
            route.setRequestURI(route.copy(first.uri))
            return 1
        }
        var last = first
        var walk = message.routes
        while let member = walk.next(message) { last = member }
        guard last.isValid else { return -1 }
        let target = route.copy(last.uri)
        route.target.destinationURI = route.copy(first.uri)
        if last.start == first.start {
            self.removePrefix(upTo: last, route)
        } else {
            if let prefix { self.removePrefix(upTo: prefix, route) }
            route.edits.removeListMember(last.range, listEnd: last.listEnd, field: last.fieldIndex, message)
        }
        route.setRequestURI(target)
        return 1
    }

    /// Deletes all Route entries up to and with `last`.
    private func removePrefix(upTo last: NameAddress, _ route: RouteContext) {
        let message = route.message
        let span = message.span
        var index = message.first(.route)
        while index >= 0, index != last.fieldIndex {
            if !route.edits.isRemoved(index, message) { route.edits.removeHeader(at: index, message) }
            index = Int(message.field(at: index).next)
        }
        guard index >= 0 else { return }
        let field = message.field(at: index)
        var next = min(last.listEnd + 1, field.value.upper)
        while next < field.value.upper, span[next] <= 32 { next += 1 }
        if next < field.value.upper {
            route.edits.delete(ByteRange(field.value.lower, next))
        } else {
            route.edits.removeHeader(at: index, message)
        }
    }

    private static func isText(_ span: Span<UInt8>, _ range: ByteRange, _ text: ByteString) -> Bool {
        span.equalsIgnoringCase(range, text.span)
    }

    /// The socket that the `sn` parameter names.
    private func namedSocket(_ span: Span<UInt8>, _ uri: SIPURI) -> ListenSocket? {
        let name = uri.parameter(span, named: ("sn" as StaticString).span).value
        guard name.isPresent, name.count > 0 else { return nil }
        return self.host.sockets.first { socket in socket.name.map { span.equals(name, $0.span) } ?? false }
    }

    /// Makes the request leave by the socket that the entry names.
    private func useSocket(of entry: NameAddress, in route: RouteContext) {
        let message = route.message
        let span = message.span
        if entry.isValid, let uri = SIPURI(span, entry.uri) {
            if self.settings.namesSockets, let socket = self.namedSocket(span, uri) {
                route.target.socket = socket
                return
            }
            let transport = uri.transport ?? (uri.scheme == .sips ? .tls : .udp)
            for socket in self.host.sockets where socket.transport == transport {
                guard Int(socket.port) == uri.effectivePort || Int(socket.address.port) == uri.effectivePort else {
                    continue
                }
                let isNamed =
                    uri.hostAddress(span) == socket.address.ip
                    || Self.isText(span, uri.host, socket.host)
                if isNamed {
                    route.target.socket = socket
                    return
                }
            }
        }
        if self.settings.warnsOfMismatch {
            route.log(.warning, "rr: no socket matches the second Route entry <\(route.copy(entry.uri))>")
        }
    }
}
