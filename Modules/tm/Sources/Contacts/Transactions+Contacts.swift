import Bytes
import ModuleKit
import SIPMessage

extension Transactions {
    var contactFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_load_contacts",
                Argument(
                    "mode", .int, "0 (left out) by q; 1 at random, the larger q the likelier the earlier.",
                    optional: true),
                in: [.request, .failure],
                summary:
                    "Puts the destination set away in contacts_avp, by falling q; nothing is done when there is but one contact.",
                reference: "RFC 3261 §16.6", outcomes: [1: "done, or nothing to do", -1: "contacts_avp is not set"],
                example: "t_load_contacts();",
                body: { [unowned self] route, arguments in
                    self.loadContacts(route, mode: arguments.int(0, in: route) ?? 0)
                }
            ),
            ScriptFunction(
                "t_next_contacts", in: [.request, .failure],
                summary:
                    "Makes the contacts of the largest q left the destination set. Of those with one instance only the first is taken, the others go to contact_flows_avp.",
                reference: "RFC 3261 §16.6", outcomes: [1: "done", -1: "contacts_avp is not set", -2: "none is left"],
                example: "t_load_contacts(); if (!t_next_contacts()) { exit; }",
                body: { [unowned self] route, _ in .code(self.nextContacts(route)) }
            ),
            ScriptFunction(
                "t_next_contact_flow", in: [.request, .failure, .branchFailure],
                summary: "Makes the next flow of the same instance as the main or the failed branch the main branch.",
                reference: "RFC 5626 §5.3",
                outcomes: [1: "done", -1: "contact_flows_avp is not set, or no instance", -2: "none is left"],
                example: "if (!t_next_contact_flow()) { exit; }",
                body: { [unowned self] route, _ in .code(self.nextFlow(route)) }
            ),
        ]
    }

    private func loadContacts(_ route: RouteContext, mode: Int) -> Outcome {
        guard let store = self.contacts else {
            route.log(.error, "t_load_contacts: contacts_avp is not set")
            return .failure
        }
        var targets: [BranchTarget] = []
        if !route.isTargetConsumed {
            var main = route.target
            main.uri = route.text(route.requestURI)
            targets.append(main)
        }
        targets.append(contentsOf: route.branches)
        guard targets.count > 1 else { return .success }
        route.attributes.xavp.removeAll(store.name)
        let attributes = store.takeAttributes(of: targets.count, from: &route.attributes)
        let contacts = zip(targets, attributes).map { StoredContact(target: $0, attributes: $1) }
        let ordered = mode == 1 ? Self.drawn(contacts) : Self.sorted(contacts)
        store.put(ordered, into: &route.attributes)
        route.branches.removeAll(keepingCapacity: true)
        return .success
    }

    /// By falling q; of equal ones the last first, as scripts know it.
    private static func sorted(_ contacts: [StoredContact]) -> [StoredContact] {
        contacts.enumerated()
            .sorted { ($0.element.target.q, $0.offset) > ($1.element.target.q, $1.offset) }
            .map(\.element)
    }

    /// One after the other, each drawn with a chance that goes by its q; each of them a group of its own.
    private static func drawn(_ contacts: [StoredContact]) -> [StoredContact] {
        var rest = contacts
        var result: [StoredContact] = []
        while !rest.isEmpty {
            let total = rest.reduce(0) { $0 + max($1.target.q, 1) }
            var point = Int.random(in: 0..<total)
            let index = rest.firstIndex { contact in
                point -= max(contact.target.q, 1)
                return point < 0
            }
            var next = rest.remove(at: index ?? 0)
            next.target.q = 1000 - result.count
            result.append(next)
        }
        return result
    }

    private func nextContacts(_ route: RouteContext) -> Int {
        guard let store = self.contacts else {
            route.log(.error, "t_next_contacts: contacts_avp is not set")
            return -1
        }
        var instances: [ByteString] = []
        var isFirst = true
        while let (contact, isLast) = store.take(from: &route.attributes, route) {
            let target = contact.target
            if !target.instance.isEmpty, instances.contains(target.instance), let flows = self.flows {
                route.attributes.xavp.push(
                    flows.name, .fields(flows.fields(contact, isLastOfGroup: false)))
            } else if isFirst {
                self.setMain(target, route)
                store.show(contact.attributes, in: &route.attributes)
                route.branches.removeAll(keepingCapacity: true)
                isFirst = false
            } else if route.branches.count + 1 < self.host.settings.maxBranches {
                var branch = target
                branch.q = 0
                route.branches.append(branch)
                store.show(contact.attributes, in: &route.attributes)
            }
            if !target.instance.isEmpty { instances.append(target.instance) }
            if isLast { break }
        }
        return isFirst ? -2 : 1
    }

    private func nextFlow(_ route: RouteContext) -> Int {
        guard let flows = self.flows else {
            route.log(.error, "t_next_contact_flow: contact_flows_avp is not set")
            return -1
        }
        var instance = route.target.instance
        if route.routeKind == .branchFailure, let failure = route.state(FailureState.self) {
            instance = self.target(route, branch: failure.branch)?.instance ?? instance
        }
        guard !instance.isEmpty else { return -1 }
        guard let contact = flows.take(instance: instance, from: &route.attributes, route) else { return -2 }
        self.setMain(contact.target, route)
        flows.show(contact.attributes, in: &route.attributes)
        return 1
    }

    private func setMain(_ target: BranchTarget, _ route: RouteContext) {
        route.target = target
        route.isTargetConsumed = false
        route.invalidateRequestURI()
    }

    private var contacts: ContactStore? {
        let name = self.settings.contactsVariable
        return name.isEmpty
            ? nil : ContactStore(name: name, attributesName: self.settings.attributesVariable)
    }

    private var flows: ContactStore? {
        let name = self.settings.flowsVariable
        return name.isEmpty
            ? nil : ContactStore(name: name, attributesName: self.settings.attributesVariable)
    }
}
