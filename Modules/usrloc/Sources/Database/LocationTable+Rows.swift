import Bytes
import ModuleKit

extension LocationTable {
    /// Takes in what a row says, unless a binding of that `ruid` is there.
    /// - Parameters:
    ///   - now: second of the monotonic clock; `wall`: the same moment on the wall clock.
    ///   - isStored: changes go back to the row.
    package func restore(_ row: LocationRow, now: UInt32, wall: Int, isStored: Bool, memo: InternMemo) {
        let address = row.address
        let hash = self.hash(address.span)
        // A row without `ruid` gets one of this server: bindings are told apart by it.
        let (prefix, number) = row.ruid.isEmpty ? (row.ruid, self.commons.nextNumber()) : Self.parts(row.ruid)
        let ids = [
            memo.id(prefix.span), memo.id(row.userAgent.span), memo.id(row.path.span), memo.id(row.socket.span),
        ]
        let interner = self.commons.interner
        self.stripes.withStripe(hash) { stripe in
            var owner = stripe.find(address.span, hash: Self.chainHash(hash))
            var walk = stripe.firstContact(of: owner)
            while let known = stripe.contacts[walk] {
                if known.isNumbered(number), self.commons.ruid(known) == row.ruid { return }
                walk = known.next
            }
            if owner.isNone { owner = stripe.insert(address.span, hash: Self.chainHash(hash)) }
            guard !owner.isNone else { return }
            func second(_ time: Int) -> UInt32 { UInt32(clamping: max(Int(now) + time - wall, 1)) }
            var record = ContactRecord(
                owner: owner, expires: row.expires == 0 ? ContactRecord.permanent : second(row.expires),
                modified: second(row.lastModified), cSeq: row.cSeq, methods: row.methods, branchFlags: row.branchFlags,
                flags: row.flags, regID: row.regID, q: Int16(clamping: row.q), connection: 0, number: number)
            guard let uri = stripe.texts.store(row.contact.span), let call = stripe.texts.store(row.callID.span),
                let received = stripe.texts.store(row.received.span),
                let instance = stripe.texts.store(row.instance.span)
            else { return stripe.removeIfEmpty(owner) }
            (record.uri, record.callID, record.received, record.instance) = (uri, call, received, instance)
            (record.prefix, record.userAgent, record.path, record.socket) = (ids[0], ids[1], ids[2], ids[3])
            record.isStored = isStored
            for id in ids { interner.retain(id) }
            guard let handle = stripe.insert(record, atFront: false) else { return stripe.removeIfEmpty(owner) }
            if let attributes = row.attributes { stripe.attributes[handle] = attributes }
        }
        memo.settle()
    }

    /// What a `ruid` begins with, and its number; all of it and `.max` when it ends in none.
    static func parts(_ ruid: ByteString) -> (prefix: ByteString, number: UInt64) {
        guard let dash = ruid.bytes.lastIndex(of: UInt8(ascii: "-")), ruid.count - dash <= 16,
            dash + 1 < ruid.count, ruid.bytes[dash + 1] != UInt8(ascii: "0")
        else { return (ruid, .max) }
        var number: UInt64 = 0
        for byte in ruid.bytes[(dash + 1)...] {
            guard let digit = byte.hexValue, !(65...70).contains(byte) else { return (ruid, .max) }
            number = number << 4 | UInt64(digit)
        }
        return (ByteString(Array(ruid.bytes[...dash])), number)
    }

    /// Makes the bindings of an address of record those of the rows, unless some of its changes are still to be stored.
    func replace(_ address: ByteString, by rows: [LocationRow], now: UInt32, wall: Int, memo: InternMemo) {
        let hash = self.hash(address.span)
        let isClean = self.stripes.withStripe(hash) { stripe in
            let owner = stripe.find(address.span, hash: Self.chainHash(hash))
            var walk = stripe.firstContact(of: owner)
            while let contact = stripe.contacts[walk] {
                if contact.isDirty { return false }
                walk = contact.next
            }
            walk = stripe.firstContact(of: owner)
            while let contact = stripe.contacts[walk] {
                // Only memory forgets it.
                stripe.contacts.withRecord(walk) { $0.isStored = false }
                stripe.remove(walk, self.commons)
                walk = contact.next
            }
            stripe.removeIfEmpty(owner)
            return true
        }
        guard isClean else { return }
        for row in rows { self.restore(row, now: now, wall: wall, isStored: true, memo: memo) }
    }
}

extension ContactRecord {
    /// Whether its `ruid` may end in that number; says so of many without a text for each.
    func isNumbered(_ other: UInt64) -> Bool {
        (self.number ^ other) & ~LocationCommons.fromRPC == 0
    }
}
