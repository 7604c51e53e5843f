import Bytes
import ModuleKit

/// The `debugger` module: shows a running script: a line for each action, breakpoints, variables, the message as it
/// would be sent; and log levels for single modules.
///
/// Tracing goes through `ScriptTracer`; while nothing is traced, scripts run as if the module were not there. A
/// breakpoint suspends the script, not its worker.
public final class Debugger: ServerModule {
    public static let name = "debugger"
    public static let summary = "Traces scripts, stops them at breakpoints, logs modules at levels of their own."

    let settings: Settings
    let host: any ModuleHost
    let trace: ActionTrace
    let rules: ModuleLogRules

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.trace = ActionTrace(settings)
        self.rules = ModuleLogRules(settings, isFixed: settings.modHashSize.initial == 0)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.tracer = { [trace] _ in trace.isActive ? trace : nil }
        // Without mod_hash_size there are no levels of modules, and calls stay as they are.
        if self.settings.modHashSize.initial > 0 {
            let rules = self.rules
            let settings = self.settings
            hooks.functionWrapper = { module, body in
                let rule = rules.rule(module)
                return { route, arguments in
                    rule.followModes(
                        level: route[settings.modLevelMode] != 0, facility: route[settings.modFacilityMode] != 0)
                    let outer = route.logRule
                    route.logRule = rule
                    defer { route.logRule = outer }
                    return body(route, arguments)
                }
            }
        }
        return hooks
    }
}
