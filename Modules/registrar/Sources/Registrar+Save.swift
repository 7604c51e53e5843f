import Bytes
import ModuleKit
import SIPMessage
import usrloc

extension Registrar {
    /// Longest Call-ID that is kept.
    private static let callIDLimit = 255

    /// The script function `save`.
    func save(_ route: RouteContext, in table: LocationTable, _ flags: SaveFlags, address: ByteString?) -> Int {
        let worker = route.worker
        let scratch = self.scratch(for: worker)
        scratch.clear()
        let headers = route.replyHeaders.count
        var failure: RegistrationFailure?
        var code = -1
        do throws(RegistrationFailure) {
            code = try self.perform(route, table, flags, address, scratch, now: worker.now)
            worker.count(self.accepted)
        } catch {
            failure = error
            code = error == .tooMany ? -2 : -1
            worker.count(self.rejected)
            if error.listsContacts, route.replyHeaders.count == headers {
                let key = scratch.address
                table.list(key.span, now: worker.now, self.listing, into: route.replyHeaders)
            }
        }
        self.reply(route, failure, flags, scratch, headers)
        return code
    }

    private func perform(
        _ route: RouteContext, _ table: LocationTable, _ flags: SaveFlags, _ address: ByteString?,
        _ scratch: SaveScratch,
        now: Instant
    ) throws(RegistrationFailure) -> Int {
        let message = route.message
        let span = message.span
        let (key, path, received) = (scratch.address, scratch.path, scratch.received)
        let kind = try self.scan.kind(message)
        try self.writeAddress(address, message, key)
        var registration = Registration(callID: message.callID, cSeq: message.cSeq.number)
        switch kind {
        case .none:
            table.list(key.span, now: now, self.listing, into: route.replyHeaders)
            return 4
        case .star:
            guard message.cSeq.isValid else { throw .badCSeq }
            return try self.code(table.unregisterAll(key.span, span, registration))
        case .list: break
        }
        try self.scan.read(message, isExact: flags.contains(.exactExpiry), route.configuration, into: scratch.updates)
        guard message.cSeq.isValid else { throw .badCSeq }
        guard message.callID.length <= Self.callIDLimit else { throw .longCallID }
        if self.settings.usesPath {
            guard PathVector.write(message, to: path) else { throw .badPath }
            if self.settings.pathMode == 2, path.count > 0, !self.supportsPath(message) { throw .pathUnsupported }
        }
        if let variable = self.receivedVariable {
            let value = variable.read(in: route)
            if !value.isNull { route.withText(value) { received.append($0) } }
            guard received.count <= self.settings.contactMaxSize else { throw .longContact }
        }
        let agent = message.value(.userAgent)
        if agent.count > 0 { registration.userAgent = scratch.memo.id(span.extracting(agent.indices)) }
        registration.path = scratch.memo.id(path.span)
        let arrival = route.arrival
        let socketName = arrival.socket.socketName
        registration.socket = scratch.memo.id(socketName.span)
        if arrival.transport.isStream { registration.connection = arrival.connection }
        registration.branchFlags = route.target.flags
        registration.maxContacts = route[self.settings.maxContacts]
        registration.replacesAll = flags.contains(.replaceAll)
        let result = table.register(
            key.span, span, scratch.updates, registration, received: received.span, rules: self.rules, now: now,
            listing: self.listing, into: route.replyHeaders)
        return try self.code(result)
    }

    private func supportsPath(_ message: Message) -> Bool {
        message.lists(("path" as StaticString).span, in: .supported)
    }

    private func writeAddress(
        _ address: ByteString?, _ message: Message, _ buffer: ByteBuffer
    ) throws(RegistrationFailure) {
        if let address {
            guard let uri = SIPURI(address.span, ByteRange(start: 0, count: address.count)) else { throw .badTo }
            guard self.addressOfRecord.write(address.span, uri, to: buffer) else { throw .longAddress }
        } else {
            guard let uri = message.toURI else { throw .badTo }
            guard self.addressOfRecord.write(message.span, uri, to: buffer) else { throw .longAddress }
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

    /// Replies to a REGISTER; takes the headers that were added for that away again.
    private func reply(
        _ route: RouteContext, _ failure: RegistrationFailure?, _ flags: SaveFlags, _ scratch: SaveScratch, _ mark: Int
    ) {
        let headers = route.replyHeaders
        guard route.isRequest, !flags.contains(.noReply) || flags.contains(.prepareReply) else {
            headers.truncate(to: mark)
            return
        }
        if failure == .pathUnsupported { headers.append("Unsupported: path\r\n") }
        if failure == .intervalTooBrief {
            headers.append("Min-Expires: ")
            headers.append(decimal: route[self.settings.minExpires])
            headers.append("\r\n")
        }
        if scratch.path.count > 0, failure == nil || failure == .pathUnsupported, self.settings.pathMode > 0,
            self.settings.pathMode == 2 || self.supportsPath(route.message)
        {
            let path = scratch.path
            headers.append("Path: ")
            headers.append(path.span)
            headers.append("\r\n")
        }
        if let failure {
            headers.append("P-Registrar-Error: ")
            headers.append(failure.text)
            headers.append("\r\n")
            if failure == .tooMany, route[self.settings.retryAfter] > 0 {
                headers.append("Retry-After: ")
                headers.append(decimal: route[self.settings.retryAfter])
                headers.append("\r\n")
            }
        }
        guard !flags.contains(.noReply) else { return }
        self.replies.send(
            to: route, code: failure?.code ?? 200, reason: failure.map { ByteString($0.reason) } ?? Self.ok)
        // What a refusal says stays for the reply that the script may send after it, as in Kamailio.
        if failure == nil { headers.truncate(to: mark) }
    }

    private static let ok = ByteString("OK")
}
