import ModuleKit

extension ConnectionOperations {
    public struct Settings: Sendable {
        /// Whose end is told of.
        enum Events: Int, Sendable {
            case never = 0
            case always
            case whenChosen
        }

        var closedEvent = 1
        var events: Events { Events(rawValue: self.closedEvent) ?? .always }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "closed_event", \.closedEvent, in: 0...2,
                "Which connections' end has an event route: 0 none, 1 all, 2 those of tcp_enable_closed_event().")
        ] + ModuleParameter.notYet(.text, "event_callback")
    }
}
