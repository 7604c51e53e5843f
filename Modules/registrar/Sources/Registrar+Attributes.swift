import Bytes
import ModuleKit
import SIPMessage
import usrloc

// `$xavp`s that the script and the registrar tell each other things with.
extension Registrar {
    /// What `xavp_cfg` says for one call.
    struct Wishes {
        var q: Int?
        var expires: Int?
        var maxContacts: Int?
        var socket: ByteString?
        var callID: ByteString?
        var contact: ByteString?
        var received: ByteString?
        /// Branch flags that a contact must have one of.
        var flags: Int?
        var connection: Int?
    }

    func wishes(_ route: RouteContext) -> Wishes {
        var wishes = Wishes()
        guard !self.settings.wishesName.isEmpty,
            let fields = route.attributes.xavp.fields(self.settings.wishesName)
        else { return wishes }
        func number(_ name: ByteString) -> Int? {
            let value = fields.value(name)
            return value.isNull ? nil : route.int(value)
        }
        func text(_ name: ByteString) -> ByteString? {
            let value = fields.value(name)
            return value.isNull ? nil : route.text(value)
        }
        wishes.q = number("q")
        wishes.expires = number("expires")
        wishes.maxContacts = number("max_contacts")
        wishes.socket = text("socket")
        wishes.callID = text("match_callid")
        wishes.contact = text("match_contact")
        wishes.received = text("match_received")
        wishes.flags = number("rlf_bflags")
        wishes.connection = number("tcpconn_id")
        return wishes
    }

    /// The fields of `xavp_contact`, to be kept with the bindings.
    func attributes(_ route: RouteContext) -> NamedStacks? {
        let name = self.location.attributesName
        return name.isEmpty ? nil : route.attributes.xavp.fields(name)
    }

    /// Gives the script the fields that were kept with a binding.
    func restore(_ attributes: NamedStacks?, _ route: RouteContext) {
        let name = self.location.attributesName
        guard !name.isEmpty, let attributes else { return }
        route.attributes.xavp.removeAll(name)
        route.attributes.xavp.push(name, .fields(attributes))
    }

    /// Gives the script the fields that were kept with the contacts of a look-up, the best contact's on top. Empty ones
    /// hold the place of contacts that have none.
    func restore(ofAll contacts: [FoundContact], _ route: RouteContext) {
        let name = self.location.attributesName
        guard !name.isEmpty, contacts.contains(where: { $0.attributes != nil }) else { return }
        route.attributes.xavp.removeAll(name)
        for contact in contacts.reversed() {
            route.attributes.xavp.push(name, .fields(contact.attributes ?? NamedStacks()))
        }
    }

    /// Says in `xavp_rcd` what became of the bindings: of the last of them.
    func record(_ route: RouteContext, _ table: LocationTable, _ address: Span<UInt8>) {
        guard !self.settings.recordName.isEmpty,
            let last = table.contacts(of: address, now: route.worker.now).last
        else { return }
        self.record(route, last)
    }

    func record(_ route: RouteContext, _ contact: FoundContact) {
        let name = self.settings.recordName
        guard !name.isEmpty else { return }
        var fields = NamedStacks()
        let mask = self.settings.recordMask
        if mask & 1 == 0 { fields.push("ruid", .bytes(contact.ruid)) }
        if mask & 2 == 0 { fields.push("contact", .bytes(contact.uri)) }
        if mask & 4 == 0 { fields.push("expires", .int(contact.secondsLeft ?? 0)) }
        if mask & 8 == 0, !contact.received.isEmpty { fields.push("received", .bytes(contact.received)) }
        if mask & 16 == 0, !contact.path.isEmpty { fields.push("path", .bytes(contact.path)) }
        route.attributes.xavp.removeAll(name)
        route.attributes.xavp.push(name, .fields(fields))
    }

    /// `lookup_xavp`: a record, and one set of fields for each contact, best first.
    func lookupAttributes(
        _ route: RouteContext, in table: LocationTable, uri: ByteString, record: ByteString, contact: ByteString
    ) -> Int {
        let found: ContactSet
        switch self.fetch(route, in: table, uri: uri) {
        case .found(let set): found = set
        case .nobody: return -1
        case .badURI: return -3
        }
        var fields = NamedStacks()
        for name in ["count", "aorhash", "domain", "aor"] as [ByteString] {
            fields.push(name, ContactSet.Attribute(name).map { found.value($0, 0) } ?? .null)
        }
        route.attributes.xavp.removeAll(record)
        route.attributes.xavp.push(record, .fields(fields))
        route.attributes.xavp.removeAll(contact)
        for index in found.contacts.indices.reversed() {
            var fields = NamedStacks()
            for attribute in ContactSet.Attribute.ofContacts.reversed() {
                let value = found.value(attribute, index)
                if !value.isNull { fields.push(ByteString(attribute.rawValue), value) }
            }
            if let own = found.contacts[index].attributes { fields.push("xavp", .fields(own)) }
            route.attributes.xavp.push(contact, .fields(fields))
        }
        return 1
    }
}
