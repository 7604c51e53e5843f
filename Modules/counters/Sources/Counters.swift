import Bytes
import ModuleKit

/// The `counters` module: counters that scripts declare, and the commands that read all counters.
public final class Counters: ServerModule {
    public static let name = "counters"
    public static let summary = "Counters of scripts, and RPC commands for all counters."

    let settings: Settings
    let registry: CounterRegistry

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.registry = host.counters
        for counter in settings.declared {
            let (group, name) = CounterName.split(counter.name, defaultGroup: settings.group.string)
            _ = self.registry.register(group, name, counter.description)
        }
    }
}

/// `group.name`, or a name in the default group.
enum CounterName {
    static func split(_ text: String, defaultGroup: String) -> (group: String, name: String) {
        guard let dot = text.firstIndex(of: ".") else { return (defaultGroup, text) }
        return (String(text[..<dot]), String(text[text.index(after: dot)...]))
    }
}
