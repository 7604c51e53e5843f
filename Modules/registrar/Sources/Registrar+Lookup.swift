import Bytes
import ModuleKit
import SIPMessage
import usrloc

extension Registrar {
    /// What the search for a user's contacts gave.
    private enum Search {
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

    /// The contacts of `uri`, or of the Request-URI, that take the method of the request.
    private func search(_ route: RouteContext, _ table: LocationTable, _ uri: ByteString?) -> Search {
        let address = ByteBuffer(capacity: 64)
        guard self.writeAddress(of: uri, route, to: address) else { return .badURI }
        let all = self.ofInstance(uri, route, table.contacts(of: address.span, now: route.worker.now))
        guard !all.isEmpty else { return .notRegistered }
        guard self.settings.filtersMethods, route.isRequest else { return .found(all) }
        let method = route.message.method.rawValue
        let taking = all.filter { $0.record.methods & method != 0 }
        return taking.isEmpty ? .filtered : .found(taking)
    }

    /// Of a public GRUU (RFC 5627 §5.2): the contacts of the instance that its `gr` names, none of a temporary one,
    /// for the registrar makes none of these. Of any other URI all contacts.
    private func ofInstance(_ uri: ByteString?, _ route: RouteContext, _ all: [FoundContact]) -> [FoundContact] {
        guard !all.isEmpty else { return all }
        func choose(_ span: Span<UInt8>, _ parsed: SIPURI?) -> [FoundContact] {
            guard let parsed, parsed.hasGR else { return all }
            let wanted = parsed.gr
            var chosen: [FoundContact] = []
            for contact in all {
                // `"<urn:uuid:…>"`
                let instance = contact.instance.span
                let inner = ByteRange(start: 2, count: max(instance.count - 4, 0))
                guard wanted.count > 0, inner.count > 0,
                    instance.equalsIgnoringCase(inner, span.extracting(wanted.indices))
                else { continue }
                chosen.append(contact)
            }
            return chosen
        }
        guard let uri else { return route.withRequestURI(choose) }
        return choose(uri.span, SIPURI(uri.span, ByteRange(start: 0, count: uri.count)))
    }

    private func writeAddress(of uri: ByteString?, _ route: RouteContext, to address: ByteBuffer) -> Bool {
        if let uri {
            guard let parsed = SIPURI(uri.span, ByteRange(start: 0, count: uri.count)) else { return false }
            return self.addressOfRecord.write(uri.span, parsed, to: address)
        }
        return route.withRequestURI { span, parsed in
            guard let parsed else { return false }
            return self.addressOfRecord.write(span, parsed, to: address)
        }
    }

    func lookup(_ route: RouteContext, in table: LocationTable, uri: ByteString?) -> Int {
        let search = self.search(route, table, uri)
        guard case .found(let contacts) = search, let best = contacts.first else { return search.code }
        self.apply(best, to: &route.target)
        if let uri = route.target.uri { route.setRequestURI(uri) }
        if self.settings.appendsBranches {
            for contact in contacts.dropFirst() { self.append(contact, to: route) }
        }
        return 1
    }

    func lookupToBranches(_ route: RouteContext, in table: LocationTable, uri: ByteString?) -> Int {
        let search = self.search(route, table, uri)
        guard case .found(let contacts) = search else { return search.code }
        for contact in contacts { self.append(contact, to: route) }
        return 1
    }

    func lookupBranches(_ route: RouteContext, in table: LocationTable) -> Int {
        let before = route.branches
        route.branches.removeAll(keepingCapacity: true)
        var result = self.lookup(route, in: table, uri: nil)
        let found = route.branches
        route.branches.removeAll(keepingCapacity: true)
        for branch in before {
            // A branch that says where it goes is no user to look up.
            guard let uri = branch.uri, branch.destinationURI == nil, branch.path.isEmpty,
                self.lookupToBranches(route, in: table, uri: uri) > 0
            else {
                route.branches.append(branch)
                continue
            }
            result = 1
        }
        route.branches = found + route.branches
        return result
    }

    func isRegistered(_ route: RouteContext, in table: LocationTable, uri: ByteString?) -> Bool {
        let address = ByteBuffer(capacity: 64)
        guard self.writeAddress(of: uri, route, to: address) else { return false }
        return table.isRegistered(address.span, now: route.worker.now)
    }

    func unregister(_ text: ByteString, ruid: ByteString, in table: LocationTable) -> Int {
        let address = ByteBuffer(capacity: 64)
        guard let uri = SIPURI(text.span, ByteRange(start: 0, count: text.count)),
            self.addressOfRecord.write(text.span, uri, to: address)
        else { return -1 }
        guard ruid.isEmpty else { return table.remove(ruid: ruid, of: address.span) ? 1 : -3 }
        table.removeAll(of: address.span)
        return 1
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
        target.path = contact.path
        target.destinationURI = nil
        if !contact.path.isEmpty {
            let hop = PathVector.firstHop(contact.path)
            if !hop.isEmpty { target.destinationURI = hop }
        } else if !contact.received.isEmpty {
            target.destinationURI = contact.received
        }
        if !contact.socket.isEmpty, let socket = self.host.socket(named: contact.socket) { target.socket = socket }
        target.flags = contact.record.branchFlags
        target.q = Int(contact.record.q)
        target.ruid = self.location.ruid(contact.record.number)
        target.instance = contact.instance
        target.userAgent = contact.userAgent
        target.connection = ConnectionID(rawValue: contact.record.connection)
    }
}
