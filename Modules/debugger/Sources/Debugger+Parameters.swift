import Bytes
import ModuleKit

extension Debugger {
    public struct Settings: Sendable {
        var tracesActions = false
        var format = 0
        var hasBreakpoint = false
        var level = -1
        var facility = ByteString()
        var prefix = ByteString("*** cfgtrace:")
        var levelName = ByteString()
        var logsAssignments = false
        var stepSleep = 100_000
        var stepLoops = 200
        var modHashSize: LiveNumber = 0
        var modLevelMode: LiveNumber = 0
        var modFacilityMode: LiveNumber = 0
        var levels: [(module: String, level: Int)] = []
        var facilities: [(module: String, facility: Int)] = []
        var checksMemory = false
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] { self.traceParameters + self.moduleParameters }

    private static var traceParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("cfgtrace", \.tracesActions, "1: a line in the log for each action of the script."),
            ModuleParameter(
                "cfgtrace_format", \.format, in: 0...1, "1: lines without the name of the configuration file."),
            ModuleParameter(
                "breakpoint", \.hasBreakpoint, "1: scripts stop before each action until dbg.bp lets them go on."),
            ModuleParameter("log_level", \.level, in: -5...9, "Level of the trace."),
            ModuleParameter("log_facility", .text, "Syslog facility of the trace.") { settings, value in
                guard case .text(let name) = value else { return }
                guard name.isEmpty || SyslogFacility.number(name.string) != nil else {
                    throw ArgumentError("log_facility: there is no facility '\(name)'")
                }
                settings.facility = name
            },
            ModuleParameter("log_prefix", \.prefix, "What lines of the trace begin with."),
            ModuleParameter("log_level_name", \.levelName, "What stands for the level in lines of the trace."),
            ModuleParameter("log_assign", \.logsAssignments, "1: the trace shows what assignments assign."),
            ModuleParameter(
                "step_usleep", \.stepSleep, in: 1...10_000_000,
                "Microseconds between two looks whether a stopped script has answered a command."),
            ModuleParameter(
                "step_loops", \.stepLoops, in: 1...100_000,
                "Looks after which a command gives up waiting for the script."),
        ]
    }

    private static var moduleParameters: [ModuleParameter<Settings>] {
        [
            .live(
                "mod_hash_size", \.modHashSize, in: 0...31, group: "dbg", check: { _ in false },
                "Above 0: modules may have levels and facilities of their own."),
            .live(
                "mod_level_mode", \.modLevelMode, in: 0...1, group: "dbg", isReadable: false,
                "1: levels of modules are in force."),
            .live(
                "mod_facility_mode", \.modFacilityMode, in: 0...1, group: "dbg", isReadable: false,
                "1: facilities of modules are in force."),
            ModuleParameter("mod_level", .text, repeatable: true, "Level of a module: tm=3; core is one too.") {
                settings, value in
                let (module, text) = try Self.pair(value, "mod_level")
                guard let level = Int(text) else { throw ArgumentError("mod_level: '\(text)' is no level") }
                settings.levels.append((module, level))
            },
            ModuleParameter(
                "mod_facility", .text, repeatable: true, "Syslog facility of a module: tm=LOG_LOCAL1."
            ) { settings, value in
                let (module, text) = try Self.pair(value, "mod_facility")
                guard let facility = SyslogFacility.number(text) else {
                    throw ArgumentError("mod_facility: there is no facility '\(text)'")
                }
                settings.facilities.append((module, facility))
            },
            ModuleParameter("reset_msgid", .int, "Setting $mi back with dbg.reset_msgid; only 0 is built.") {
                _, value in
                if value != .int(0) { throw ArgumentError("reset_msgid of module debugger is not built yet") }
            },
            ModuleParameter(
                "cfgpkgcheck", \.checksMemory,
                "Accepted, without effect: memory is checked by the language, all the time."),
            ModuleParameter("cfgtest", .int, "Tests with module cfgt; only 0 is built.") { _, value in
                if value != .int(0) { throw ArgumentError("cfgtest of module debugger is not built yet") }
            },
        ]
    }

    private static func pair(_ value: ParameterValue, _ parameter: String) throws -> (String, String) {
        guard case .text(let line) = value, let equals = line.string.firstIndex(of: "="),
            equals > line.string.startIndex
        else { throw ArgumentError("\(parameter): module=… is expected") }
        let text = line.string
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
