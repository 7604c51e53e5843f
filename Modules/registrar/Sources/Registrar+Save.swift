import Bytes
import ModuleKit
import SIPMessage
import usrloc

extension Registrar {
    /// Longest Call-ID that is kept.
    private static let callIDLimit = 255

    /// What `save` found out, until the reply is sent.
    struct Saved {
        var code: Int
        var failure: RegistrationFailure?
        /// Where the header fields of the reply begin among those of the context.
        var mark: Int
    }

    /// The script function `save`: at once, or with a pause when what changed has to be stored first.
    func save(_ route: RouteContext, in table: LocationTable, _ flags: SaveFlags, address: ByteString?) -> Outcome {
        guard self.location.waitsForDatabase else {
            return .code(self.finish(route, self.register(route, in: table, flags, address: address), flags))
        }
        let key = ByteBuffer(capacity: 128)
        // Why an address cannot be used is found out, and replied, in its turn.
        guard (try? self.writeAddress(address, route.message, key)) != nil else {
            return .code(self.finish(route, self.register(route, in: table, flags, address: address), flags))
        }
        return self.location.prepare(route, table, key.span) { [self] route, isReady in
            guard isReady else {
                let saved = Saved(code: -1, failure: .storage, mark: route.replyHeaders.count)
                self.writeFailure(route, .storage, ByteString())
                return .code(self.finish(route, saved, flags))
            }
            let saved = self.register(route, in: table, flags, address: address)
            guard saved.failure == nil, saved.code < 4, !flags.contains(.memoryOnly) else {
                return .code(self.finish(route, saved, flags))
            }
            return self.location.commit(route) { [self] route, isStored in
                var saved = saved
                if !isStored {
                    saved.failure = .storage
                    saved.code = -1
                    route.replyHeaders.truncate(to: saved.mark)
                    self.writeFailure(route, .storage, ByteString())
                }
                return .code(self.finish(route, saved, flags))
            }
        }
    }

    /// Changes the bindings in memory, and writes the header fields of the reply.
    private func register(
        _ route: RouteContext, in table: LocationTable, _ flags: SaveFlags, address: ByteString?
    ) -> Saved {
        let worker = route.worker
        let scratch = self.scratch(for: worker)
        scratch.clear()
        let headers = route.replyHeaders
        let (key, path) = (scratch.address, scratch.path)
        var saved = Saved(code: -1, failure: nil, mark: headers.count)
        do throws(RegistrationFailure) {
            saved.code = try self.perform(route, table, flags, address, scratch, now: worker.now)
            self.writeHeaders(route, ByteString(path.span))
        } catch {
            saved.failure = error
            saved.code = error == .tooMany ? -2 : -1
            if error.listsContacts, headers.count == saved.mark {
                table.list(key.span, now: worker.now, self.listing, into: headers)
            }
            self.writeFailure(route, error, ByteString(path.span))
        }
        if saved.failure == nil { self.record(route, table, key.span) }
        return saved
    }

    private func perform(
        _ route: RouteContext, _ table: LocationTable, _ flags: SaveFlags, _ address: ByteString?,
        _ scratch: SaveScratch, now: Instant
    ) throws(RegistrationFailure) -> Int {
        let message = route.message
        let span = message.span
        let (key, path, received) = (scratch.address, scratch.path, scratch.received)
        let kind = try self.scan.kind(message)
        try self.writeAddress(address, message, key)
        table.expect(key.span)
        let listing = self.listing(for: route, address)
        if self.settings.outboundMode == 0, message.lists(("outbound" as StaticString).span, in: .require) {
            throw .outboundUnsupported
        }
        var registration = Registration(callID: message.callID, cSeq: message.cSeq.number)
        switch kind {
        case .none:
            table.list(key.span, now: now, listing, into: route.replyHeaders)
            return 4
        case .star:
            guard message.cSeq.isValid else { throw .badCSeq }
            return try self.code(table.unregisterAll(key.span, span, registration))
        case .list: break
        }
        let wishes = self.wishes(route)
        try self.scan.read(
            message, isExact: flags.contains(.exactExpiry), route.configuration,
            ContactScan.Wishes(q: wishes.q, expires: wishes.expires), into: scratch.updates)
        guard message.cSeq.isValid else { throw .badCSeq }
        guard message.callID.length <= Self.callIDLimit else { throw .longCallID }
        try self.checkFlows(message, scratch.updates)
        if self.settings.usesPath {
            guard PathVector.write(message, to: path) else { throw .badPath }
            if self.settings.pathMode == 2, path.count > 0, !self.supports("path", message) { throw .pathUnsupported }
        }
        try self.writeReceived(route, received)
        let agent = message.value(.userAgent)
        if agent.count > 0 { registration.userAgent = scratch.memo.id(span.extracting(agent.indices)) }
        registration.path = scratch.memo.id(path.span)
        let socket = self.socketName(route, wishes.socket)
        registration.socket = scratch.memo.id(socket.span)
        if route.arrival.transport.isStream { registration.connection = route.arrival.connection }
        registration.branchFlags = route.target.flags
        registration.maxContacts = wishes.maxContacts ?? route[self.settings.maxContacts]
        registration.replacesAll = flags.contains(.replaceAll)
        var rules = self.rules
        if flags.contains(.memoryOnly) { rules.isJournaled = false }
        let result = table.register(
            key.span, span, scratch.updates, registration, received: received.span,
            attributes: self.attributes(route), rules: rules, now: now, listing: listing, into: route.replyHeaders)
        if registration.connection.isPresent, !result.isFailure {
            self.location.note(registration.connection, table, key.span)
        }
        return try self.code(result)
    }

