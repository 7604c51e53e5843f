import Bytes

/// How much of what has changed is still to be taken out, stripe by stripe.
///
/// Changes are taken in the order in which they came up, so as many as there are at a moment are those of that moment.
struct PendingChanges: Sendable {
    fileprivate var rows: [Int]
    fileprivate var deleted: [Int]

    var isEmpty: Bool { self.rows.allSatisfy { $0 == 0 } && self.deleted.allSatisfy { $0 == 0 } }
}

// What the database is to be told.
extension LocationTable {
    /// Changes taken under one lock: who registers meanwhile is not to wait.
    private static let slice = 128

    /// Whether there is something.
    var hasChanges: Bool {
        (0..<self.stripes.count).contains { index in
            self.stripes.withStripe(at: index) { !$0.dirty.isEmpty || !$0.deleted.isEmpty || !$0.lapsed.isEmpty }
        }
    }

    /// Whether there are rows of bindings that have expired.
    var hasLapsed: Bool {
        (0..<self.stripes.count).contains { index in self.stripes.withStripe(at: index) { !$0.lapsed.isEmpty } }
    }

    /// All that is there now, but for what has expired.
    func pendingChanges() -> PendingChanges {
        var pending = PendingChanges(rows: [], deleted: [])
        self.stripes.forEachStripe { _, stripe in
            pending.rows.append(stripe.dirty.count)
            pending.deleted.append(stripe.deleted.count)
        }
        return pending
    }

    /// Takes out at most `limit` rows of `pending` and as many to delete, and at most `lapsed` that have expired. What is
    /// taken counts as stored.
    func takeChanges(
        _ pending: inout PendingChanges, limit: Int, lapsed: Int, now: UInt32, wall: Int, serverID: Int, _ natFlag: Int?
    ) -> (rows: [LocationRow], deleted: [ByteString]) {
        var rows: [LocationRow] = []
        var deleted: [ByteString] = []
        var gone: [ByteString] = []
        for index in 0..<self.stripes.count {
            while true {
                let most = min(Self.slice, pending.rows[index], limit - rows.count)
                let mostDeleted = min(Self.slice, pending.deleted[index], limit - deleted.count)
                let mostLapsed = min(Self.slice, lapsed - gone.count)
                let (taken, copies) = self.stripes.withStripe(at: index) { stripe in
                    let handles = stripe.dirty.prefix(most)
                    let copies = handles.compactMap { self.take($0, from: &stripe, at: now) }
                    stripe.dirty.removeFirst(handles.count)
                    let count = deleted.count
                    Self.move(&stripe.deleted, mostDeleted, to: &deleted)
                    let before = gone.count
                    Self.move(&stripe.lapsed, mostLapsed, to: &gone)
                    return ((handles.count, deleted.count - count, gone.count - before), copies)
                }
                pending.rows[index] -= max(taken.0, most)
                pending.deleted[index] -= max(taken.1, mostDeleted)
                rows += copies.map { contact, name in
                    LocationRow(
                        contact, address: name, now: now, wall: wall, serverID: serverID,
                        isKept: natFlag.map { contact.record.branchFlags & 1 << UInt32($0) != 0 } ?? false)
                }
                if taken == (0, 0, 0) { break }
            }
        }
        return (rows, deleted + gone)
    }

    private static func move(_ source: inout [ByteString], _ count: Int, to target: inout [ByteString]) {
        target += source.prefix(count)
        source.removeFirst(min(count, source.count))
    }

    private func take(
        _ handle: Handle, from stripe: inout LocationStripe, at now: UInt32
    ) -> (contact: FoundContact, name: ByteString)? {
        guard let contact = stripe.contacts[handle] else { return nil }
        var copy = self.copy(contact, from: stripe, at: now)
        if !stripe.attributes.isEmpty { copy.attributes = stripe.attributes[handle] }
        stripe.contacts.withRecord(handle) { record in
            record.isDirty = false
            record.isStored = true
        }
        return (copy, stripe.name(of: contact.owner))
    }

    /// Puts back what could not be stored.
    func returnChanges(_ rows: [LocationRow], _ deleted: [ByteString]) {
        for row in rows {
            let hash = self.hash(row.address.span)
            let number = Self.parts(row.ruid).number
            self.stripes.withStripe(hash) { stripe in
                var walk = stripe.firstContact(of: stripe.find(row.address.span, hash: Self.chainHash(hash)))
                while let contact = stripe.contacts[walk] {
                    if contact.isNumbered(number), self.store.ruid(contact) == row.ruid {
                        // Whether the row was written is not known, so it is replaced, not added, next time.
                        stripe.markDirty(walk)
                        return
                    }
                    walk = contact.next
                }
                // It was removed meanwhile.
                stripe.deleted.append(row.ruid)
            }
        }
        guard !deleted.isEmpty else { return }
        self.stripes.withStripe(at: 0) { $0.deleted += deleted }
    }
}
