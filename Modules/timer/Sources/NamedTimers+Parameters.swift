import Bytes
import ModuleKit

/// What a `declare_timer` line says: `name=ROUTE,interval[,slow|fast][,enable]`.
struct TimerDeclaration: Sendable, Equatable {
    var name: String
    var route: ByteString
    /// Milliseconds.
    var interval: Int
    var isEnabled: Bool

    init(_ line: ByteString) throws {
        let text = line.string
        guard let equals = text.firstIndex(of: "=") else {
            throw ArgumentError("declare_timer '\(text)': name=ROUTE,interval is expected")
        }
        let parts = text[text.index(after: equals)...].split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " && $0 != "\t" } }
        self.name = text[..<equals].filter { $0 != " " && $0 != "\t" }
        guard !self.name.isEmpty, let route = parts.first, !route.isEmpty, parts.count >= 2 else {
            throw ArgumentError("declare_timer '\(text)': name=ROUTE,interval is expected")
        }
        guard let interval = Int(parts[1]), (1...Int(Int32.max)).contains(interval) else {
            throw ArgumentError("declare_timer '\(self.name)': '\(parts[1])' is no number of milliseconds")
        }
        self.route = ByteString(route)
        self.interval = interval
        let kind = parts.count > 2 ? parts[2] : ""
        // Both kinds are the same here: no timer keeps another waiting.
        guard ["", "slow", "fast"].contains(kind) else {
            throw ArgumentError("declare_timer '\(self.name)': '\(kind)' is neither slow nor fast")
        }
        let state = parts.count > 3 ? parts[3] : ""
        guard ["", "enable"].contains(state), parts.count <= 4 else {
            throw ArgumentError("declare_timer '\(self.name)': only enable may follow, not '\(state)'")
        }
        self.isEnabled = state == "enable"
    }
}

extension NamedTimers {
    public struct Settings: Sendable {
        var timers: [TimerDeclaration] = []
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "declare_timer", .text, repeatable: true,
                "Declares a timer: name=ROUTE,milliseconds[,slow|fast][,enable]."
            ) { settings, value in
                guard case .text(let line) = value else { return }
                let timer = try TimerDeclaration(line)
                guard !settings.timers.contains(where: { $0.name == timer.name }) else {
                    throw ArgumentError("timer '\(timer.name)' is declared twice")
                }
                settings.timers.append(timer)
            }
        ]
    }
}
