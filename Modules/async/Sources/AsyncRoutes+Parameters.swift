import ModuleKit

extension AsyncRoutes {
    public struct Settings: Sendable {
        var workers = 1
        var timerResolution = 0
        var successCode = 0
        var mode = 0

        var bindsTransactions: Bool { self.mode != 1 }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "workers", \.workers, in: 1...1024,
                "Kamailio's timer processes; accepted, the event workers do it, whatever their number."),
            ModuleParameter(
                "ms_timer", \.timerResolution, in: 0...1_000_000,
                "Kamailio's resolution of times in milliseconds; accepted, times are kept to a few of them always."),
            ModuleParameter(
                "return", \.successCode,
                "What the suspending functions return: 0 ends the script; otherwise it goes on beside the suspended one."
            ),
            ModuleParameter(
                "mode", \.mode, in: 0...1, "1: does without the tm module, only the functions with data work."),
        ]
    }
}
