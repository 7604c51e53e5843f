import ModuleKit

/// Where Kamailio's JSON has a list of objects, each with one member, the binary protocol has one struct in which a name
/// repeats. Commands answer in the latter form, which says nothing of lists with one element or none: these are known by
/// name.
enum JSONShape {
    private static let members: Set = ["aliases", "Domains", "AoRs", "Contacts"]
    private static let commands: Set = ["core.sockets_list"]

    /// Whether the whole answer of a command is such a list.
    static func isList(_ command: String) -> Bool { self.commands.contains(command) }

    static func of(_ values: [RPCValue], command: String) -> [RPCValue] {
        let values = values.map(self.of)
        guard self.isList(command), case .structure(let members)? = values.first else { return values }
        return self.list(members)
    }

    private static func of(_ value: RPCValue) -> RPCValue {
        switch value {
        case .null, .int, .double, .text: return value
        case .array(let items): return .array(items.map(self.of))
        case .structure(let members):
            return .structure(
                members.map { member in
                    let inner = self.of(member.value)
                    guard self.members.contains(member.name), case .structure(let parts) = inner else {
                        return RPCValue.Member(member.name, inner)
                    }
                    return RPCValue.Member(member.name, .array(self.list(parts)))
                })
        }
    }

    private static func list(_ members: [RPCValue.Member]) -> [RPCValue] { members.map { .structure([$0]) } }
}
