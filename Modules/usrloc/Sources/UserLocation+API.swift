import Bytes
import ModuleKit

extension UserLocation {
    /// The table of that name, made when it is asked for first. Ask once, when the script is loaded.
    public func location(_ name: ByteString) -> LocationTable { self.table(named: name) }

    /// Addresses of record contain the domain.
    public var usesDomain: Bool { self.settings.usesDomain }
    /// How bindings are told apart.
    public var rules: BindingRules { self.settings.rules }
    /// A memo of shared texts for one worker.
    public func makeMemo() -> InternMemo { InternMemo(self.store.interner) }
    /// The branch flag that says "behind NAT", or nil.
    public var natFlag: Int? { self.settings.natFlag >= 0 ? self.settings.natFlag : nil }
    /// The prefix that the server's `ruid`s begin with is its own; others are refused.
    public func ruid(_ number: UInt64) -> ByteString {
        let buffer = ByteBuffer(capacity: 40)
        self.store.write(ruid: number, to: buffer)
        return ByteString(buffer.span)
    }
}

/// A binding as `lookup` hands it out: everything copied, valid for ever.
public struct FoundContact: Sendable {
    public var uri: ByteString
    /// Where its REGISTER came from, when that was noted.
    public var received: ByteString
    /// Path vector as one header value.
    public var path: ByteString
    /// Name of the socket that it registered at.
    public var socket: ByteString
    public var instance: ByteString
    public var userAgent: ByteString
    public var callID: ByteString
    public var record: ContactRecord
    /// Seconds until it expires; nil for never.
    public var secondsLeft: Int?
}

extension LocationTable {
    /// The valid bindings of an address of record, best first.
    public func contacts(of address: Span<UInt8>, now: Instant) -> [FoundContact] {
        self.contacts(of: address, now: now, includingExpired: false)
    }

    func contacts(of address: Span<UInt8>, now: Instant, includingExpired: Bool) -> [FoundContact] {
        let hash = self.hash(address)
        let second = now.seconds
        var found: [FoundContact] = []
        self.stripes.withStripe(hash) { stripe in
            var walk = stripe.firstContact(of: stripe.find(address, hash: Self.chainHash(hash)))
            while let contact = stripe.contacts[walk] {
                walk = contact.next
                guard includingExpired || !contact.isExpired(at: second) else { continue }
                found.append(self.copy(contact, from: stripe, at: second))
            }
        }
        return found
    }

    func copy(_ contact: ContactRecord, from stripe: borrowing LocationStripe, at second: UInt32) -> FoundContact {
        let interner = self.store.interner
        return FoundContact(
            uri: ByteString(stripe.texts.span(contact.uri)),
            received: ByteString(stripe.texts.span(contact.received)),
            path: interner.text(contact.path),
            socket: interner.text(contact.socket),
            instance: ByteString(stripe.texts.span(contact.instance)),
            userAgent: interner.text(contact.userAgent),
            callID: ByteString(stripe.texts.span(contact.callID)),
            record: contact,
            secondsLeft: contact.expires == ContactRecord.permanent ? nil : Int(contact.expires) - Int(second)
        )
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
        guard let number = self.store.number(ruid: ruid) else { return false }
        return self.remove(of: address) { _, contact in contact.number == number } == true
    }
}
