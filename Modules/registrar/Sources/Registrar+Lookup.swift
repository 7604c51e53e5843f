import Bytes
import ModuleKit
import SIPMessage
import usrloc

extension Registrar {
    /// What the search for a user's contacts gave.
    enum Search {
        case found([FoundContact])
        case notRegistered
        case filtered
        case badURI

        var code: Int {
            switch self {
            case .found: 1
            case .notRegistered: -1
            case .filtered: -2
            case .badURI: -3
            }
        }
    }

    /// Goes on with `body` when the bindings of `uri`, or of the Request-URI, are in memory.
    func prepared(
        _ route: RouteContext, _ table: LocationTable, _ uri: ByteString?, _ body: @escaping (RouteContext) -> Int
    ) -> Outcome {
        guard self.location.asksDatabase else { return .code(body(route)) }
        let address = ByteBuffer(capacity: 64)
        guard self.writeAddress(of: uri, route, to: address) else { return .code(body(route)) }
        return self.location.prepare(route, table, address.span) { route, isReady in .code(isReady ? body(route) : -3) }
    }

    /// The contacts of `uri`, or of the Request-URI, that take the method of the request.
    private func search(_ route: RouteContext, _ table: LocationTable, _ uri: ByteString?) -> Search {
        let all: [FoundContact]
        switch self.candidates(route, table, uri) {
        case .found(let contacts): all = contacts
        case .notRegistered: return .notRegistered
        case .filtered: return .filtered
        case .badURI: return .badURI
        }
        let reachable = self.reachable(route, all)
        guard !reachable.isEmpty else { return .notRegistered }
        guard self.settings.filtersMethods, route.isRequest else { return .found(reachable) }
        let method = route.message.method.rawValue
        // As nearly always: nothing has to be copied.
        if reachable.allSatisfy({ $0.record.methods & method != 0 }) { return .found(reachable) }
        let taking = reachable.filter { $0.record.methods & method != 0 }
        return taking.isEmpty ? .filtered : .found(taking)
    }

    private func candidates(_ route: RouteContext, _ table: LocationTable, _ uri: ByteString?) -> Search {
        let now = route.worker.now
        let address = route.scratch
        address.removeAll()
        let expired = route[self.settings.usesExpired] != 0
        func find(_ span: Span<UInt8>, _ parsed: SIPURI?) -> Search {
            guard let parsed else { return .badURI }
            // A temporary GRUU (RFC 5627 §5.4): its user part is no user.
            if parsed.hasGR, parsed.gr.count <= 0 {
                guard parsed.hasUser else { return .badURI }
                let (contact, isMalformed) = table.contact(gruu: span.extracting(parsed.user.indices), now: now)
                if let contact { return .found([contact]) }
                return isMalformed && !Self.looksTemporary(span, parsed.user) ? .badURI : .notRegistered
            }
            guard self.addressOfRecord.write(span, parsed, to: address) == .written else { return .badURI }
            let contacts = table.contacts(of: address.span, now: now, includingExpired: expired)
            guard parsed.hasGR else { return contacts.isEmpty ? .notRegistered : .found(contacts) }
            // A public one: the instance that it names (§5.2).
            let wanted = span.extracting(parsed.gr.indices)
            var chosen: [FoundContact] = []
            for contact in contacts {
                let text = contact.instance
                let instance = text.span
                guard instance.count == wanted.count + 2,
                    instance.equals(ByteRange(start: 1, count: wanted.count), wanted)
                else { continue }
                chosen.append(contact)
            }
            return chosen.isEmpty ? .notRegistered : .found(chosen)
        }
        guard let uri else { return route.withRequestURI(find) }
        return find(uri.span, SIPURI(uri.span, ByteRange(start: 0, count: uri.count)))
    }

    /// Whether a user part has `uloc-` in it, as those of temporary GRUUs do.
    private static func looksTemporary(_ span: Span<UInt8>, _ user: ByteRange) -> Bool {
        let text = ByteString(span, user).string
        return text.contains("uloc-")
    }

