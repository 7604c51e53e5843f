import ModuleKit

extension MaxForwards {
    public struct Settings: Sendable {
        var maxLimit: LiveNumber = 70
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [.live("max_limit", \.maxLimit, in: 1...255, "Highest hop count that a forwarded request keeps.")]
    }
}
