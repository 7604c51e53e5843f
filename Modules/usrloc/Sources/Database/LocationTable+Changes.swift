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
        // A slice of each stripe in turn: who waits for the lock of one gets it before the next slice.
        var isMoving = true
        while isMoving {
            isMoving = false
            for index in 0..<self.stripes.count {
                let most = min(Self.slice, pending.rows[index], limit - rows.count)
                let mostDeleted = min(Self.slice, pending.deleted[index], limit - deleted.count)
                let mostLapsed = min(Self.slice, lapsed - gone.count)
                guard most + mostDeleted + mostLapsed > 0 else { continue }
                let copies = self.stripes.withStripe(at: index) { stripe in
                    let handles = Array(stripe.dirty.prefix(most))
                    stripe.dirty.removeFirst(handles.count)
                    let before = deleted.count + gone.count
                    Self.move(&stripe.deleted, mostDeleted, to: &deleted)
                    Self.move(&stripe.lapsed, mostLapsed, to: &gone)
                    if handles.count + deleted.count + gone.count > before { isMoving = true }
                    return handles.compactMap { self.take($0, from: &stripe, at: now) }
                }
                pending.rows[index] -= most
                pending.deleted[index] -= mostDeleted
                rows += copies.map { contact, name in
                    LocationRow(
                        contact, address: name, now: now, wall: wall, serverID: serverID,
                        isKept: natFlag.map { contact.record.branchFlags & 1 << UInt32($0) != 0 } ?? false)
                }
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
        let attributes = stripe.attributes.isEmpty ? nil : stripe.attributes[handle]
        let copy = self.copy(contact, from: stripe, at: now, attributes: attributes)
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
                    if contact.isNumbered(number), self.commons.ruid(contact) == row.ruid {
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
