import Bytes
import ModuleKit

extension ConfigurationCommands {
    private static let setFault = RPCFault(400, "Failed to set the variable")
    private static let getFault = RPCFault(400, "Failed to get the variable")
    private static let deleteFault = RPCFault(400, "Failed to delete the value")

    var readingCommands: [RPCCommand] {
        [
            RPCCommand("cfg.list", returnsArray: true, "Lists variables: [group].") {
                [unowned self] request throws(RPCFault) in
                let wanted = request.has(0) ? try request.text(0) : nil
                return self.listing.filter { wanted == nil || $0.group == wanted }
                    .map { .text($0.group + ": " + $0.name) }
            },
            RPCCommand("cfg.get", "Reads a variable, or all of a group: group or group[id], [name].") {
                [unowned self] request throws(RPCFault) in
                guard request.has(0) else { throw RPCFault(500, "Failed to get the parameters") }
                let reference = try GroupReference(try request.text(0))
                guard request.has(1) else { return [try self.whole(reference)] }
                guard let variable = self.registry.find(reference.group, try request.text(1)),
                    let value = self.registry.value(variable, instance: reference.instance)
                else { throw Self.getFault }
                guard variable.isReadable else {
                    throw RPCFault(400, "Variable exists, but it is not readable via RPC interface")
                }
                return [value.rpc]
            },
            RPCCommand("cfg.help", returnsArray: true, "Describes a variable: group, name.") {
                [unowned self] request throws(RPCFault) in
                let group = try request.text(0)
                guard let variable = self.registry.find(group, try request.text(1)) else {
                    throw RPCFault(400, "Failed to get the variable description")
                }
                let type = variable.kind == .int ? "integer" : "string"
                let summary: ByteString = variable.summary.isEmpty ? "<null string>" : variable.summary
                return [.text(summary), .string("(parameter type is \(type))")]
            },
        ]
    }

    /// The readable variables of a group; none for a group that nobody knows.
    private func whole(_ reference: GroupReference) throws(RPCFault) -> RPCValue {
        var members: [RPCValue.Member] = []
        for variable in self.registry.variables(of: reference.group) where variable.isReadable {
            guard let value = self.registry.value(variable, instance: reference.instance) else { throw Self.getFault }
            members.append(RPCValue.Member(variable.name.string, value.rpc))
        }
        return .structure(members)
    }

    // MARK: Changes at once

    var settingCommands: [RPCCommand] {
        ["cfg.set", "cfg.seti", "cfg.sets", "cfg.set_now_int", "cfg.set_now_string"].map { name in
            RPCCommand(name, "Changes a variable at once: group or group[id], name, value.") {
                [unowned self] request throws(RPCFault) in
                guard self.registry.apply([try self.change(request, name)]) else { throw Self.setFault }
                return []
            }
        } + [
            RPCCommand("cfg.del", "Takes back what an instance of a group has of its own: group[id], name.") {
                [unowned self] request throws(RPCFault) in
                guard self.registry.apply([try self.removal(request)]) else { throw Self.deleteFault }
                return []
            },
            RPCCommand("cfg.reset", "Gives a group the values that the configuration file says: group or group[id].") {
                [unowned self] request throws(RPCFault) in
                let reference = try GroupReference(try request.text(0))
                let isDone =
                    reference.instance.map { self.registry.resetInstance(reference.group, $0) }
                    ?? self.registry.reset(reference.group)
                guard isDone else { throw RPCFault(500, "Reset failed") }
                return []
            },
        ]
    }

    /// The variable that the request names and its new value, not checked yet.
    private func change(_ request: RPCRequest, _ command: String) throws(RPCFault) -> ConfigurationChange {
        let reference = try GroupReference(try request.text(0))
        let name = try request.text(1)
        let value: Value
        if command.hasSuffix("i") || command.hasSuffix("_int") {
            if request.has(2), case .text = request.parameters[2] {
                throw RPCFault(400, "error at parameter 2: expected integer type but record doesn't match type")
            }
            value = .int(try request.int(2))
        } else {
            value = .bytes(try request.text(2))
        }
        guard let variable = self.registry.find(reference.group, name) else { throw Self.setFault }
        return ConfigurationChange(variable, instance: reference.instance, value)
    }

