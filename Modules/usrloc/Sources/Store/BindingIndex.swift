import Bytes

/// The bindings of one address of record by what a REGISTER names them with.
///
/// For one with many contacts: each of them would else be compared with each binding. What is found by hash is compared
/// once more by whoever asks, so bindings that have gone or changed since may stay in here.
struct BindingIndex {
    /// Bindings of one name and one instance, which differ by their reg-id only.
    private struct Group {
        var instance: UInt64
        var handles: [Handle]
    }

    private let matching: BindingRules.Matching
    private let seed = HashSeed.process
    private var flows: [UInt64: [Handle]] = [:]
    private var names: [UInt64: [Group]] = [:]

    init(of owner: Handle, in stripe: borrowing LocationStripe, _ matching: BindingRules.Matching) {
        self.matching = matching
        var walk = stripe.firstContact(of: owner)
        while let contact = stripe.contacts[walk] {
            self.add(walk, contact, stripe.texts)
            walk = contact.next
        }
    }

    mutating func add(_ handle: Handle, _ contact: ContactRecord, _ texts: borrowing PackedBytes) {
        let instance = self.hash(texts.span(contact.instance))
        if !contact.instance.isEmpty {
            self.flows[self.flow(instance, contact.regID), default: []].append(handle)
        }
        let uri = texts.span(contact.uri)
        let name = self.name(uri, texts.span(contact.callID), contact.path)
        var groups = self.names[name] ?? []
        if let known = groups.firstIndex(where: { $0.instance == instance }) {
            groups[known].handles.append(handle)
        } else {
            groups.append(Group(instance: instance, handles: [handle]))
        }
        self.names[name] = groups
    }

    /// The binding of the update's instance and reg-id that `fits`.
    func flow(_ text: Span<UInt8>, _ update: BindingUpdate, _ fits: (Handle) -> Bool) -> Handle {
        guard update.instance.count > 0 else { return .none }
        let instance = self.hash(text.extracting(update.instance.indices))
        return self.flows[self.flow(instance, update.regID)]?.first(where: fits) ?? .none
    }

    /// The binding that the rules say is the same and that `fits`.
    func named(
        _ text: Span<UInt8>, _ update: BindingUpdate, _ registration: Registration, tellsFlowsApart: Bool,
        _ fits: (Handle) -> Bool
    ) -> Handle {
        let uri = text.extracting(update.uri.indices)
        let callID = registration.callID.isPresent ? registration.callID : ByteRange(start: 0, count: 0)
        let name = self.name(uri, text.extracting(callID.indices), registration.path)
        guard let groups = self.names[name] else { return .none }
        // Other flows of the same instance never fit: thousands of them are not to be looked at.
        let isApart = update.instance.count > 0 && (update.regID > 0 || tellsFlowsApart)
        let own = isApart ? self.hash(text.extracting(update.instance.indices)) : nil
        for group in groups where group.instance != own {
            if let found = group.handles.first(where: fits) { return found }
        }
        return .none
    }

    private func hash(_ text: Span<UInt8>) -> UInt64 { text.isEmpty ? 0 : text.keyedHash(seed: self.seed) }
    private func flow(_ instance: UInt64, _ regID: UInt32) -> UInt64 { instance ^ UInt64(regID) << 16 }

    private func name(_ uri: Span<UInt8>, _ callID: Span<UInt8>, _ path: InternedID) -> UInt64 {
        switch self.matching {
        case .uri, .callID: self.hash(uri)
        case .uriAndCallID: self.hash(uri) ^ self.hash(callID) &* 0x9e37_79b9_7f4a_7c15
        case .uriAndPath: self.hash(uri) ^ UInt64(path.rawValue) &* 0x9e37_79b9_7f4a_7c15
        }
    }
}
