import Bytes

/// What stands in the parentheses of a variable: `$avp(x)`, `$avp($var(k))`, or nothing.
public enum VariableName: Sendable {
    case none
    case literal(ByteString)
    case dynamic(VariableReference)

    /// The name as it is now.
    public func resolve(in route: RouteContext) -> ByteString {
        switch self {
        case .none: ByteString()
        case .literal(let name): name
        case .dynamic(let variable): route.text(variable.read(in: route))
        }
    }
}

/// A pseudo-variable that scripts can use: one declaration for registration, checks, documentation and examples.
public struct ScriptVariable: Sendable {
    public enum Inner: Sendable {
        /// No parentheses: `$ru`.
        case none
        case optional
        case required
    }

    /// Without `$`; several spellings of one variable stand together: `["ru", "ruri"]`.
    public var names: [String]
    public var inner: Inner
    public var isWritable: Bool
    public var summary: String
    public var reference: String
    /// Called when a script that uses it is loaded; throw `ArgumentError` for a name that means nothing.
    /// nil: not built yet.
    public var bind: (@Sendable (VariableName, any ScriptCompiling) throws -> VariableAccess)?

    public init(
        _ names: String..., inner: Inner = .none, writable: Bool = false, summary: String, reference: String = "",
        bind: @escaping @Sendable (VariableName, any ScriptCompiling) throws -> VariableAccess
    ) {
        self.names = names
        self.inner = inner
        self.isWritable = writable
        self.summary = summary
        self.reference = reference
        self.bind = bind
    }

    /// A read-only variable without parentheses.
    public init(
        _ names: String..., summary: String, reference: String = "",
        read: @escaping @Sendable (RouteContext) -> Value
    ) {
        self.names = names
        self.inner = .none
        self.isWritable = false
        self.summary = summary
        self.reference = reference
        self.bind = { _, _ in VariableAccess(read: { route, _ in read(route) }) }
    }

    /// A variable without parentheses that can be assigned.
    public init(
        _ names: String..., summary: String, reference: String = "",
        read: @escaping @Sendable (RouteContext) -> Value,
        write: @escaping @Sendable (RouteContext, Value) -> Bool
    ) {
        self.names = names
        self.inner = .none
        self.isWritable = true
        self.summary = summary
        self.reference = reference
        self.bind = { _, _ in
            VariableAccess(read: { route, _ in read(route) }, write: { route, _, value in write(route, value) })
        }
    }

    private init(notYet name: String) {
        self.names = [name]
        self.inner = .optional
        self.isWritable = true
        self.summary = "Not built yet."
        self.reference = ""
        self.bind = nil
    }

    public static func notYet(_ names: String...) -> [ScriptVariable] { names.map { ScriptVariable(notYet: $0) } }
}

/// A class of transformations, `s` in `{s.len}`: given the operation and its parameters, makes the function to apply.
public struct TransformationClass: Sendable {
    public enum Parameter: Sendable {
        case literal(ByteString)
        case variable(VariableReference)

        public func text(in route: RouteContext) -> ByteString {
            switch self {
            case .literal(let text): text
            case .variable(let variable): route.text(variable.read(in: route))
            }
        }

        public func int(in route: RouteContext) -> Int? {
            switch self {
            case .literal(let text): Value.integer(text.span, ByteRange(start: 0, count: text.count))
            case .variable(let variable): route.int(variable.read(in: route))
            }
        }
    }

    public var name: String
    /// Names of the operations, for documentation and suggestions.
    public var operations: [String]
    public var summary: String
    /// - Parameters: the operation (`len`, `substr`, `encode.hexa`), its parameters in order.
    /// - Throws: `ArgumentError` for an unknown operation or bad parameters.
    public var bind: @Sendable (String, [Parameter], any ScriptCompiling) throws -> VariableReference.Transform

    public init(
        _ name: String, operations: [String], summary: String,
        bind: @escaping @Sendable (String, [Parameter], any ScriptCompiling) throws -> VariableReference.Transform
    ) {
        self.name = name
        self.operations = operations
        self.summary = summary
        self.bind = bind
    }
}
