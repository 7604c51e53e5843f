import Bytes
import Database
import ModuleKit
import SIPMessage

extension UserLocation {
    /// The table of that name, made when it is asked for first. Ask once, when the script is loaded.
    public func location(_ name: ByteString) -> LocationTable { self.table(named: name) }

    /// Addresses of record contain the domain.
    public var usesDomain: Bool { self.settings.usesDomain }
    /// How bindings are told apart.
    public var rules: BindingRules { self.settings.rules }
    /// A memo of shared texts for one worker.
    public func makeMemo() -> InternMemo { InternMemo(self.store.commons.interner) }
    /// The branch flag that says "behind NAT", or nil.
    public var natFlag: Int? { self.settings.natFlag >= 0 ? self.settings.natFlag : nil }
    /// Each address of record is to be `prepare`d: memory is only a copy of what the database has.
    public var asksDatabase: Bool { self.settings.database.mode == .databaseOnly }
    /// Changes are to be `commit`ted before a reply.
    public var waitsForDatabase: Bool { self.settings.database.mode.waits }
    /// Name of the `$xavp` whose fields are kept with a binding; empty: none.
    public var attributesName: ByteString { self.settings.attributesName }
}

/// A binding as `lookup` hands it out: everything copied, valid for ever. An object, for it is handed on a dozen times.
public final class FoundContact: Sendable {
    public let uri: ByteString
    /// Where its REGISTER came from, when that was noted.
    public let received: ByteString
    /// Path vector as one header value.
    public let path: ByteString
    /// Name of the socket that it registered at.
    public let socket: ByteString
    public let instance: ByteString
    public let userAgent: ByteString
    public let callID: ByteString
    public let ruid: ByteString
    /// `$xavp` fields that were saved with it.
    public let attributes: NamedStacks?
    public let record: ContactRecord
    /// Seconds until it expires; nil for never.
    public let secondsLeft: Int?

    /// - Parameter second: of the monotonic clock.
    init(
        _ contact: ContactRecord, from stripe: borrowing LocationStripe, of commons: LocationCommons,
        attributes: NamedStacks?, at second: UInt32
    ) {
        let interner = commons.interner
        self.uri = ByteString(stripe.texts.span(contact.uri))
        self.received = ByteString(stripe.texts.span(contact.received))
        self.path = interner.text(contact.path)
        self.socket = interner.text(contact.socket)
        self.instance = ByteString(stripe.texts.span(contact.instance))
        self.userAgent = interner.text(contact.userAgent)
        self.callID = ByteString(stripe.texts.span(contact.callID))
        self.ruid = commons.ruid(contact)
        self.attributes = attributes
        self.record = contact
        self.secondsLeft = contact.expires == ContactRecord.permanent ? nil : Int(contact.expires) - Int(second)
    }
}

/// A binding that has expired.
public struct ExpiredContact: Sendable {
    public var table: ByteString
    public var address: ByteString
    public var contact: FoundContact
}

extension LocationTable {
    /// The valid bindings of an address of record, best first.
    public func contacts(of address: Span<UInt8>, now: Instant) -> [FoundContact] {
        self.contacts(of: address, now: now, includingExpired: false)
    }

    /// - Parameter includingExpired: those as well that have expired and are not removed yet.
    public func contacts(of address: Span<UInt8>, now: Instant, includingExpired: Bool) -> [FoundContact] {
        let hash = self.hash(address)
        let second = now.seconds
        var found: [FoundContact] = []
        self.stripes.withStripe(hash) { stripe in
            let owner = stripe.find(address, hash: Self.chainHash(hash))
            stripe.prefetchTexts(of: owner)
            var walk = stripe.firstContact(of: owner)
            while let contact = stripe.contacts[walk] {
                let handle = walk
                walk = contact.next
                guard includingExpired || !contact.isExpired(at: second) else { continue }
                let attributes = stripe.attributes.isEmpty ? nil : stripe.attributes[handle]
                found.append(self.copy(contact, from: stripe, at: second, attributes: attributes))
            }
        }
        return found
    }

    func copy(
        _ contact: ContactRecord, from stripe: borrowing LocationStripe, at second: UInt32,
        attributes: NamedStacks? = nil
    ) -> FoundContact {
        FoundContact(contact, from: stripe, of: self.commons, attributes: attributes, at: second)
    }

