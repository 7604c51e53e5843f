import ModuleKit

extension Core {
    /// Instances of groups of custom parameters.
    var groupFunctions: [ScriptFunction] {
        let group = Argument("group", .literal, "Name of the group.")
        return [
            ScriptFunction(
                "cfg_select", group, Argument("id", .int, "Number of the instance, as in group[id].name = value."),
                in: .any, summary: "Lets the rest of this message's script see an instance of a group of parameters.",
                outcomes: [1: "chosen", -1: "no such instance"], example: #"cfg_select("gate", 1);"#
            ) { route, arguments in
                let group = arguments.text(0, in: route)
                guard let id = arguments.int(1, in: route) else { return .failure }
                guard route.configuration?.hasInstance(group, id) == true else {
                    route.log(.error, "cfg_select: group \(group) has no instance \(id)")
                    return .failure
                }
                route.selectedGroups.removeAll { $0.group == group }
                route.selectedGroups.append((group, id))
                return .success
            },
            ScriptFunction(
                "cfg_reset", group, in: .any, summary: "Goes back to the values outside of any instance.",
                outcomes: [1: "always"], example: #"cfg_reset("gate");"#
            ) { route, arguments in
                let group = arguments.text(0, in: route)
                route.selectedGroups.removeAll { $0.group == group }
                return .success
            },
        ]
    }
}
