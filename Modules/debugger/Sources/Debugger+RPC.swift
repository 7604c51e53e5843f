import Bytes
import Glibc
import ModuleKit

extension Debugger {
    public var commands: [RPCCommand] {
        [
            RPCCommand("dbg.ls", returnsArray: true, "Tells whether scripts are traced or stopped: [pid].") {
                [self] request throws(RPCFault) in
                if request.has(0) { try self.check(request, 0) }
                let set = (self.trace.isTracing ? 1 : 0) | (self.trace.isBreaking ? 2 : 0)
                return [
                    .structure([
                        "entry": .int(0), "pid": .int(Int(getpid())), "set": .int(set),
                        "state": .int(self.trace.paused.isEmpty ? 0 : 1), "in.pid": .int(0), "in.cmd": .int(0),
                    ])
                ]
            },
            RPCCommand("dbg.trace", "Switches the trace: on|off, [pid].") { [self] request throws(RPCFault) in
                guard request.has(0) else { throw RPCFault(500, "Config trace command missing") }
                if request.has(1) { try self.check(request, 1) }
                switch try request.text(0) {
                case "on": self.trace.isTracing = true
                case "off": self.trace.isTracing = false
                default: throw RPCFault(500, "Unknown trace command")
                }
                return [Self.ok]
            },
            RPCCommand(
                "dbg.bp",
                "Breakpoints: on, off, and show, next, move, keep, eval $x, log $x of a stopped script with pid."
            ) { [self] request throws(RPCFault) in try self.breakpoint(request) },
        ] + self.moduleCommands
    }

    private static let ok = RPCValue.string("200 ok")

    /// There is one process.
    private func check(_ request: RPCRequest, _ index: Int) throws(RPCFault) {
        guard try request.int(index) == Int(getpid()) else { throw RPCFault(500, "No such pid") }
    }

    private func breakpoint(_ request: RPCRequest) throws(RPCFault) -> [RPCValue] {
        guard request.has(0) else { throw RPCFault(500, "Config breakpoint command missing") }
        let command = try request.text(0).string
        switch command {
        case "on", "off":
            if request.has(1) { try self.check(request, 1) }
            self.trace.isBreaking = command == "on"
            if command == "off" { self.trace.paused.releaseAll() }
            return [Self.ok]
        case "show", "next", "move", "keep", "eval", "log": break
        default: throw RPCFault(500, "Unknown inner command")
        }
        guard request.has(1) else { throw RPCFault(500, "Missing pid parameter") }
        try self.check(request, 1)
        guard let script = self.trace.paused.first else { return [Self.ok] }
        switch command {
        case "show": return [.string("at bkp \(script.place)")]
        case "next": return [.string(self.answer(of: script, to: .next))]
        case "eval": return [.string(self.answer(of: script, to: .evaluate(try self.variable(request))))]
        case "log": return [.string(self.answer(of: script, to: .log(try self.variable(request))))]
        default: return [.string(self.answer(of: script, to: .release))]
        }
    }

    private func variable(_ request: RPCRequest) throws(RPCFault) -> VariableReference {
        guard request.has(2) else { throw RPCFault(500, "Missing pv parameter") }
        let text = try request.text(2)
        guard let variable = try? self.host.compiler.variable(text) else { throw RPCFault(500, "Invalid pv \(text)") }
        return variable
    }

    /// Waits, on the thread of the control socket, until the script's worker has done the command.
    private func answer(of script: PausedScript, to command: PausedScript.Command) -> String {
        script.command(command)
        for _ in 0..<self.settings.stepLoops {
            // Looked at more often than asked for: somebody types these commands.
            for _ in 0..<max(self.settings.stepSleep / 2000, 1) {
                if let answer = script.answer { return answer }
                usleep(UInt32(min(self.settings.stepSleep, 2000)))
            }
        }
        return "no answer from the script"
    }

    // MARK: Modules

    private var moduleCommands: [RPCCommand] {
        [
            RPCCommand("dbg.reset_msgid", "Sets $mi back; only a configuration with reset_msgid would let it.") {
                _ throws(RPCFault) in
                throw RPCFault(500, "reset_msgid is 0. Set it to 1 to enable.")
            },
            RPCCommand("dbg.set_mod_level", "Gives a module a level of its own: module, level.") {
                [self] request throws(RPCFault) in
                guard request.has(1), let level = try? request.int(1) else { throw RPCFault(500, "invalid parameters") }
                guard !self.rules.isFixed else { throw RPCFault(500, "mod_hash_size must be set on start") }
                self.rules.setLevel(level, of: try request.text(0).string)
                return [Self.ok]
            },
            RPCCommand("dbg.get_mod_level", "Level of a module, or the server's: module.") {
                [self] request throws(RPCFault) in
                guard request.has(0) else { throw RPCFault(500, "invalid parameters") }
                let module = try request.text(0).string
                return [.int(self.rules.level(of: module) ?? self.host.logger.threshold)]
            },
            RPCCommand("dbg.set_mod_facility", "Gives a module a syslog facility of its own: module, facility.") {
                [self] request throws(RPCFault) in
                guard request.has(1) else { throw RPCFault(500, "invalid parameters") }
                guard let facility = SyslogFacility.number(try request.text(1).string) else {
                    throw RPCFault(500, "facility not found")
                }
                guard !self.rules.isFixed else { throw RPCFault(500, "mod_hash_size must be set on start") }
                self.rules.setFacility(facility, of: try request.text(0).string)
                return [Self.ok]
            },
            RPCCommand("dbg.get_mod_facility", "Syslog facility of a module, or the usual one: module.") {
                [self] request throws(RPCFault) in
                guard request.has(0) else { throw RPCFault(500, "invalid parameters") }
                let facility = self.rules.facility(of: try request.text(0).string)
                return [.string(facility.flatMap { SyslogFacility.name($0) } ?? "LOG_DAEMON")]
            },
        ]
    }
}
