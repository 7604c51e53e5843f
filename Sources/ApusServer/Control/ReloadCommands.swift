import ModuleKit

/// RPC commands around the reload of the configuration. Kamailio has none like them; their group is the server's own.
enum ReloadCommands {
    static func all(_ server: Server) -> [RPCCommand] {
        [
            RPCCommand(
                "apus.reload", isReload: true,
                """
                Reads the configuration again and puts it in force, or changes nothing and answers with what is wrong \
                with it.
                """
            ) { [unowned server] _ throws(RPCFault) in
                guard let reloader = server.reloader else { throw RPCFault(500, "the server has not started yet") }
                switch reloader.reload(server) {
                case .success(let report): return [report.answer]
                case .failure(let refusal):
                    throw RPCFault(500, "configuration not reloaded, nothing has changed:\n\(refusal.text)")
                }
            },
            RPCCommand(
                "apus.configurations",
                """
                Shows the number of the configuration in force, the older ones that transactions or waiting scripts \
                still use, and the listeners that stay open for them.
                """
            ) { [unowned server] _ throws(RPCFault) in
                let current = server.configuration?.host.generation ?? 0
                var members: [RPCValue.Member] = [.init("in_force", .int(current))]
                let used = server.retirement.generations.filter { $0 != current }.map { RPCValue.int($0) }
                let closing = server.retirement.listeners.map { RPCValue.text($0.socketName) }
                // kamcmd cannot read an empty array.
                for (name, list) in [("still_used", used), ("closing", closing)] where !list.isEmpty {
                    members.append(.init(name, .array(list)))
                }
                return [.structure(members)]
            },
        ]
    }
}