    /// Whether the address of record has a valid binding.
    public func isRegistered(_ address: Span<UInt8>, now: Instant) -> Bool {
        let hash = self.hash(address)
        let second = now.seconds
        return self.stripes.withStripe(hash) { stripe in
            var walk = stripe.firstContact(of: stripe.find(address, hash: Self.chainHash(hash)))
            while let contact = stripe.contacts[walk] {
                if !contact.isExpired(at: second) { return true }
                walk = contact.next
            }
            return false
        }
    }

    /// Removes the binding with this `ruid`.
    public func remove(ruid: ByteString, of address: Span<UInt8>) -> Bool {
        self.remove(of: address) { _, contact in self.commons.ruid(contact) == ruid } == true
    }

    /// The binding that a temporary GRUU names by its user part, and its address of record; nil when it is gone.
    /// - Returns: nil also for what is no such user part; `isMalformed` tells.
    public func contact(gruu user: Span<UInt8>, now: Instant) -> (contact: FoundContact?, isMalformed: Bool) {
        guard let name = TemporaryGRUU(user, stripes: self.stripes.count) else { return (nil, true) }
        let second = now.seconds
        return self.stripes.withStripe(at: name.stripe) { stripe in
            guard let contact = stripe.contacts[name.handle], !contact.isExpired(at: second),
                user.starts(with: self.commons.ruid(contact).span)
            else { return (nil, false) }
            let attributes = stripe.attributes[name.handle]
            return (self.copy(contact, from: stripe, at: second, attributes: attributes), false)
        }
    }
}

extension UserLocation {
    /// Bindings have expired: told on an event worker, after they are gone.
    public typealias ExpiryObserver = @Sendable (any WorkerServices, [ExpiredContact]) -> Void

    /// Has `observer` told of bindings that expire.
    /// - Parameter event: an event route without which nobody is told.
    public func observeExpiry(event: ByteString, _ observer: @escaping ExpiryObserver) {
        self.observers.withLock { $0.append((event, observer)) }
    }

    /// Goes on with `body` when what the database knows of the address of record is in memory: at once, except with
    /// `db_mode` 3.
    /// - Parameter body: false: the database did not answer.
    public func prepare(
        _ route: RouteContext, _ table: LocationTable, _ address: Span<UInt8>,
        _ body: @escaping (RouteContext, Bool) -> Outcome
    ) -> Outcome {
        guard self.settings.database.mode == .databaseOnly, let database = self.database, let loader = self.loader
        else { return body(route, true) }
        let name = table.name
        let address = ByteString(address)
        return database.ask(route) { session in
            try loader.rows(of: address, in: name, session)
        } then: { [store] route, result in
            switch result {
            case .success(let rows):
                table.replace(
                    address, by: rows, now: route.worker.now.seconds, wall: WallClock.seconds(),
                    memo: InternMemo(store.commons.interner))
                return body(route, true)
            case .failure(let error):
                route.log(.error, "usrloc: bindings of \(address) could not be read: \(error)")
                return body(route, false)
            }
        }
    }

    /// Goes on with `body` when the changes that the script has made are stored: at once, except with `db_mode` 1 and 3.
    /// - Parameter body: false: they could not be stored; they are kept, and tried again.
    public func commit(_ route: RouteContext, _ body: @escaping (RouteContext, Bool) -> Outcome) -> Outcome {
        guard self.settings.database.mode.waits, let journal = self.journal else { return body(route, true) }
        journal.request(route.suspend(), now: route.worker.now)
        return .suspended(Continuation { route, result in body(route, result.code > 0) })
    }

    /// Notes that the bindings of an address of record were made over a connection (`handle_lost_tcp`).
    public func note(_ connection: ConnectionID, _ table: LocationTable, _ address: Span<UInt8>) {
        guard self.settings.handlesLostConnections, connection.isPresent else { return }
        let user = ConnectedUser(table: table.name, address: ByteString(address))
        self.store.commons.connected.withLock { users in
            if users[connection]?.contains(user) != true { users[connection, default: []].append(user) }
        }
    }
}