    private func removal(_ request: RPCRequest) throws(RPCFault) -> ConfigurationChange {
        let reference = try GroupReference(try request.text(0))
        guard let instance = reference.instance else { throw RPCFault(400, GroupReference.instanceOnly) }
        guard let variable = self.registry.find(reference.group, try request.text(1)),
            self.registry.instances(of: reference.group).contains(instance)
        else { throw Self.deleteFault }
        return ConfigurationChange(variable, instance: instance, nil)
    }

    // MARK: Changes together

    var delayedCommands: [RPCCommand] {
        ["cfg.set_delayed", "cfg.set_delayed_int", "cfg.set_delayed_string"].map { name in
            RPCCommand(name, "Prepares a change for cfg.commit: group or group[id], name, value.") {
                [unowned self] request throws(RPCFault) in
                let change = try self.change(request, name)
                guard let value = change.value, change.variable.fitting(value) != nil,
                    self.registry.value(change.variable, instance: change.instance) != nil
                else { throw Self.setFault }
                self.pending.withLock { $0.append(change) }
                return []
            }
        } + [
            RPCCommand("cfg.del_delayed", "Prepares to take back the value of an instance: group[id], name.") {
                [unowned self] request throws(RPCFault) in
                let change = try self.removal(request)
                self.pending.withLock { $0.append(change) }
                return []
            },
            RPCCommand("cfg.commit", "Makes the prepared changes, all of them at one moment.") {
                [unowned self] _ throws(RPCFault) in
                guard self.registry.apply(self.takePending()) else {
                    throw RPCFault(400, "Failed to commit the changes")
                }
                return []
            },
            RPCCommand("cfg.rollback", "Forgets the prepared changes.") { [unowned self] _ throws(RPCFault) in
                _ = self.takePending()
                return []
            },
            RPCCommand("cfg.diff", returnsArray: true, "Lists the prepared changes.") {
                [unowned self] _ throws(RPCFault) in
                self.pending.withLock { $0 }.map { self.difference($0) }
            },
        ]
    }

    private func difference(_ change: ConfigurationChange) -> RPCValue {
        let variable = change.variable
        let old = self.registry.value(variable, instance: change.instance)
        let new = change.value.flatMap { variable.fitting($0) } ?? self.registry.value(variable)
        var members = [RPCValue.Member("group name", .text(variable.group))]
        if let instance = change.instance { members.append(RPCValue.Member("group id", .int(instance))) }
        members.append(RPCValue.Member("variable name", .text(variable.name)))
        members.append(RPCValue.Member("old value", old?.rpc ?? .text(ByteString())))
        members.append(RPCValue.Member("new value", new?.rpc ?? .text(ByteString())))
        return .structure(members)
    }

    private func takePending() -> [ConfigurationChange] {
        self.pending.withLock { pending in
            let taken = pending
            pending = []
            return taken
        }
    }

    // MARK: Instances

    var instanceCommands: [RPCCommand] {
        [
            RPCCommand("cfg.add_group_inst", "Adds an instance of a group: group[id].") {
                [unowned self] request throws(RPCFault) in
                let (group, instance) = try Self.instance(request)
                guard self.registry.addInstance(group, instance) else {
                    throw RPCFault(400, "Failed to add the group instance")
                }
                return []
            },
            RPCCommand("cfg.del_group_inst", "Removes an instance of a group: group[id].") {
                [unowned self] request throws(RPCFault) in
                let (group, instance) = try Self.instance(request)
                guard self.registry.removeInstance(group, instance) else {
                    throw RPCFault(400, "Failed to delete the group instance")
                }
                return []
            },
        ]
    }

    private static func instance(_ request: RPCRequest) throws(RPCFault) -> (ByteString, Int) {
        let reference = try GroupReference(try request.text(0))
        guard let instance = reference.instance else { throw RPCFault(400, GroupReference.instanceOnly) }
        return (reference.group, instance)
    }
}
