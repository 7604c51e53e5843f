import Bytes
import ModuleKit
import SIPMessage

/// A contact with what usrloc has kept with it.
struct StoredContact {
    var target: BranchTarget
    var attributes: NamedStacks?
}

/// The destination set of a request put away in an `$xavp`, best contact on top: one root value for each contact, with
/// the fields `uri`, `dst_uri`, `path`, `sock`, `flags`, `ruid`, `instance`, `ua`, and `q_flag`, which is 4 where the next
/// contact has a smaller q; with `xavp_contact` also the contact's attributes under that name.
struct ContactStore {
    private static let lastOfGroup = 4

    let name: ByteString
    /// `xavp_contact`; empty: contacts have no attributes.
    var attributesName = ByteString()

    // MARK: Putting away

    /// Puts contacts away, the best one on top.
    /// - Parameter contacts: best first.
    func put(_ contacts: [StoredContact], into attributes: inout AttributeStack) {
        var index = contacts.count - 1
        while index >= 0 {
            let contact = contacts[index]
            let isLast = index + 1 < contacts.count && contacts[index + 1].target.q < contact.target.q
            attributes.xavp.push(self.name, .fields(self.fields(contact, isLastOfGroup: isLast)))
            index -= 1
        }
    }

    /// Takes the attributes of as many contacts, in the order of the contacts; nil for those that have none.
    func takeAttributes(of count: Int, from attributes: inout AttributeStack) -> [NamedStacks?] {
        guard !self.attributesName.isEmpty else { return Array(repeating: nil, count: count) }
        let found = (0..<count).map { attributes.xavp.fields(self.attributesName, at: $0) }
        attributes.xavp.removeAll(self.attributesName)
        return found.map { $0?.isEmpty == false ? $0 : nil }
    }

    /// Puts the attributes of the contact that comes next on top; empty ones hold the place of one that has none.
    func show(_ own: NamedStacks?, in attributes: inout AttributeStack) {
        guard !self.attributesName.isEmpty else { return }
        if attributes.xavp.fields(self.attributesName)?.isEmpty == true {
            attributes.xavp.remove(self.attributesName)
        }
        attributes.xavp.push(self.attributesName, .fields(own ?? NamedStacks()))
    }

    func fields(_ contact: StoredContact, isLastOfGroup: Bool) -> NamedStacks {
        var fields = Self.fields(contact.target, isLastOfGroup: isLastOfGroup)
        if let own = contact.attributes { fields.push(self.attributesName, .fields(own)) }
        return fields
    }

    private static func fields(_ target: BranchTarget, isLastOfGroup: Bool) -> NamedStacks {
        var fields = NamedStacks()
        fields.push("uri", .bytes(target.uri ?? ByteString()))
        if let destination = target.destinationURI { fields.push("dst_uri", .bytes(destination)) }
        if !target.path.isEmpty { fields.push("path", .bytes(target.path)) }
        if let socket = target.socket { fields.push("sock", .bytes(socket.socketName)) }
        fields.push("flags", .int(Int(target.flags)))
        fields.push("q_flag", .int(isLastOfGroup ? Self.lastOfGroup : 0))
        if !target.instance.isEmpty { fields.push("instance", .bytes(target.instance)) }
        if !target.ruid.isEmpty { fields.push("ruid", .bytes(target.ruid)) }
        if !target.userAgent.isEmpty { fields.push("ua", .bytes(target.userAgent)) }
        if target.connection.isPresent {
            fields.push("otcpid", .int(Int(truncatingIfNeeded: target.connection.rawValue)))
        }
        return fields
    }

    // MARK: Taking

    /// The next contact, which is put away no longer.
    /// - Returns: nil when none is left; `isLast` when the next one has a smaller q.
    func take(
        from attributes: inout AttributeStack, _ route: RouteContext
    ) -> (contact: StoredContact, isLast: Bool)? {
        guard let fields = attributes.xavp.fields(self.name) else { return nil }
        attributes.xavp.remove(self.name)
        return (self.contact(fields, route), fields.value("q_flag").number == Self.lastOfGroup)
    }

    /// Takes the first contact of that instance out of the store.
    func take(
        instance: ByteString, from attributes: inout AttributeStack, _ route: RouteContext
    ) -> StoredContact? {
        let count = attributes.xavp.count(self.name)
        for index in 0..<count {
            guard let fields = attributes.xavp.fields(self.name, at: index),
                route.equals(fields.value("instance"), instance)
            else { continue }
            attributes.xavp.remove(self.name, at: index)
            return self.contact(fields, route)
        }
        return nil
    }

    private func contact(_ fields: NamedStacks, _ route: RouteContext) -> StoredContact {
        StoredContact(
            target: Self.target(fields, route),
            attributes: self.attributesName.isEmpty ? nil : fields.fields(self.attributesName))
    }

    private static func target(_ fields: NamedStacks, _ route: RouteContext) -> BranchTarget {
        func text(_ name: ByteString) -> ByteString { route.text(fields.value(name)) }
        var target = BranchTarget(uri: text("uri"))
        let destination = text("dst_uri")
        if !destination.isEmpty { target.destinationURI = destination }
        let socket = text("sock")
        if !socket.isEmpty { target.socket = route.worker.host.socket(named: socket) }
        target.flags = UInt32(truncatingIfNeeded: fields.value("flags").number)
        target.setDetails(
            path: text("path"), ruid: text("ruid"), instance: text("instance"), userAgent: text("ua"))
        target.connection = ConnectionID(rawValue: UInt64(truncatingIfNeeded: fields.value("otcpid").number))
        return target
    }
}

extension Value {
    /// The number that it is, else 0.
    fileprivate var number: Int { if case .int(let number) = self { number } else { 0 } }
}