    /// Those that `lookup_filter_mode` leaves.
    private func reachable(_ route: RouteContext, _ contacts: [FoundContact]) -> [FoundContact] {
        let mode = self.settings.filterMode
        guard mode != 0 else { return contacts }
        let flags = mode & 1 != 0 ? self.wishes(route).flags : nil
        return contacts.filter { contact in
            if let flags, contact.record.branchFlags & UInt32(truncatingIfNeeded: flags) == 0 { return false }
            guard mode & 2 != 0, contact.record.connection != 0, let connections = route.worker.connections else {
                return true
            }
            return connections.state(of: ConnectionID(rawValue: contact.record.connection)) != nil
        }
    }

    func writeAddress(of uri: ByteString?, _ route: RouteContext, to address: ByteBuffer) -> Bool {
        if let uri {
            guard let parsed = SIPURI(uri.span, ByteRange(start: 0, count: uri.count)) else { return false }
            return self.addressOfRecord.write(uri.span, parsed, to: address) == .written
        }
        return route.withRequestURI { span, parsed in
            guard let parsed else { return false }
            return self.addressOfRecord.write(span, parsed, to: address) == .written
        }
    }

    func lookup(_ route: RouteContext, in table: LocationTable, uri: ByteString?) -> Int {
        let search = self.search(route, table, uri)
        guard case .found(let contacts) = search, let best = contacts.first else { return search.code }
        self.apply(best, to: &route.target)
        route.isTargetConsumed = false
        route.invalidateRequestURI()
        self.record(route, best)
        guard route[self.settings.appendsBranches] != 0 else {
            self.restore(best.attributes, route)
            return 1
        }
        self.restore(ofAll: contacts, route)
        for contact in contacts.dropFirst() { self.append(contact, to: route) }
        return 1
    }

    func lookupToBranches(_ route: RouteContext, in table: LocationTable, uri: ByteString?) -> Int {
        let search = self.search(route, table, uri)
        guard case .found(let contacts) = search else { return search.code }
        for contact in contacts { self.append(contact, to: route) }
        return 1
    }

    /// The Request-URI and every branch become their best contacts; the further ones come behind all branches.
    func lookupBranches(_ route: RouteContext, in table: LocationTable) -> Int {
        let count = route.branches.count
        var result = self.lookup(route, in: table, uri: nil)
        for index in 0..<min(count, route.branches.count) {
            // A branch that says where it goes is no user to look up.
            let branch = route.branches[index]
            guard let uri = branch.uri, branch.destinationURI == nil, branch.path.isEmpty,
                case .found(let contacts) = self.search(route, table, uri), let best = contacts.first
            else { continue }
            var target = BranchTarget()
            self.apply(best, to: &target)
            route.branches[index] = target
            if route[self.settings.appendsBranches] != 0 {
                for contact in contacts.dropFirst() { self.append(contact, to: route) }
            }
            result = 1
        }
        return result
    }

    /// `registered`.
    /// - Parameters:
    ///   - options: sum of 1 (Call-ID), 2 (received), 4 (contact): what has to match what `xavp_cfg` names.
    ///   - action: 1: the fields kept with the binding come back.
    func isRegistered(
        _ route: RouteContext, in table: LocationTable, uri: ByteString?, options: Int, action: Int
    ) -> Bool {
        let address = ByteBuffer(capacity: 64)
        guard self.writeAddress(of: uri, route, to: address) else { return false }
        guard options != 0 || action != 0 else { return table.isRegistered(address.span, now: route.worker.now) }
        let wishes = self.wishes(route)
        for contact in table.contacts(of: address.span, now: route.worker.now) {
            if options & 1 != 0, let own = wishes.callID, own != contact.callID { continue }
            if options & 2 != 0, let own = wishes.received, own != contact.received { continue }
            if options & 4 != 0, let own = wishes.contact, own != contact.uri { continue }
            if action & 1 != 0 { self.restore(contact.attributes, route) }
            return true
        }
        return false
    }

