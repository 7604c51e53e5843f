import Bytes
import ModuleKit

extension ConfigurationCommands {
    public var commands: [RPCCommand] { self.reading + self.setting + self.delayed + self.instances }

    private var reading: [RPCCommand] {
        [
            RPCCommand("cfg.list", returnsArray: true, "Lists variables: [group].") {
                [unowned self] request throws(RPCFault) in
                let wanted = request.has(0) ? try request.text(0).string : nil
                return self.groups.variables.filter { wanted == nil || $0.group == wanted }
                    .map { .string("\($0.group): \($0.name)") }
            },
            RPCCommand("cfg.get", "Reads a variable, or all of a group: group, [name].") {
                [unowned self] request throws(RPCFault) in
                guard request.has(0) else { throw RPCFault(500, "Failed to get the parameters") }
                let group = try request.text(0).string
                guard request.has(1) else {
                    return [.structure(self.groups.group(group).map { RPCValue.Member($0.name, $0.read().rpc) })]
                }
                guard let variable = self.groups.find(group, try request.text(1).string) else {
                    throw RPCFault(400, "Failed to get the variable")
                }
                return [variable.read().rpc]
            },
            RPCCommand("cfg.help", returnsArray: true, "Describes a variable: group, name.") {
                [unowned self] request throws(RPCFault) in
                let group = try request.text(0).string
                guard let variable = self.groups.find(group, try request.text(1).string) else {
                    throw RPCFault(400, "Failed to get the variable description")
                }
                let type = if case .int = variable.initial { "integer" } else { "string" }
                return [.string(variable.summary), .string("(parameter type is \(type))")]
            },
        ]
    }

    private var setting: [RPCCommand] {
        ["cfg.set", "cfg.seti", "cfg.sets", "cfg.set_now_int", "cfg.set_now_string"].map { name in
            RPCCommand(name, "Changes a variable at once: group, name, value.") {
                [unowned self] request throws(RPCFault) in
                let (variable, content) = try self.change(request, name)
                variable.write?(content)
                return []
            }
        } + [
            RPCCommand("cfg.reset", "Gives the variables of a group the values they had at the start: group.") {
                [unowned self] request throws(RPCFault) in
                for variable in self.groups.group(try request.text(0).string) { variable.write?(variable.initial) }
                return []
            }
        ]
    }

    private var delayed: [RPCCommand] {
        ["cfg.set_delayed", "cfg.set_delayed_int", "cfg.set_delayed_string"].map { name in
            RPCCommand(name, "Prepares a change for cfg.commit: group, name, value.") {
                [unowned self] request throws(RPCFault) in
                let (variable, content) = try self.change(request, name)
                self.pending.withLock { pending in
                    pending.removeAll { $0.group == variable.group && $0.name == variable.name }
                    pending.append(PendingChange(group: variable.group, name: variable.name, value: content))
                }
                return []
            }
        } + [
            RPCCommand("cfg.commit", "Makes the prepared changes.") { [unowned self] _ throws(RPCFault) in
                let changes = self.takePending()
                for change in changes { self.groups.find(change.group, change.name)?.write?(change.value) }
                return []
            },
            RPCCommand("cfg.rollback", "Forgets the prepared changes.") { [unowned self] _ throws(RPCFault) in
                _ = self.takePending()
                return []
            },
            RPCCommand("cfg.diff", returnsArray: true, "Lists the prepared changes.") {
                [unowned self] _ throws(RPCFault) in
                self.pending.withLock { $0 }.compactMap { change in
                    guard let variable = self.groups.find(change.group, change.name) else { return nil }
                    return .structure([
                        "group name": .string(change.group), "variable name": .string(change.name),
                        "old value": variable.read().rpc, "new value": change.value.rpc,
                    ])
                }
            },
        ]
    }

    /// Groups have no instances here, so each of these ends in the fault that Kamailio gives for an unknown group.
    private var instances: [RPCCommand] {
        [
            ("cfg.del", "Takes back the value of an instance", "Failed to delete the value"),
            ("cfg.del_delayed", "Prepares to take back the value of an instance", "Failed to delete the value"),
            ("cfg.add_group_inst", "Adds an instance of a group", "Failed to add the group instance"),
            ("cfg.del_group_inst", "Removes an instance of a group", "Failed to delete the group instance"),
        ].map { name, summary, fault in
            RPCCommand(name, "\(summary): group[id]. No group has instances yet.") { request throws(RPCFault) in
                let group = try request.text(0).string
                guard group.hasSuffix("]"), group.contains("[") else {
                    throw RPCFault(400, "Wrong group syntax. Use \"group[id]\"")
                }
                throw RPCFault(400, fault)
            }
        }
    }

    private func takePending() -> [PendingChange] {
        self.pending.withLock { pending in
            let taken = pending
            pending = []
            return taken
        }
    }

    /// The variable that the request names and its new value.
    private func change(
        _ request: RPCRequest, _ command: String
    ) throws(RPCFault)
        -> (ConfigurationVariable, ConfigurationVariable.Content)
    {
        let group = try request.text(0).string
        let name = try request.text(1).string
        let value: RPCValue
        if command.hasSuffix("i") || command.hasSuffix("_int") {
            value = .int(try request.int(2))
        } else {
            value = .text(try request.text(2))
        }
        guard let variable = self.groups.find(group, name), variable.write != nil,
            let content = variable.converted(value)
        else { throw RPCFault(400, "Failed to set the variable") }
        return (variable, content)
    }
}
