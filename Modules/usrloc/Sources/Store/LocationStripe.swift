import Bytes
import ModuleKit

/// A part of a location table: addresses of record in hash chains, each with a chain of bindings.
struct LocationStripe: ~Copyable {
    var addresses = Slab<AddressRecord>(indexBits: 20, generationBits: 12, recordsPerPage: 512)
    var contacts = Slab<ContactRecord>(indexBits: 22, generationBits: 10, recordsPerPage: 256)
    var texts = PackedBytes(pageSize: 64 * 1024)
    private var index = ChainIndex<AddressRecord>()
    private var cursor = SlabCursor()
    private var keepaliveCursor = SlabCursor()
    private var doomed = FlatStore<Handle>(capacity: 64)
    /// `$xavp` fields that were saved with a binding; few have any.
    var attributes: [Handle: NamedStacks] = [:]
    /// What the database is to be told: bindings that have changed, and `ruid`s of rows to delete, in order.
    var dirty: [Handle] = []
    var deleted: [ByteString] = []
    /// The same of bindings that have expired: nobody waits for their end.
    var lapsed: [ByteString] = []

    // MARK: Addresses of record

    func find(_ name: Span<UInt8>, hash: UInt32) -> Handle {
        var handle = self.index.first(UInt64(hash))
        while let record = self.addresses[handle] {
            if record.hash == hash {
                // While the name is compared: whoever asks for an address wants its bindings.
                self.contacts.prefetch(record.first)
                if self.texts.span(record.name).equals(name) { return handle }
            }
            handle = record.next
        }
        return .none
    }

    /// Has the processor fetch what `find` looks at first.
    func prefetch(hash: UInt32) { self.addresses.prefetch(self.index.first(UInt64(hash))) }

    /// Has the texts of the first binding fetched, all at the same time.
    func prefetchTexts(of owner: Handle) {
        guard let contact = self.contacts[self.firstContact(of: owner)] else { return }
        self.texts.prefetch(contact.uri)
        self.texts.prefetch(contact.callID)
        self.texts.prefetch(contact.received)
    }

    /// - Returns: the new address of record, or `none` when there is no room.
    mutating func insert(_ name: Span<UInt8>, hash: UInt32) -> Handle {
        guard let text = self.texts.store(name) else { return .none }
        guard let handle = self.index.insert(AddressRecord(hash: hash, name: text), in: &self.addresses) else {
            self.texts.free(text)
            return .none
        }
        return handle
    }

    /// Removes an address of record that has no bindings.
    mutating func removeIfEmpty(_ handle: Handle) {
        guard let record = self.addresses[handle], record.first.isNone else { return }
        self.texts.free(record.name)
        self.index.remove(handle, from: &self.addresses)
    }

    // MARK: Bindings

    func firstContact(of address: Handle) -> Handle { self.addresses[address]?.first ?? .none }

    /// Puts a binding into the chain of its owner: behind those with the same or a higher q, or in front of all.
    /// - Returns: nil when there was no room.
    mutating func insert(_ contact: ContactRecord, atFront: Bool) -> Handle? {
        guard let handle = self.contacts.insert(contact) else { return nil }
        self.link(handle, after: atFront ? .none : self.place(contact), of: contact.owner)
        return handle
    }

    /// The binding behind which the q of `contact` belongs; none: in front of all.
    private func place(_ contact: ContactRecord) -> Handle {
        var before = Handle.none
        var walk = self.firstContact(of: contact.owner)
        while let record = self.contacts[walk], record.q >= contact.q {
            before = walk
            walk = record.next
        }
        return before
    }

    /// Moves a binding to the front of its owner's chain.
    mutating func moveToFront(_ handle: Handle) {
        guard let owner = self.contacts[handle]?.owner else { return }
        self.unlink(handle)
        self.link(handle, after: .none, of: owner)
    }

    func name(of owner: Handle) -> ByteString {
        self.addresses[owner].map { ByteString(self.texts.span($0.name)) } ?? ByteString()
    }

    /// Puts a binding where its q belongs, behind those with the same one.
    mutating func reorder(_ handle: Handle) {
        guard let contact = self.contacts[handle] else { return }
        self.unlink(handle)
        self.link(handle, after: self.place(contact), of: contact.owner)
    }

