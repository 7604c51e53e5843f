import Bytes
import ModuleKit

extension Corex {
    public var commands: [RPCCommand] { self.coreCommands + self.memoryCommands }

    private var coreCommands: [RPCCommand] {
        [
            RPCCommand("corex.list_sockets", returnsArray: true, "The sockets that the server listens on.") { request in
                request.host.sockets.map { socket in
                    let address = RPCValue.string(socket.address.ip.description)
                    return .structure([
                        .init("PROTO", .string("\(socket.transport.name)")), .init("NAME", address),
                        .init("ADDRLIST", .structure([.init("ADDR", address)])),
                        .init("PORT", .string(String(socket.address.port))), .init("MCAST", .string("no")),
                        .init("MHOMED", .string("no")), .init("VIRTUAL", .string(socket.isVirtual ? "yes" : "no")),
                        .init("SOCKNAME", socket.name.map { .text($0) } ?? .string("-")),
                        .init("ADVERTISE", socket.advertisedHost.map { .text($0) } ?? .string("-")),
                    ])
                }
            },
            RPCCommand("corex.debug", "Tells the log level, or changes it and tells the old one.") {
                request throws(RPCFault) in
                let logger = request.host.logger
                let old = logger.threshold
                guard request.has(0) else { return [.structure([.init("debug", .int(old))])] }
                let new = try request.int(0)
                logger.threshold = new
                return [.structure([.init("old", .int(old)), .init("new", .int(new))])]
            },
            RPCCommand("corex.list_aliases", returnsArray: true, "The names that count as this server.") { request in
                request.host.aliases.map { alias in
                    .structure([
                        .init("PROTO", .string(alias.transport.map { "\($0.name)" } ?? "*")),
                        .init("ADDR", .text(alias.host)),
                        .init("PORT", alias.port == 0 ? .string("*") : .int(Int(alias.port))),
                    ])
                }
            },
        ]
    }

    /// One process has one memory, the system's: what is private and what is shared are the same figures.
    private var memoryCommands: [RPCCommand] {
        func log(_ name: String, _ summary: String) -> RPCCommand {
            RPCCommand(name, summary) { request in
                let memory = ProcessMemory.read()
                request.host.logger.notice(
                    "memory: \(memory.resident >> 10) KiB resident, peak \(memory.peak >> 10) KiB")
                return []
            }
        }
        return [
            log("corex.shm_status", "Logs how much memory the server uses."),
            log("corex.shm_summary", "Logs how much memory the server uses."),
            log("shm.rprint", "Logs how much memory the server uses."),
            RPCCommand("corex.pkg_summary", "Logs how much memory the server uses: pid or idx, and a number.") {
                request throws(RPCFault) in
                guard request.has(1) else { throw RPCFault(400, "Selector and value not provided") }
                let selector = try request.text(0)
                guard selector == "pid" || selector == "idx" else { throw RPCFault(500, "Unsupported selector type") }
                _ = try request.int(1)
                let memory = ProcessMemory.read()
                request.host.logger.notice(
                    "memory: \(memory.resident >> 10) KiB resident, peak \(memory.peak >> 10) KiB")
                return []
            },
            RPCCommand("shm.info", "What manages the memory, and its size.") { _ in
                [.structure([.init("name", .string("system")), .init("size", .int(ProcessMemory.read().total))])]
            },
            RPCCommand("shm.stats", "How much memory the server uses, in bytes.") { _ in
                let memory = ProcessMemory.read()
                return [
                    .structure([
                        .init("total", .int(memory.total)), .init("free", .int(memory.free)),
                        .init("used", .int(memory.resident)), .init("real_used", .int(memory.resident)),
                        .init("max_used", .int(memory.peak)), .init("fragments", .int(0)),
                    ])
                ]
            },
            RPCCommand("shm.report", "How much memory the server uses, in bytes.") { _ in
                let memory = ProcessMemory.read()
                return [
                    .structure([
                        .init("total_size", .int(memory.total)), .init("free_size_s", .int(memory.free)),
                        .init("used_size_s", .int(memory.resident)), .init("real_used_s", .int(memory.resident)),
                        .init("max_used_s", .int(memory.peak)),
                    ])
                ]
            },
        ]
    }
}
