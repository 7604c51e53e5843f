import Bytes

/// The value in a `modparam` line.
public enum ParameterValue: Sendable, Equatable {
    case int(Int)
    case text(ByteString)
}

/// One parameter that `modparam` can set: name, type, range, default and one sentence.
///
/// The type is strict as in Kamailio: text for a number is refused, and so is a number for text.
public struct ModuleParameter<Settings: Sendable>: Sendable {
    public enum Kind: String, Sendable {
        case int
        case text = "string"
    }

    public var name: String
    public var kind: Kind
    public var range: ClosedRange<Int>?
    public var summary: String
    /// May be given several times, each adding to the last.
    public var isRepeatable: Bool
    /// Shown in the documentation; read from a fresh `Settings`.
    public var defaultText: @Sendable (Settings) -> String
    /// nil: declared by Kamailio, not built yet.
    public var set: (@Sendable (inout Settings, ParameterValue) throws -> Void)?
    /// Declares the run-time variable behind it, when there is one; called when the module is made.
    public var bind: (@Sendable (inout Settings, String, ConfigurationRegistry) -> Void)?

    public init(
        _ name: String, _ path: WritableKeyPath<Settings, Int> & Sendable, in range: ClosedRange<Int>? = nil,
        _ summary: String
    ) {
        self.name = name
        self.kind = .int
        self.range = range
        self.summary = summary
        self.isRepeatable = false
        self.defaultText = { String($0[keyPath: path]) }
        self.set = { settings, value in
            if case .int(let number) = value { settings[keyPath: path] = number }
        }
    }

    public init(_ name: String, _ path: WritableKeyPath<Settings, Bool> & Sendable, _ summary: String) {
        self.name = name
        self.kind = .int
        self.range = nil
        self.summary = summary
        self.isRepeatable = false
        self.defaultText = { $0[keyPath: path] ? "1" : "0" }
        self.set = { settings, value in
            if case .int(let number) = value { settings[keyPath: path] = number != 0 }
        }
    }

    public init(_ name: String, _ path: WritableKeyPath<Settings, ByteString> & Sendable, _ summary: String) {
        self.name = name
        self.kind = .text
        self.range = nil
        self.summary = summary
        self.isRepeatable = false
        self.defaultText = { $0[keyPath: path].string }
        self.set = { settings, value in
            if case .text(let text) = value { settings[keyPath: path] = text }
        }
    }

    /// A parameter with a meaning of its own; throw `ArgumentError` to refuse the value.
    public init(
        _ name: String, _ kind: Kind, repeatable: Bool = false, default defaultText: String = "", _ summary: String,
        set: @escaping @Sendable (inout Settings, ParameterValue) throws -> Void
    ) {
        self.name = name
        self.kind = kind
        self.range = nil
        self.summary = summary
        self.isRepeatable = repeatable
        self.defaultText = { _ in defaultText }
        self.set = set
    }

    private init(notYet name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
        self.range = nil
        self.summary = "Not built yet."
        self.isRepeatable = true
        self.defaultText = { _ in "" }
        self.set = nil
    }

    /// Parameters of Kamailio's module that change nothing here yet: a script that sets one is refused.
    public static func notYet(_ kind: Kind, _ names: String...) -> [ModuleParameter] {
        names.map { ModuleParameter(notYet: $0, kind) }
    }
}
