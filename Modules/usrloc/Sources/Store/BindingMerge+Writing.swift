import Bytes

extension BindingMerge {
    private var interner: Interner { self.table.commons.interner }

    private func expiry(_ update: BindingUpdate) -> UInt32 {
        let (sum, overflow) = self.now.addingReportingOverflow(update.expires)
        return overflow ? ContactRecord.permanent : sum
    }

    /// Brings a binding up to date. Texts are stored again only where they differ.
    mutating func refresh(
        _ stripe: inout LocationStripe, _ handle: Handle, _ text: Span<UInt8>, _ update: BindingUpdate,
        _ received: Span<UInt8>
    ) -> Bool {
        guard var contact = stripe.contacts[handle] else { return false }
        let registration = self.registration
        let isStored =
            Self.store(text, update.uri, &contact.uri, &stripe.texts)
            && Self.store(text, registration.callID, &contact.callID, &stripe.texts)
            && (update.instance.count <= 0
                || Self.store(text, update.instance, &contact.instance, &stripe.texts))
            && (update.received.isPresent
                ? Self.store(text, update.received, &contact.received, &stripe.texts)
                : Self.store(received, ByteRange(start: 0, count: received.count), &contact.received, &stripe.texts))
        self.share(registration.userAgent, &contact.userAgent)
        self.share(registration.path, &contact.path)
        self.share(registration.socket, &contact.socket)
        let hasMoved = contact.q != update.q && !contact.owner.isNone
        contact.expires = self.expiry(update)
        contact.modified = self.now
        contact.cSeq = registration.cSeq
        contact.q = update.q
        contact.methods = update.methods
        contact.branchFlags = registration.branchFlags
        contact.flags = registration.flags
        // A REGISTER without reg-id leaves that of the binding.
        if update.regID > 0 { contact.regID = update.regID }
        contact.connection = registration.connection.rawValue
        stripe.contacts.withRecord(handle) { $0 = contact }
        if self.rules.isNewestFirst {
            stripe.moveToFront(handle)
        } else if hasMoved, self.index != nil {
            stripe.moveToFront(handle)
            self.moved.insert(handle)
        } else if hasMoved {
            stripe.reorder(handle)
        }
        if let attributes = self.attributes {
            stripe.attributes[handle] = attributes
        } else if !stripe.attributes.isEmpty {
            stripe.attributes[handle] = nil
        }
        if self.rules.isJournaled { stripe.markDirty(handle) }
        self.index?.add(handle, contact, stripe.texts)
        return isStored
    }

    mutating func insert(
        _ stripe: inout LocationStripe, _ owner: Handle, _ text: Span<UInt8>, _ update: BindingUpdate,
        _ received: Span<UInt8>
    ) -> Bool {
        let contact = ContactRecord(
            owner: owner, expires: self.expiry(update), modified: self.now, cSeq: self.registration.cSeq,
            methods: update.methods, branchFlags: 0, flags: 0, regID: 0, q: update.q, connection: 0,
            number: self.table.commons.nextNumber())
        let isSortedLater = self.index != nil
        guard let handle = stripe.insert(contact, atFront: self.rules.isNewestFirst || isSortedLater) else {
            return false
        }
        if isSortedLater { self.moved.insert(handle) }
        guard self.refresh(&stripe, handle, text, update, received) else {
            stripe.remove(handle, self.table.commons)
            return false
        }
        return true
    }

    /// Makes `handle` name the bytes of `range`, unless it does already.
    private static func store(
        _ text: Span<UInt8>, _ range: ByteRange, _ handle: inout PackedHandle, _ texts: inout PackedBytes
    ) -> Bool {
        guard range.isPresent, range.count > 0 else {
            if !handle.isEmpty { texts.free(handle) }
            handle = .empty
            return true
        }
        if text.equals(range, texts.span(handle)) { return true }
        return texts.replace(&handle, with: text.extracting(range.indices))
    }

    /// Makes `id` name the shared text `new`.
    private func share(_ new: InternedID, _ id: inout InternedID) {
        guard id != new else { return }
        self.interner.retain(new)
        self.interner.release(id)
        id = new
    }
}
