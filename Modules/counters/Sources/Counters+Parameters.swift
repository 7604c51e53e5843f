import Bytes
import ModuleKit

extension Counters {
    public struct Settings: Sendable {
        var group = ByteString("script")
        var declared: [(name: String, description: String)] = []
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("script_cnt_grp_name", \.group, "Group of counters that are named without one."),
            ModuleParameter(
                "script_counter", .text, repeatable: true,
                "Declares a counter: group.name, and a description behind a space."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                let parts = text.string.split(separator: " ", maxSplits: 1)
                guard let name = parts.first else { throw ArgumentError("a counter has a name") }
                settings.declared.append((String(name), parts.count > 1 ? String(parts[1]) : "custom script counter."))
            },
        ]
    }
}
