import Bytes

/// One argument of a script function: its name, how the script text is understood, one sentence.
public struct Argument: Sendable {
    public enum Kind: Sendable {
        /// A number, or text that is a number or exactly one variable.
        case int
        /// Text in which variables are expanded at each call.
        case format
        /// Text as it stands; variables are not expanded.
        case literal
        /// A variable that is read or written: `$avp(x)`.
        case variable
        /// An extended regular expression, compiled when the script is loaded.
        case regex
        /// A route of the given kind; resolved when the script is loaded. `"0"` gives `RouteID.none`.
        case route(RouteKinds)
        /// Text that stands for a number: `Arguments.int` gives what was made of it when the script was loaded, `text` the
        /// text. Throw `ArgumentError`.
        case number(@Sendable (ByteString) throws -> Int)
        /// Text with a meaning of its own: turned into an object when the script is loaded. Throw `ArgumentError`.
        case custom(@Sendable (ByteString, any ScriptCompiling) throws -> any AnyObject & Sendable)
    }

    public var name: String
    public var kind: Kind
    public var summary: String
    public var isOptional: Bool

    public init(_ name: String, _ kind: Kind, _ summary: String, optional: Bool = false) {
        self.name = name
        self.kind = kind
        self.summary = summary
        self.isOptional = optional
    }
}

/// Why an argument or a parameter value cannot be used; becomes a diagnostic at its place in the script.
public struct ArgumentError: Error {
    public var message: String
    public var suggestion: String?
    public init(_ message: String, suggestion: String? = nil) {
        self.message = message
        self.suggestion = suggestion
    }
}

/// A function that scripts can call. This one declaration serves registration, the checks at load, diagnostics, the
/// generated documentation, and the test that compiles every example.
public struct ScriptFunction: Sendable {
    public typealias Body = @Sendable (RouteContext, Arguments) -> Outcome

    public var name: String
    public var aliases: [String]
    public var arguments: [Argument]
    /// Extra arguments of the last declared kind are accepted.
    public var isVariadic: Bool
    public var routes: RouteKinds
    /// One sentence that a script author understands.
    public var summary: String
    /// RFC section or other source, empty when there is none.
    public var reference: String
    /// Return codes that mean something of their own.
    public var outcomes: [Int: String]
    /// A statement that uses it, complete enough to compile; empty only for aliases of a documented neighbour.
    public var example: String
    /// Once it has suspended the script, only the rest of the block it is called in runs: no outer block, no caller.
    /// As the last action of a block it fails.
    public var continuesBlockOnly = false
    /// What it does, when that is nothing but something to a message flag.
    public var flagAction: FlagAction?
    /// nil: declared by Kamailio, not built yet; a script that uses it is refused.
    public var body: Body?

    public init(
        _ name: String,
        aliases: [String] = [],
        _ arguments: Argument...,
        variadic: Bool = false,
        in routes: RouteKinds,
        summary: String,
        reference: String = "",
        outcomes: [Int: String] = [:],
        example: String,
        body: @escaping Body
    ) {
        self.name = name
        self.aliases = aliases
        self.arguments = arguments
        self.isVariadic = variadic
        self.routes = routes
        self.summary = summary
        self.reference = reference
        self.outcomes = outcomes
        self.example = example
        self.body = body
    }

    /// The same function, which the machine may carry out by itself.
    public func asFlagAction(_ action: FlagAction) -> ScriptFunction {
        var function = self
        function.flagAction = action
        return function
    }

    private init(notYet name: String) {
        self.name = name
        self.aliases = []
        self.arguments = []
        self.isVariadic = true
        self.routes = .any
        self.summary = "Not built yet."
        self.reference = ""
        self.outcomes = [:]
        self.example = ""
        self.body = nil
    }

    /// Functions that Kamailio's module has and ours has not yet: a script that uses one is refused with that reason.
    public static func notYet(_ names: String...) -> [ScriptFunction] { names.map { ScriptFunction(notYet: $0) } }

    public var requiredCount: Int { self.arguments.prefix { !$0.isOptional }.count }
}
