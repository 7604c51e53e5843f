import Bytes
import ModuleKit

extension LocationTable {
    /// Does what a REGISTER asks (RFC 3261 §10.3 steps 6 to 8), and lists the bindings as they are then.
    ///
    /// All under one lock, all or nothing where the number of bindings or CSeq is concerned. A refresh that changes
    /// nothing but times allocates nothing.
    /// - Parameters:
    ///   - address: address of record, folded as the registrar folds it.
    ///   - text: the message, for the ranges.
    ///   - received: for bindings that have no `received` parameter; or nothing.
    ///   - listing: nil: `reply` stays as it is.
    ///   - reply: gets `Contact: …` with its CRLF when there are bindings, also after a failure.
    public func register(
        _ address: Span<UInt8>, _ text: Span<UInt8>, _ updates: borrowing FlatStore<BindingUpdate>,
        _ registration: Registration, received: Span<UInt8>, attributes: NamedStacks? = nil, rules: BindingRules,
        now: Instant,
        listing: ContactListing?, into reply: ByteBuffer
    ) -> RegistrationResult {
        let hash = self.hash(address)
        let index = self.stripes.index(of: hash)
        let second = now.seconds
        var merge = BindingMerge(
            table: self, registration: registration, rules: rules, now: second, chainHash: Self.chainHash(hash),
            attributes: attributes)
        var result = RegistrationResult.unchanged
        self.stripes.withStripe(at: index) { stripe in
            var owner = stripe.find(address, hash: merge.chainHash)
            result = merge.run(&stripe, &owner, address, text, updates, received)
            if let listing { stripe.list(owner, at: second, listing, self.commons, stripe: index, into: reply) }
            stripe.removeIfEmpty(owner)
        }
        return result
    }

    /// Lists the bindings of an address of record as `Contact: …` with its CRLF; nothing when there are none.
    public func list(_ address: Span<UInt8>, now: Instant, _ listing: ContactListing, into reply: ByteBuffer) {
        let hash = self.hash(address)
        let index = self.stripes.index(of: hash)
        self.stripes.withStripe(at: index) { stripe in
            stripe.list(
                stripe.find(address, hash: Self.chainHash(hash)), at: now.seconds, listing, self.commons, stripe: index,
                into: reply)
        }
    }

    /// `Contact: *` with expiry 0: removes all bindings (RFC 3261 §10.2.2).
    public func unregisterAll(
        _ address: Span<UInt8>, _ text: Span<UInt8>, _ registration: Registration
    ) -> RegistrationResult {
        let hash = self.hash(address)
        return self.stripes.withStripe(hash) { stripe in
            let owner = stripe.find(address, hash: Self.chainHash(hash))
            guard !owner.isNone else { return .removed }
            var walk = stripe.firstContact(of: owner)
            while let contact = stripe.contacts[walk] {
                let isSame = text.equals(registration.callID, stripe.texts.span(contact.callID))
                if isSame, registration.cSeq < contact.cSeq { return .outOfOrder }
                walk = contact.next
            }
            while case let contact = stripe.firstContact(of: owner), !contact.isNone {
                stripe.remove(contact, self.commons)
            }
            stripe.removeIfEmpty(owner)
            return .removed
        }
    }
}

extension LocationStripe {
    /// Appends `Contact: <uri>;q=0.5;expires=N;received="…", …` and CRLF; nothing when no binding is valid.
    func list(
        _ owner: Handle, at now: UInt32, _ listing: ContactListing, _ commons: LocationCommons, stripe: Int,
        into buffer: ByteBuffer
    ) {
        var walk = self.firstContact(of: owner)
        var isFirst = true
        while let contact = self.contacts[walk] {
            let handle = walk
            walk = contact.next
            guard !contact.isExpired(at: now) else { continue }
            buffer.append(isFirst ? "Contact: <" : ", <")
            isFirst = false
            buffer.append(self.texts.span(contact.uri))
            buffer.append(UInt8(ascii: ">"))
            if contact.q >= 0 {
                buffer.append(";q=")
                buffer.append(quality: Int(contact.q))
            }
            buffer.append(";expires=")
            buffer.append(decimal: contact.expires == ContactRecord.permanent ? 0 : Int(contact.expires - now))
            if !contact.received.isEmpty {
                buffer.append(UInt8(ascii: ";"))
                buffer.append(listing.receivedName)
                buffer.append("=\"")
                buffer.append(self.texts.span(contact.received))
                buffer.append(UInt8(ascii: "\""))
            }
            if !contact.instance.isEmpty {
                if let address = listing.gruuAddress {
                    buffer.append(";pub-gruu=\"sip:")
                    buffer.append(address)
                    buffer.append(";gr=")
                    let instance = self.texts.span(contact.instance)
                    buffer.append(instance, TemporaryGRUU.bare(instance))
                    buffer.append("\";temp-gruu=\"sip:")
                    TemporaryGRUU.write(commons.ruid(contact), stripe: stripe, handle, to: buffer)
                    buffer.append(UInt8(ascii: "@"))
                    buffer.append(listing.gruuHost)
                    buffer.append(";gr\"")
                }
                buffer.append(";+sip.instance=\"")
                buffer.append(self.texts.span(contact.instance))
                buffer.append(UInt8(ascii: "\""))
            }
            if contact.regID > 0 {
                buffer.append(";reg-id=")
                buffer.append(decimal: Int(contact.regID))
            }
        }
        if !isFirst { buffer.append("\r\n") }
    }
}