    func unregister(_ text: ByteString, ruid: ByteString, in table: LocationTable) -> Int {
        let address = ByteBuffer(capacity: 64)
        guard let uri = SIPURI(text.span, ByteRange(start: 0, count: text.count)),
            self.addressOfRecord.write(text.span, uri, to: address) == .written
        else { return -1 }
        guard ruid.isEmpty else { return table.remove(ruid: ruid, of: address.span) ? 1 : -3 }
        table.removeAll(of: address.span)
        return 1
    }

    /// What `reg_fetch_contacts` gives.
    enum Fetched {
        case found(ContactSet)
        case nobody
        case badURI
    }

    func fetch(_ route: RouteContext, in table: LocationTable, uri: ByteString) -> Fetched {
        let address = ByteBuffer(capacity: 64)
        guard self.writeAddress(of: uri, route, to: address) else { return .badURI }
        let now = route.worker.now
        let contacts = table.contacts(of: address.span, now: now)
        guard !contacts.isEmpty else { return .nobody }
        return .found(ContactSet(table: table.name, address: ByteString(address.span), contacts, now: now))
    }

    /// Whether the message comes from where the user registered.
    /// - Parameter mode: 0: same address, port and protocol; 1: same address; 2: same address and protocol.
    func isFromUser(_ route: RouteContext, in table: LocationTable, uri: ByteString, mode: Int) -> Bool {
        let address = ByteBuffer(capacity: 64)
        guard self.writeAddress(of: uri, route, to: address) else { return false }
        let arrival = route.arrival
        for contact in table.contacts(of: address.span, now: route.worker.now) {
            let text = contact.received.isEmpty ? contact.uri : contact.received
            guard let source = SIPURI(text.span, ByteRange(start: 0, count: text.count)),
                source.hostAddress(text.span) == arrival.source.ip
            else { continue }
            if mode != 1, (source.transport ?? .udp) != arrival.transport { continue }
            if mode == 0, source.effectivePort != Int(arrival.source.port) { continue }
            return true
        }
        return false
    }

    /// Whether the host names this server, whatever the port.
    private func isOwnHost(_ span: Span<UInt8>, _ uri: SIPURI) -> Bool {
        if self.host.isMyself(span, host: uri.host, port: max(uri.port, 0), transport: nil) { return true }
        guard let address = uri.hostAddress(span) else { return false }
        return self.host.sockets.contains { $0.address.ip == address }
    }

    private func append(_ contact: FoundContact, to route: RouteContext) {
        guard route.branches.count + 1 < self.host.settings.maxBranches else {
            route.log(.error, "registrar: no more than \(self.host.settings.maxBranches) branches (max_branches)")
            return
        }
        var branch = BranchTarget()
        self.apply(contact, to: &branch)
        route.branches.append(branch)
    }

    private func apply(_ contact: FoundContact, to target: inout BranchTarget) {
        target.uri = contact.uri
        target.destinationURI = nil
        var path = contact.path
        if !path.isEmpty {
            let checks = self.settings.pathChecksLocal
            let (rest, hop) = PathVector.rest(path) { span, uri in
                checks && self.isOwnHost(span, uri)
            }
            path = rest
            if !hop.isEmpty { target.destinationURI = hop }
        }
        if path.isEmpty, !contact.received.isEmpty { target.destinationURI = contact.received }
        if !contact.socket.isEmpty, let socket = self.host.socket(named: contact.socket) { target.socket = socket }
        target.flags = contact.record.branchFlags
        target.q = Int(contact.record.q)
        target.setDetails(
            path: path, ruid: contact.ruid, instance: contact.instance, userAgent: contact.userAgent)
        target.connection = ConnectionID(rawValue: contact.record.connection)
    }
}
