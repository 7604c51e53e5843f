import Bytes
import ModuleKit

extension Counters {
    public var commands: [RPCCommand] {
        [
            RPCCommand("cnt.get", "Shows one counter, or all of a group.") { [unowned self] request throws(RPCFault) in
                let group = try request.text(0).string
                if !request.has(1) { return [self.group(group)] }
                return [.int(try self.value(group, try request.text(1).string))]
            },
            RPCCommand("cnt.get_raw", "Shows one counter.") { [unowned self] request throws(RPCFault) in
                [.int(try self.value(try request.text(0).string, try request.text(1).string))]
            },
            RPCCommand("cnt.reset", "Makes a counter read 0.") { [unowned self] request throws(RPCFault) in
                let id = try self.known(try request.text(0).string, try request.text(1).string)
                self.registry.reset(id)
                return []
            },
            self.groups("cnt.list_groups"), self.groups("cnt.grps_list"),
            self.names("cnt.list_vars"), self.names("cnt.var_list"),
            self.all("cnt.get_vars"), self.all("cnt.grp_get_all"),
            RPCCommand("cnt.help", "Says what a counter counts.") { [unowned self] request throws(RPCFault) in
                let group = try request.text(0).string
                let name = try request.text(1).string
                _ = try self.known(group, name)
                let entry = self.registry.entries.first { $0.group == group && $0.name == name }
                return [.string(entry?.summary ?? "")]
            },
        ]
    }

    private func known(_ group: String, _ name: String) throws(RPCFault) -> CounterID {
        guard let id = self.registry.find(group, name) else {
            throw RPCFault(400, "non-existent counter \(group).\(name)")
        }
        return id
    }

    private func value(_ group: String, _ name: String) throws(RPCFault) -> Int {
        self.registry.value(try self.known(group, name))
    }

    private func group(_ group: String) -> RPCValue {
        .structure(
            self.registry.entries.filter { $0.group == group }.map { entry in
                RPCValue.Member(entry.name, .int(self.registry.value(group, entry.name) ?? 0))
            })
    }

    private func groups(_ name: String) -> RPCCommand {
        RPCCommand(name, returnsArray: true, "Lists the groups of counters.") { [unowned self] _ throws(RPCFault) in
            var seen: [String] = []
            for entry in self.registry.entries where !seen.contains(entry.group) { seen.append(entry.group) }
            return seen.map { .string($0) }
        }
    }

    private func names(_ name: String) -> RPCCommand {
        RPCCommand(name, returnsArray: true, "Lists the counters of a group.") { [unowned self] request throws(RPCFault) in
            let group = try request.text(0).string
            return self.registry.entries.filter { $0.group == group }.map { .string($0.name) }
        }
    }

    private func all(_ name: String) -> RPCCommand {
        RPCCommand(name, "Shows all counters of a group.") { [unowned self] request throws(RPCFault) in
            [self.group(try request.text(0).string)]
        }
    }
}
