import Bytes
import Glibc
import ModuleKit

extension Kex {
    /// What control clients ask about memory. There is one memory, that of the process; who uses how much of it is not
    /// counted.
    var memoryCommands: [RPCCommand] {
        [
            RPCCommand("pkg.stats", returnsArray: true, "Shows the memory of the process: [pid|rank|index, value].") {
                request throws(RPCFault) in
                guard request.has(0) else { return [try Self.process(request.host)] }
                let wanted = try request.text(0).string
                let value = try request.int(1)
                switch wanted {
                case "pid": guard value == Int(getpid()) else { return [] }
                case "rank", "index": guard value == 0 else { return [] }
                default: throw RPCFault(500, "Invalid filter type")
                }
                return [try Self.process(request.host)]
            },
            RPCCommand("pkg.info", "Shows who gives out memory, and how much there is.") { request throws(RPCFault) in
                let memory = try Self.memory(request.host)
                return [.structure(["name": .string("system"), "size": memory("total")])]
            },
        ]
            + ["mod.stats", "mod.mem_stats", "mod.mem_statsx"].map { name in
                RPCCommand(name, "Memory is not counted by module: answers with an error.") { _ throws(RPCFault) in
                    throw RPCFault(500, "memory is not counted by module: see core.shmmem")
                }
            }
    }

    /// The numbers of `core.shmmem` by name.
    private static func memory(_ host: any ModuleHost) throws(RPCFault) -> (String) -> RPCValue {
        let answer = try host.call("core.shmmem", [])
        guard case .structure(let members)? = answer.first else { throw RPCFault(500, "no numbers") }
        return { name in members.first { $0.name == name }?.value ?? .int(0) }
    }

    private static func process(_ host: any ModuleHost) throws(RPCFault) -> RPCValue {
        let memory = try self.memory(host)
        return .structure([
            "entry": .int(0), "pid": .int(Int(getpid())), "rank": .int(0), "used": memory("used"),
            "free": memory("free"),
            "real_used": memory("real_used"), "total_size": memory("total"), "total_frags": memory("fragments"),
            "desc": .string("process"),
        ])
    }
}
