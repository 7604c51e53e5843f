import Bytes
import ModuleKit

/// One REGISTER against the bindings of one address of record, under the lock of its stripe.
struct BindingMerge {
    let table: LocationTable
    let registration: Registration
    let rules: BindingRules
    let now: UInt32
    let chainHash: UInt32
    /// `$xavp` fields to keep with the bindings.
    let attributes: NamedStacks?
    /// More contacts than that are looked up in an index, and put in order at the end.
    var many = 8
    var index: BindingIndex?
    /// Bindings that wait in front of the others until `sort`.
    var moved: Set<Handle> = []

    mutating func run(
        _ stripe: inout LocationStripe, _ owner: inout Handle, _ address: Span<UInt8>, _ text: Span<UInt8>,
        _ updates: borrowing FlatStore<BindingUpdate>, _ received: Span<UInt8>
    ) -> RegistrationResult {
        stripe.prefetchTexts(of: owner)
        // By Call-ID alone all contacts of a REGISTER are one binding.
        if updates.count > self.many, self.rules.matching != .callID {
            self.index = BindingIndex(of: owner, in: stripe, self.rules.matching)
        }
        let result = self.apply(&stripe, &owner, address, text, updates, received)
        if !self.moved.isEmpty, !self.rules.isNewestFirst {
            let moved = self.moved
            stripe.sort(owner) { moved.contains($0) }
        }
        return result
    }

    private mutating func apply(
        _ stripe: inout LocationStripe, _ owner: inout Handle, _ address: Span<UInt8>, _ text: Span<UInt8>,
        _ updates: borrowing FlatStore<BindingUpdate>, _ received: Span<UInt8>
    ) -> RegistrationResult {
        guard updates.count > 0 else { return .unchanged }
        let kept = self.registration.replacesAll ? 1 : updates.count
        var only = Handle.none
        if let failure = self.check(stripe, owner, text, updates, kept, &only) { return failure }
        var result = RegistrationResult.unchanged
        if self.registration.replacesAll {
            if self.removeOthers(&stripe, owner, text, updates[0]) { result = .removed }
        }
        // Of a contact that stands twice the last one counts for a user that is new, else the first one.
        let isNew = owner.isNone
        for pass in 0..<2 {
            for index in 0..<kept {
                let update = updates[index]
                // What is removed makes room first.
                guard (update.expires == 0) == (pass == 0) else { continue }
                let known = kept == 1 ? only : self.match(stripe, owner, text, update)
                if let contact = stripe.contacts[known] {
                    if !isNew, self.isRetransmission(stripe, contact, text) { continue }
                    if update.expires == 0 {
                        stripe.remove(known, self.table.commons)
                        result = .removed
                    } else {
                        guard self.refresh(&stripe, known, text, update, received) else { return .full }
                        if !isNew { result = .updated }
                    }
                } else if update.expires > 0 {
                    if owner.isNone { owner = stripe.insert(address, hash: self.chainHash) }
                    guard !owner.isNone, self.insert(&stripe, owner, text, update, received) else { return .full }
                    result = .inserted
                }
            }
        }
        return result
    }

    /// Refuses what must not begin: an old CSeq, too many bindings.
    private func check(
        _ stripe: borrowing LocationStripe, _ owner: Handle, _ text: Span<UInt8>,
        _ updates: borrowing FlatStore<BindingUpdate>, _ kept: Int, _ found: inout Handle
    ) -> RegistrationResult? {
        var growth = 0
        for index in 0..<kept {
            let update = updates[index]
            found = self.match(stripe, owner, text, update)
            if let contact = stripe.contacts[found] {
                let isSameCall = text.equals(self.registration.callID, stripe.texts.span(contact.callID))
                if isSameCall, self.registration.cSeq < contact.cSeq, !contact.isExpired(at: self.now) {
                    return .outOfOrder
                }
                if update.expires == 0 { growth -= 1 }
            } else if update.expires > 0 {
                growth += 1
            }
        }
        guard self.registration.maxContacts > 0, growth > 0, !self.registration.replacesAll else { return nil }
        var count = 0
        var walk = stripe.firstContact(of: owner)
        while let contact = stripe.contacts[walk] {
            if !contact.isExpired(at: self.now) { count += 1 }
            walk = contact.next
        }
        return count + growth > self.registration.maxContacts ? .tooMany : nil
    }

    /// The binding that the update means: by instance and reg-id where it has them, else as the rules say.
    private func match(
        _ stripe: borrowing LocationStripe, _ owner: Handle, _ text: Span<UInt8>, _ update: BindingUpdate
    ) -> Handle {
        if let index = self.index {
            let flow = index.flow(text, update) { handle in
                stripe.contacts[handle].map { self.isFlow(stripe, $0, text, update) } ?? false
            }
            guard flow.isNone else { return flow }
            return index.named(text, update, self.registration, tellsFlowsApart: self.rules.tellsFlowsApart) { handle in
                stripe.contacts[handle].map { self.isMatch(stripe, $0, text, update) } ?? false
            }
        }
        if update.instance.count > 0 {
            var walk = stripe.firstContact(of: owner)
            while let contact = stripe.contacts[walk] {
                if self.isFlow(stripe, contact, text, update) { return walk }
                walk = contact.next
            }
        }
        var walk = stripe.firstContact(of: owner)
        while let contact = stripe.contacts[walk] {
            if self.isMatch(stripe, contact, text, update) { return walk }
            walk = contact.next
        }
        return .none
    }

    private func isFlow(
        _ stripe: borrowing LocationStripe, _ contact: ContactRecord, _ text: Span<UInt8>, _ update: BindingUpdate
    ) -> Bool {
        contact.regID == update.regID && !contact.instance.isEmpty
            && text.equals(update.instance, stripe.texts.span(contact.instance))
    }

    private func isMatch(
        _ stripe: borrowing LocationStripe, _ contact: ContactRecord, _ text: Span<UInt8>, _ update: BindingUpdate
    ) -> Bool {
        // Flows of one instance are told apart by reg-id alone (RFC 5626 §6).
        if update.instance.count > 0, !contact.instance.isEmpty,
            contact.regID != update.regID, update.regID > 0 || self.rules.tellsFlowsApart,
            text.equals(update.instance, stripe.texts.span(contact.instance))
        {
            return false
        }
        if self.rules.matching == .callID {
            return text.equals(self.registration.callID, stripe.texts.span(contact.callID))
        }
        guard text.equals(update.uri, stripe.texts.span(contact.uri)) else { return false }
        switch self.rules.matching {
        case .uri, .callID: return true
        case .uriAndCallID: return text.equals(self.registration.callID, stripe.texts.span(contact.callID))
        case .uriAndPath: return contact.path == self.registration.path
        }
    }

    private func isRetransmission(
        _ stripe: borrowing LocationStripe, _ contact: ContactRecord, _ text: Span<UInt8>
    ) -> Bool {
        contact.cSeq == self.registration.cSeq && self.now < contact.modified &+ self.rules.cSeqDelay
            && !contact.isExpired(at: self.now)
            && text.equals(self.registration.callID, stripe.texts.span(contact.callID))
    }

    private func removeOthers(
        _ stripe: inout LocationStripe, _ owner: Handle, _ text: Span<UInt8>, _ update: BindingUpdate
    ) -> Bool {
        let kept = self.match(stripe, owner, text, update)
        var isRemoved = false
        var walk = stripe.firstContact(of: owner)
        while let contact = stripe.contacts[walk] {
            if walk != kept {
                stripe.remove(walk, self.table.commons)
                isRemoved = true
            }
            walk = contact.next
        }
        return isRemoved
    }
}
