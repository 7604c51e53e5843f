import Bytes
import ModuleKit
import SIPMessage

extension Debugger {
    public var functions: [ScriptFunction] {
        let level = Argument(
            "level", .custom { text, _ in try LevelName(text) }, "L_ALERT to L_DBG.", optional: true)
        return [
            ScriptFunction(
                "dbg_breakpoint", Argument("mode", .int, "1: the script stops here, 0: it does not."), in: .any,
                summary: "Anchors a breakpoint: the script waits, suspended, until dbg.bp lets it go on.",
                outcomes: [1: "always, once it goes on"], example: #"dbg_breakpoint("0");"#
            ) { [self] route, arguments in
                guard arguments.int(0, in: route) == 1, route.state(FreeRun.self) == nil else { return .success }
                return self.stop(route)
            },
            ScriptFunction(
                "dbg_pv_dump",
                Argument("mask", .int, "1 $null too, 2 avps, 4 script variables, 8 xavps, 16 others.", optional: true),
                level, in: .any,
                summary: "Writes the variables that the script uses into the log, as JSON: mask 31, level L_DBG.",
                outcomes: [1: "always"], example: #"dbg_pv_dump(30, "L_INFO");"#
            ) { [self] route, arguments in
                let level = arguments.object(1, as: LevelName.self)?.level ?? .debug
                route.log(level, VariableDump.text(route, mask: arguments.int(0, in: route) ?? 31, self.host.compiler))
                return .success
            },
            ScriptFunction(
                "dbg_sip_msg", level,
                Argument(
                    "facility",
                    .custom { text, _ in
                        guard let facility = FacilityName(text) else {
                            throw ArgumentError("there is no facility '\(text)'")
                        }
                        return facility
                    }, "Syslog facility: LOG_LOCAL0.", optional: true), in: [.request, .reply, .transactionReply],
                summary: "Writes into the log how the message would be sent now, and what that changes.",
                outcomes: [1: "always"], example: #"dbg_sip_msg("L_ERR");"#
            ) { route, arguments in
                let level = arguments.object(0, as: LevelName.self)?.level ?? .error
                guard route.isLogging(level) else { return .success }
                let text = ByteString(MessageDump.text(route))
                route.program.logger.write(
                    level, facility: arguments.object(1, as: FacilityName.self)?.number, text.span, about: route)
                return .success
            },
        ]
    }

    /// Stops the script inside of the call; `dbg.bp` treats it as if it had stopped before an action.
    private func stop(_ route: RouteContext) -> Outcome {
        let place = route.program.place(in: route)
        let script = PausedScript(
            "[\(place?.file ?? ""):\(place?.line ?? 0)] a=25 n=dbg_breakpoint", token: route.suspend())
        self.trace.write("breakpoint hit: \(script.place)", in: route)
        self.trace.paused.add(script, to: route)
        return .suspended(Continuation { [self] route, _ in self.goOn(script, route) })
    }

    private func goOn(_ script: PausedScript, _ route: RouteContext) -> Outcome {
        let verdict = script.takeCommand(in: route, log: { self.trace.write($0, in: route) })
        guard verdict == .pause else {
            self.trace.paused.remove(script)
            route.state(PausedMark.self)?.script = nil
            return .success
        }
        return .suspended(Continuation { [self] route, _ in self.goOn(script, route) })
    }
}

/// A level by its name: `L_ERR`.
final class LevelName: Sendable {
    let level: LogLevel

    private static let names: [String: LogLevel] = [
        "L_ALERT": .alert, "L_BUG": .bug, "L_CRIT2": .critical2, "L_CRIT": .critical, "L_ERR": .error,
        "L_WARN": .warning, "L_NOTICE": .notice, "L_INFO": .info, "L_DBG": .debug,
    ]

    init(_ text: ByteString) throws(ArgumentError) {
        guard let level = Self.names[text.string] else {
            throw ArgumentError("there is no level '\(text)'", suggestion: "L_ERR, L_WARN, L_INFO, L_DBG")
        }
        self.level = level
    }
}

/// A facility by its name: `LOG_LOCAL0`.
final class FacilityName: Sendable {
    let number: Int

    init?(_ text: ByteString) {
        guard let number = SyslogFacility.number(text.string) else { return nil }
        self.number = number
    }
}
