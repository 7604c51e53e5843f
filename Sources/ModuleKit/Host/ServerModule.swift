import Bytes

/// A module: what it declares, and the life it leads.
///
/// 1. *Declared* (`name`, `parameters`): pure data.
/// 2. *Made* by `init(settings, host)` when the configuration has been read: may find other modules and shared state,
///    may refuse; touches nothing outside memory, for `-c` comes this far too.
/// 3. *Asked* for `functions`, `variables`, `commands`, `hooks`.
/// 4. *Started* (`hooks.started`), and *stopped* when the server ends or a reload has replaced the configuration and the
///    last message, transaction and waiting script of it is over.
///
/// A reload makes a second module beside the first, with the settings of the new file; what both need is in
/// `ModuleHost.shared`. A configuration may be refused after its modules were made: what they found in shared state must
/// not have changed by then.
public protocol ServerModule: AnyObject, Sendable {
    associatedtype Settings: Sendable = NoSettings

    /// The name in `loadmodule`.
    static var name: String { get }
    /// One sentence.
    static var summary: String { get }
    static var parameters: [ModuleParameter<Settings>] { get }
    static var defaultSettings: Settings { get }

    init(_ settings: Settings, host: any ModuleHost) throws

    var functions: [ScriptFunction] { get }
    var variables: [ScriptVariable] { get }
    var transformations: [TransformationClass] { get }
    var selects: [ScriptSelect] { get }
    var commands: [RPCCommand] { get }
    var hooks: ModuleHooks { get }
    /// Event routes without which the module has nothing to do: a configuration that lacks one is refused.
    var neededEvents: [ByteString] { get }
}

extension ServerModule {
    public var functions: [ScriptFunction] { [] }
    public var variables: [ScriptVariable] { [] }
    public var transformations: [TransformationClass] { [] }
    public var selects: [ScriptSelect] { [] }
    public var commands: [RPCCommand] { [] }
    public var hooks: ModuleHooks { ModuleHooks() }
    public var neededEvents: [ByteString] { [] }
}

/// Settings of a module that has no parameters.
public struct NoSettings: Sendable {
    public init() {}
}

extension ServerModule where Settings == NoSettings {
    public static var parameters: [ModuleParameter<NoSettings>] { [] }
    public static var defaultSettings: NoSettings { NoSettings() }
}

/// Why a module cannot be made or started.
public struct ModuleError: Error, CustomStringConvertible {
    public var message: String
    public init(_ message: String) { self.message = message }
    public var description: String { self.message }
}

/// A module type without its settings type, for the list of modules that a server is built with.
public struct ModuleType: Sendable {
    public struct Parameter: Sendable {
        public var name: String
        public var isInt: Bool
        public var isBuilt: Bool
        public var isRepeatable: Bool
        public var range: ClosedRange<Int>?
        public var summary: String
        public var defaultText: String
    }

    public let name: String
    public let summary: String
    public let parameters: [Parameter]
    /// Applies the `modparam` values in order and makes the module; the error names the offending value's position.
    public let make: @Sendable ([(name: String, value: ParameterValue)], any ModuleHost) throws -> any ServerModule
    /// Checks one value without making anything; throws `ArgumentError`.
    public let check: @Sendable (String, ParameterValue) throws -> Void

    public init<M: ServerModule>(_ type: M.Type) {
        self.name = M.name
        self.summary = M.summary
        self.parameters = M.parameters.map { parameter in
            Parameter(
                name: parameter.name, isInt: parameter.kind == .int, isBuilt: parameter.set != nil,
                isRepeatable: parameter.isRepeatable, range: parameter.range, summary: parameter.summary,
                defaultText: parameter.defaultText(M.defaultSettings)
            )
        }
        self.make = { values, host in
            var settings = M.defaultSettings
            for (name, value) in values { try ModuleType.apply(M.self, name, value, to: &settings) }
            if let registry = host.compiler.configuration {
                for parameter in M.parameters { parameter.bind?(&settings, M.name, registry) }
            }
            return try M(settings, host: host)
        }
        self.check = { name, value in
            var settings = M.defaultSettings
            try ModuleType.apply(M.self, name, value, to: &settings)
        }
    }

    private static func apply<M: ServerModule>(
        _ type: M.Type, _ name: String, _ value: ParameterValue, to settings: inout M.Settings
    ) throws {
        let named = M.parameters.filter { $0.name == name }
        guard !named.isEmpty else {
            throw ArgumentError("module \(M.name) has no parameter \(name)")
        }
        for parameter in named {
            switch (parameter.kind, value) {
            case (.int, .int(let number)):
                guard let set = parameter.set else { throw Self.notBuilt(M.name, name) }
                if let range = parameter.range, !range.contains(number) {
                    throw ArgumentError(
                        "\(name) must be between \(range.lowerBound) and \(range.upperBound), not \(number)"
                    )
                }
                return try set(&settings, value)
            case (.text, .text):
                guard let set = parameter.set else { throw Self.notBuilt(M.name, name) }
                return try set(&settings, value)
            case (.int, .text), (.text, .int): continue
            }
        }
        let wanted = named[0].kind == .int ? "a number" : "a string"
        throw ArgumentError("\(name) of module \(M.name) takes \(wanted)")
    }

    private static func notBuilt(_ module: String, _ parameter: String) -> ArgumentError {
        ArgumentError("\(parameter) of module \(module) is not built yet")
    }
}