    /// Puts all bindings of an address of record where their q belongs.
    /// - Parameter isNew: says of those that have come to the front, last come first, that they belong behind the
    ///   others of the same q, first come first.
    mutating func sort(_ owner: Handle, _ isNew: (Handle) -> Bool) {
        var chain: [(handle: Handle, q: Int16)] = []
        var walk = self.firstContact(of: owner)
        while let contact = self.contacts[walk] {
            chain.append((walk, contact.q))
            walk = contact.next
        }
        let new = chain.prefix { isNew($0.handle) }
        let sorted = (chain.dropFirst(new.count) + new.reversed()).enumerated().sorted { left, right in
            (-Int(left.element.q), left.offset) < (-Int(right.element.q), right.offset)
        }
        var before = Handle.none
        self.addresses.withRecord(owner) { $0.first = .none }
        for (_, element) in sorted {
            self.contacts.withRecord(element.handle) { $0.next = .none }
            self.link(element.handle, after: before, of: owner)
            before = element.handle
        }
    }

    /// Notes that the database is to be told of the binding.
    mutating func markDirty(_ handle: Handle) {
        let isNew = self.contacts.withRecord(handle) { contact in
            guard !contact.isDirty else { return false }
            contact.isDirty = true
            return true
        }
        if isNew == true { self.dirty.append(handle) }
    }

    /// Removes a binding; its owner stays, perhaps without bindings.
    mutating func remove(_ handle: Handle, _ commons: LocationCommons, hasLapsed: Bool = false) {
        self.unlink(handle)
        guard let contact = self.contacts.remove(handle) else { return }
        let interner = commons.interner
        if contact.isStored {
            if hasLapsed {
                self.lapsed.append(commons.ruid(contact))
            } else {
                self.deleted.append(commons.ruid(contact))
            }
        }
        if !self.attributes.isEmpty { self.attributes[handle] = nil }
        interner.release(contact.prefix)
        self.texts.free(contact.uri)
        self.texts.free(contact.callID)
        self.texts.free(contact.received)
        self.texts.free(contact.instance)
        interner.release(contact.userAgent)
        interner.release(contact.path)
        interner.release(contact.socket)
    }

    /// Puts a binding that is in no chain behind `before`, or in front of all.
    private mutating func link(_ handle: Handle, after before: Handle, of owner: Handle) {
        let after: Handle
        if before.isNone {
            after = self.firstContact(of: owner)
            self.addresses.withRecord(owner) { $0.first = handle }
        } else {
            after = self.contacts[before]?.next ?? .none
            self.contacts.withRecord(before) { $0.next = handle }
        }
        self.contacts.withRecord(handle) { contact in
            contact.next = after
            contact.previous = before
        }
        self.contacts.withRecord(after) { $0.previous = handle }
    }

    private mutating func unlink(_ handle: Handle) {
        guard let contact = self.contacts[handle] else { return }
        if contact.previous.isNone {
            self.addresses.withRecord(contact.owner) { $0.first = contact.next }
        } else {
            self.contacts.withRecord(contact.previous) { $0.next = contact.next }
        }
        self.contacts.withRecord(contact.next) { $0.previous = contact.previous }
    }

    /// The bindings in the next `slots` slots, round and round.
    mutating func nextContacts(slots: Int) -> [(Handle, ContactRecord)] {
        var found: [(Handle, ContactRecord)] = []
        var cursor = self.keepaliveCursor
        self.contacts.sweep(&cursor, slots: slots) { handle, contact in
            found.append((handle, contact))
            return .keep
        }
        self.keepaliveCursor = cursor
        return found
    }

    // MARK: Expiry

    /// Looks at the next `slots` slots and removes what has expired.
    /// - Parameter limit: bindings that expire at this second or before go.
    /// - Returns: how many bindings went.
    mutating func sweep(
        slots: Int, limit: UInt32, _ commons: LocationCommons, forgets: Bool,
        _ seen: (borrowing LocationStripe, ContactRecord) -> Void
    ) -> Int {
        self.doomed.removeAll()
        var doomed = FlatStore<Handle>(capacity: 1)
        swap(&doomed, &self.doomed)
        var cursor = self.cursor
        self.contacts.sweep(&cursor, slots: slots) { handle, contact in
            if contact.isExpired(at: limit) { doomed.append(handle) }
            return .keep
        }
        self.cursor = cursor
        for index in 0..<doomed.count {
            guard let contact = self.contacts[doomed[index]] else { continue }
            seen(self, contact)
            if forgets { self.contacts.withRecord(doomed[index]) { $0.isStored = false } }
            self.remove(doomed[index], commons, hasLapsed: true)
            self.removeIfEmpty(contact.owner)
        }
        let count = doomed.count
        swap(&doomed, &self.doomed)
        return count
    }
}
