import Bytes

/// How bindings are told apart and kept; the module's parameters.
public struct BindingRules: Sendable, BitwiseCopyable {
    /// What makes two bindings the same beside instance and reg-id.
    public enum Matching: Int, Sendable, BitwiseCopyable {
        case uri = 0
        case uriAndCallID = 1
        case uriAndPath = 2
        case callID = 3
    }

    public var matching = Matching.uri
    /// Seconds for which the same CSeq of one Call-ID counts as a retransmission.
    public var cSeqDelay: UInt32 = 20
    /// Newest binding first, instead of by q.
    public var isNewestFirst = false
    /// A REGISTER without reg-id means none of the flows of its instance (`regid_mode`).
    public var tellsFlowsApart = false
    /// Changes are noted for the database.
    public var isJournaled = false

    public init() {}
}

/// A location table: bindings by address of record, cut into stripes with a lock each.
public final class LocationTable: Sendable {
    public let name: ByteString
    let commons: LocationCommons
    let stripes: StripedTable<LocationStripe>
    private let seed = HashSeed.process
    private let loaded = Lock(false)
    /// The database's rows are in; a reload does not read them again.
    var isLoaded: Bool { self.loaded.withLock { $0 } }
    func noteLoaded() { self.loaded.withLock { $0 = true } }

    init(name: ByteString, commons: LocationCommons) {
        self.name = name
        self.commons = commons
        self.stripes = StripedTable(stripes: 64) { _ in LocationStripe() }
    }

    @inline(__always)
    func hash(_ address: Span<UInt8>) -> UInt64 { address.keyedHash(seed: self.seed) }

    @inline(__always)
    static func chainHash(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

    /// Has the processor fetch what the look-up of an address begins with: with thousands of users no cache has it. For
    /// whoever has something else to do before that look-up; a hint, which changes nothing.
    /// - Parameter address: address of record, folded as the registrar folds it.
    public func expect(_ address: Span<UInt8>) {
        let hash = self.hash(address)
        self.stripes.withStripe(hash) { $0.prefetch(hash: Self.chainHash(hash)) }
    }

    /// Addresses of record.
    public var addressCount: Int {
        var count = 0
        self.stripes.forEachStripe { _, stripe in count += stripe.addresses.count }
        return count
    }

    /// Bindings, those included that have expired and are not swept yet.
    public var contactCount: Int {
        var count = 0
        self.stripes.forEachStripe { _, stripe in count += stripe.contacts.count }
        return count
    }

    /// Bytes of all records and texts, whether in use or not.
    public var reservedBytes: Int {
        var bytes = 0
        self.stripes.forEachStripe { _, stripe in
            bytes += stripe.addresses.reservedBytes + stripe.contacts.reservedBytes + stripe.texts.reservedBytes
        }
        return bytes
    }

    /// Removes all bindings of an address of record, or those that `matches` picks.
    /// - Returns: how many went.
    @discardableResult
    public func removeAll(of address: Span<UInt8>, _ matches: (ContactRecord) -> Bool = { _ in true }) -> Int {
        let hash = self.hash(address)
        return self.stripes.withStripe(hash) { stripe in
            let owner = stripe.find(address, hash: Self.chainHash(hash))
            var count = 0
            var walk = stripe.firstContact(of: owner)
            while let contact = stripe.contacts[walk] {
                if matches(contact) {
                    stripe.remove(walk, self.commons)
                    count += 1
                }
                walk = contact.next
            }
            stripe.removeIfEmpty(owner)
            return count
        }
    }

    /// Removes the binding that `matches` picks first.
    /// - Returns: nil when the address of record is unknown, false when no binding matches.
    func remove(
        of address: Span<UInt8>, _ matches: (borrowing LocationStripe, ContactRecord) -> Bool
    ) -> Bool? {
        let hash = self.hash(address)
        return self.stripes.withStripe(hash) { stripe -> Bool? in
            let owner = stripe.find(address, hash: Self.chainHash(hash))
            guard !owner.isNone else { return nil }
            var walk = stripe.firstContact(of: owner)
            while let contact = stripe.contacts[walk] {
                if matches(stripe, contact) {
                    stripe.remove(walk, self.commons)
                    stripe.removeIfEmpty(owner)
                    return true
                }
                walk = contact.next
            }
            return false
        }
    }

    /// Looks at a part of one stripe and removes what has expired.
    /// - Parameter collects: what goes is wanted, for events and connections.
    /// - Returns: how many bindings went, and these.
    func sweep(
        stripe index: Int, slots: Int, limit: UInt32, collects: Bool, forgets: Bool
    ) -> (count: Int, gone: [ExpiredContact]) {
        self.stripes.withStripe(at: index) { stripe in
            var gone: [ExpiredContact] = []
            let count = stripe.sweep(slots: slots, limit: limit, self.commons, forgets: forgets) { stripe, contact in
                guard collects else { return }
                gone.append(
                    ExpiredContact(
                        table: self.name, address: stripe.name(of: contact.owner),
                        contact: self.copy(contact, from: stripe, at: limit)))
            }
            return (count, gone)
        }
    }

    /// Slots of a stripe: what a full sweep visits.
    func slotCount(ofStripe index: Int) -> Int { self.stripes.withStripe(at: index) { $0.contacts.slotCount } }
}
