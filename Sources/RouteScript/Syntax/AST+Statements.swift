import Bytes
import SIPMessage

/// A statement inside of a route block.
public struct Statement: Sendable {
    public var kind: StatementKind
    public var range: SourceRange

    public init(_ kind: StatementKind, at range: SourceRange) {
        self.kind = kind
        self.range = range
    }
}

public indirect enum StatementKind: Sendable {
    /// `;`
    case empty
    /// `{ … }`, never empty.
    case block([Statement])
    case conditional(IfStatement)
    case loop(WhileStatement)
    case selection(SwitchStatement)
    /// `return`, `exit`, `drop`, `break` with the optional value.
    case leave(LeaveKind, Expression?)
    case assign(Assignment)
    /// A core command or module function.
    case call(Call)
    case route(RouteCall)
    /// Something that could not be read; a diagnostic was given.
    case invalid
}

/// `if … else if … else …`; `else if` is flat, however long the chain.
public struct IfStatement: Sendable {
    public struct Branch: Sendable {
        public var condition: Expression
        public var body: [Statement]
        public var range: SourceRange
    }
    public var branches: [Branch]
    public var otherwise: [Statement]?
}

public struct WhileStatement: Sendable {
    public var condition: Expression
    public var body: [Statement]
}

public struct SwitchStatement: Sendable {
    public struct Case: Sendable {
        /// What stands between `case` and `:`; nil for `default`.
        public var label: Label?
        /// Empty bodies fall through.
        public var body: [Statement]
        public var range: SourceRange
    }
    public enum Label: Sendable {
        /// A constant expression, int or string; folding is the checker's.
        case value(Expression)
        /// `case /"re":`, case-sensitive POSIX extended.
        case regex(Expression)
    }
    public var subject: Expression
    public var cases: [Case]
}

public enum LeaveKind: String, Sendable {
    case `return`, exit, drop, `break`
}

/// `$x = expr`.
public struct Assignment: Sendable {
    public var target: VariableToken
    public var value: Expression
    public var range: SourceRange
}

/// A call of a core command or a module function; which one, `core` tells.
public struct Call: Sendable {
    /// As written.
    public var name: String
    public var nameRange: SourceRange
    public var arguments: [Expression]
    /// The core command that the name stands for; nil: a module function.
    public var core: CoreCommand?
    public var range: SourceRange
}

/// `route(NAME)` or `route(expr)`.
public struct RouteCall: Sendable {
    public enum Target: Sendable {
        /// Known while reading: a bare word, a number or a string.
        case name(String)
        case computed(Expression)
    }
    public var target: Target
    public var targetRange: SourceRange
    public var range: SourceRange
}
