import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

/// The RPC commands that need no module: `core.*` and `system.*`.
enum CoreCommands {
    static func all(_ server: Server, _ host: ProgramHost, modules: [String], defines: [Define]) -> [RPCCommand] {
        self.system(host) + self.process(server, modules: modules, defines: defines) + self.network(server, host)
            + StreamCommands.all(server) + ReloadCommands.all(server) + SuspensionCommands.all(server)
            + NameCommands.all(server) + BlocklistCommands.all(server)
    }

    private static func system(_ host: ProgramHost) -> [RPCCommand] {
        [
            RPCCommand("system.listMethods", returnsArray: true, "Lists all RPC commands.") {
                [unowned host] _ throws(RPCFault) in
                host.commandNames.map { .string($0) }
            },
            RPCCommand("system.methodHelp", "Says what a command does.") { [unowned host] request throws(RPCFault) in
                guard request.has(0) else { throw RPCFault(400, "Method Name Expected") }
                guard let command = host.command(named: try request.text(0).string) else {
                    throw RPCFault(400, "command not found")
                }
                return [.string(command.summary)]
            },
            RPCCommand("system.methodSignature", "Not available.") { _ throws(RPCFault) in
                throw RPCFault(500, "Not Implemented Yet")
            },
        ]
    }

    private static func process(_ server: Server, modules: [String], defines: [Define]) -> [RPCCommand] {
        [
            RPCCommand("core.version", "Shows the version.") { _ throws(RPCFault) in
                [.string("apus \(BuildInformation.version) (\(BuildInformation.platform))")]
            },
            RPCCommand("core.info", "Shows what this build is.") { _ throws(RPCFault) in
                [
                    .structure([
                        "version": .string("apus \(BuildInformation.version) (\(BuildInformation.platform))"),
                        "id": .string(BuildInformation.version), "compiler": .string("swift"),
                        "compiled": .string(""), "flags": .string("threads, memory-safe"),
                    ])
                ]
            },
            RPCCommand("core.runinfo", "Shows version and time since the start.") {
                [unowned server] _ throws(RPCFault) in
                let now = WallClock.seconds()
                let up = now - server.startTime
                return [
                    .structure([
                        "name": .string("apus"), "version": .string(BuildInformation.version),
                        "sourceid": .string(""), "compiler": .string("swift"), "compiled": .string(""),
                        "time_now": .string(CalendarTime(seconds: now).ctime),
                        "time_started": .string(CalendarTime(seconds: server.startTime).ctime),
                        "uptime_secs": .int(up),
                        "utime_days": .string("\(up / 86400)d \(up / 3600 % 24)h \(up / 60 % 60)m \(up % 60)s"),
                    ])
                ]
            },
            RPCCommand("core.uptime", "Shows the time since the start.") { [unowned server] _ throws(RPCFault) in
                let now = WallClock.seconds()
                return [
                    .structure([
                        "now": .string(CalendarTime(seconds: now).ctime),
                        "up_since": .string(CalendarTime(seconds: server.startTime).ctime),
                        "uptime": .int(now - server.startTime),
                    ])
                ]
            },
            RPCCommand("core.flags", "Shows how it was built.") { _ throws(RPCFault) in
                [.string("threads, memory-safe")]
            },
            RPCCommand("core.arg", "Lists the command line; what -A and --modparam say is not shown.") {
                _ throws(RPCFault) in
                CommandLineOptions.withoutValues(CommandLine.arguments).map { .string($0) }
            },
            RPCCommand("core.pwd", "Shows the working directory.") { [unowned server] _ throws(RPCFault) in
                [.string(server.workingDirectory)]
            },
            RPCCommand("core.ps", returnsArray: true, "Lists the threads.") { [unowned server] _ throws(RPCFault) in
                server.threadNames.flatMap { [.int(server.processID), .string($0)] }
            },
            RPCCommand("core.psx", returnsArray: true, "Lists the threads with numbers.") {
                [unowned server] _ throws(RPCFault) in
                server.threadNames.enumerated().map { index, name in
                    .structure(["IDX": .int(index), "PID": .int(server.processID), "DSC": .string(name)])
                }
            },
            RPCCommand("core.psa", returnsArray: true, "Lists the threads with their state.") {
                [unowned server] _ throws(RPCFault) in
                server.threadNames.enumerated().map { index, name in
                    .structure([
                        "index": .int(index), "pid": .int(server.processID), "status": .int(1), "rank": .int(index),
                        "description": .string(name),
                    ])
                }
            },
            RPCCommand("core.kill", "Stops the server.") { [unowned server] request throws(RPCFault) in
                let signal = request.has(0) ? try request.int(0) : 15
                server.requestStop(signal: signal)
                return []
            },
            RPCCommand("core.echo", returnsArray: true, "Gives its parameters back.") { request throws(RPCFault) in
                try Self.echo(request)
            },
            RPCCommand("core.echo_delta", returnsArray: true, "Gives its parameters back.") {
                request throws(RPCFault) in
                try Self.echo(request)
            },
            RPCCommand("core.prints", returnsArray: true, "Gives its string parameters back.") {
                request throws(RPCFault) in
                try Self.echo(request)
            },
            RPCCommand("core.sfmalloc", "There is no such allocator here.") { _ throws(RPCFault) in
                throw RPCFault(500, "memory comes from the system's allocator: see core.shmmem")
            },
            RPCCommand("core.printi", returnsArray: true, "Gives its integer parameters back.") {
                request throws(RPCFault) in
                var numbers: [RPCValue] = []
                for index in request.parameters.indices { numbers.append(.int(try request.int(index))) }
                return numbers
            },
            RPCCommand("core.modules", returnsArray: true, "Lists the loaded modules, last loaded first.") {
                _ throws(RPCFault) in
                modules.reversed().filter { $0 != "core" }.map { .string($0) }
            },
            RPCCommand("core.ppdefines", returnsArray: true, "Lists the preprocessor defines.") { _ throws(RPCFault) in
                defines.map { .string($0.name) }
            },
            RPCCommand("core.ppdefines_full", returnsArray: true, "Lists the preprocessor defines with their values.") {
                _ throws(RPCFault) in
                defines.map { define in
                    .structure([
                        "name": .string(define.name), "type": .int(0),
                        "value": define.value.isEmpty
                            ? .string("none") : .text(ByteString(URLSecrets.masked(define.value))),
                    ])
                }
            },
            RPCCommand("core.shmmem", "Shows the memory of the process, in bytes.") { request throws(RPCFault) in
                let divisor: Int
                switch request.has(0) ? try request.text(0).string : "b" {
                case "b": divisor = 1
                case "k": divisor = 1 << 10
                case "m": divisor = 1 << 20
                case "g": divisor = 1 << 30
                default: throw RPCFault(500, "bad param, (use b|k|m|g)")
                }
                let memory = ProcessMemory.read()
                return [
                    .structure([
                        "total": .int(memory.total / divisor), "free": .int(memory.free / divisor),
                        "used": .int(memory.resident / divisor), "real_used": .int(memory.resident / divisor),
                        "max_used": .int(memory.peak / divisor), "fragments": .int(0),
                    ])
                ]
            },
        ]
    }