    /// A flow (RFC 5626) needs a first hop that keeps it: this server, or an edge proxy that says so with `ob`.
    private func checkFlows(
        _ message: Message, _ updates: borrowing FlatStore<BindingUpdate>
    ) throws(RegistrationFailure) {
        guard self.settings.outboundMode > 0, message.field(at: message.first(.via)).next >= 0 else { return }
        guard self.supports("outbound", message) || message.lists(("outbound" as StaticString).span, in: .require)
        else { return }
        for index in 0..<updates.count where updates[index].regID > 0 {
            guard PathVector.firstURI(message)?.ob == true else { throw .firstHopLacksOutbound }
        }
    }

    private func writeReceived(_ route: RouteContext, _ received: ByteBuffer) throws(RegistrationFailure) {
        if self.settings.usesPath, self.settings.pathUsesReceived {
            PathVector.writeReceived(route.message, to: received)
        }
        if received.count == 0, let variable = self.receivedVariable {
            let value = variable.read(in: route)
            if !value.isNull { route.withText(value) { received.append($0) } }
        }
        guard received.count <= self.settings.contactMaxSize else { throw .longReceived }
    }

    /// What the script named, the header field names or the request came in on.
    private func socketName(_ route: RouteContext, _ wish: ByteString?) -> ByteString {
        if let wish, self.host.socket(named: wish) != nil { return wish }
        let flag = self.settings.socketFlag
        if flag >= 0, route.flags & 1 << UInt32(flag) != 0, !self.settings.socketHeader.isEmpty,
            let value = self.header(self.settings.socketHeader, route.message), self.host.socket(named: value) != nil
        {
            return value
        }
        let socket = route.arrival.socket
        guard self.settings.socketMode == 1, let host = socket.advertisedHost else { return socket.socketName }
        let text = ByteBuffer(capacity: 64)
        text.append(socket.transport.name)
        text.append(UInt8(ascii: ":"))
        text.append(host)
        text.append(UInt8(ascii: ":"))
        text.append(decimal: Int(socket.advertisedPort > 0 ? socket.advertisedPort : socket.address.port))
        return ByteString(text.span)
    }

    private func header(_ name: ByteString, _ message: Message) -> ByteString? {
        for index in 0..<message.headerCount {
            let field = message.field(at: index)
            if message.span.equalsIgnoringCase(field.nameRange, name.span) { return message.text(field.value) }
        }
        return nil
    }

    func supports(_ option: StaticString, _ message: Message) -> Bool {
        message.lists(option.span, in: .supported)
    }

    func writeAddress(
        _ address: ByteString?, _ message: Message, _ buffer: ByteBuffer
    ) throws(RegistrationFailure) {
        let outcome: AddressOfRecord.Outcome
        if let address {
            guard let uri = SIPURI(address.span, ByteRange(start: 0, count: address.count)) else { throw .badTo }
            outcome = self.addressOfRecord.write(address.span, uri, to: buffer)
        } else {
            guard let uri = message.toURI else { throw .badTo }
            outcome = self.addressOfRecord.write(message.span, uri, to: buffer)
        }
        switch outcome {
        case .written: return
        case .tooLong: throw .longAddress
        case .badEscape: throw .badEscape
        }
    }

    private func code(_ result: RegistrationResult) throws(RegistrationFailure) -> Int {
        switch result {
        case .inserted, .unchanged: return 1
        case .updated: return 2
        case .removed: return 3
        case .tooMany: throw .tooMany
        case .outOfOrder: throw .badCSeq
        case .full: throw .storage
        }
    }
}
