import Bytes
import ModuleKit

/// The `counters` module: counters that a script declares, and the commands that read every counter of the server.
public final class Counters: ServerModule {
    public static let name = "counters"
    public static let summary = "Counters of the script, and cnt.* commands for all counters."

    public struct Settings: Sendable {
        var group = ByteString("script")
        /// `[group.]name [description]`, as declared.
        var declarations: [ByteString] = []
    }

    public static var defaultSettings: Settings { Settings() }
    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("script_cnt_grp_name", \.group, "Group of counters that are declared without one."),
            ModuleParameter(
                "script_counter", .text, repeatable: true,
                "Declares a counter: `[group.]name [description]`; may be given several times."
            ) { settings, value in
                guard case .text(let text) = value, !text.isEmpty else { throw ArgumentError("a counter needs a name") }
                settings.declarations.append(text)
            },
        ]
    }

    let settings: Settings
    let registry: CounterRegistry
    private let declared: Set<String>

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.registry = host.counters
        var declared: Set<String> = []
        for declaration in settings.declarations {
            let words = declaration.string.split(separator: " ", maxSplits: 1)
            let (group, name) = Self.split(String(words[0]), standard: settings.group.string)
            _ = self.registry.register(group, name, words.count > 1 ? String(words[1]) : "")
            declared.insert("\(group).\(name)")
        }
        self.declared = declared
    }

    /// Group and name of `[group.]name`.
    static func split(_ text: String, standard: String) -> (group: String, name: String) {
        guard let dot = text.firstIndex(of: ".") else { return (standard, text) }
        return (String(text[..<dot]), String(text[text.index(after: dot)...]))
    }

    /// The counter that a script names; it must have been declared.
    func find(_ text: ByteString) throws -> CounterBox {
        let (group, name) = Self.split(text.string, standard: self.settings.group.string)
        guard self.declared.contains("\(group).\(name)") else {
            throw ArgumentError("counter '\(text)' is not declared by modparam(\"counters\", \"script_counter\", …)")
        }
        return CounterBox(self.registry.register(group, name))
    }
}

/// A counter as a prepared argument.
final class CounterBox: Sendable {
    let id: CounterID
    init(_ id: CounterID) { self.id = id }
}