    private static func echo(_ request: RPCRequest) throws(RPCFault) -> [RPCValue] {
        var texts: [RPCValue] = []
        for index in request.parameters.indices { texts.append(.text(try request.text(index))) }
        return texts
    }

    private static func network(_ server: Server, _ host: ProgramHost) -> [RPCCommand] {
        [
            RPCCommand("core.sockets_list", "Lists the listening sockets.") { [unowned server] _ throws(RPCFault) in
                [
                    .structure(
                        server.sockets.sockets.map { socket in
                            var members: [RPCValue.Member] = [
                                .init("proto", .string("\(socket.transport.name)")),
                                .init("address", .string("\(socket.address.ip)")),
                                .init("port", .string("\(socket.address.port)")), .init("mcast", .string("no")),
                                .init("mhomed", .string("no")),
                                .init("virtual", .string(socket.isVirtual ? "yes" : "no")),
                            ]
                            if let name = socket.name { members.append(.init("name", .text(name))) }
                            if let advertised = socket.advertisedHost {
                                members.append(.init("advertise", .string("\(advertised.string):\(socket.port)")))
                            }
                            return .init("socket", .structure(members))
                        })
                ]
            },
            RPCCommand("core.aliases_list", "Lists the names that count as this server.") {
                [unowned server] _ throws(RPCFault) in
                let aliases = server.sockets.aliases.map { alias in
                    RPCValue.Member(
                        "alias",
                        .structure([
                            "proto": .string(alias.transport.map { "\($0.name)" } ?? "*"), "address": .text(alias.host),
                            "port": alias.port == 0 ? .string("*") : .string("\(alias.port)"),
                        ]))
                }
                return [.structure(["myself_callbacks": .string("no"), "aliases": .structure(aliases)])]
            },
            RPCCommand("core.udp4_raw_info", "UDP is never sent over raw sockets.") { _ throws(RPCFault) in
                [.structure(["udp4_raw": .int(0), "udp4_raw_mtu": .int(1500), "udp4_raw_ttl": .int(64)])]
            },
        ]
    }
}
