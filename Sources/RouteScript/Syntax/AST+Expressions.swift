import Bytes
import SIPMessage

/// An expression with its place. Parentheses leave no node; their effect is in the shape of the tree.
public struct Expression: Sendable {
    public let kind: ExpressionKind
    public var range: SourceRange
    let forecast: ExpressionForecast

    public init(_ kind: ExpressionKind, at range: SourceRange) {
        self.kind = kind
        self.range = range
        self.forecast = ExpressionForecast(kind)
    }
}

public indirect enum ExpressionKind: Sendable {
    /// Also `yes`, `no`, `on`, `off`, `true`, `false`, `enable`, `disable`.
    case integer(Int)
    case string(StringLiteral)
    case variable(VariableToken)
    case select(SelectPath)
    case condition(CoreCondition)
    case call(Call)
    case route(RouteCall)
    /// `{ actions }`
    case block([Statement])
    /// `( $x = expr )`
    case assign(Assignment)
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    case cast(CastType, Expression)
    /// `defined expr`
    case defined(Expression)
    /// `strlen(expr)`
    case length(Expression)
    /// `strempty(expr)`
    case isEmpty(Expression)
    /// `selval(condition, a, b)`
    case choose(Expression, Expression, Expression)
    /// A bare word as argument of a core command: a flag name, `uri:host`, a protocol.
    case word(String)
    /// `force_send_socket(udp:192.0.2.1:5060)`
    case socket(SocketSpecification)
    /// Something that could not be read; a diagnostic was given.
    case invalid
}

public enum UnaryOperator: String, Sendable {
    /// `!`, `not`
    case not = "!"
    case negate = "-"
    case complement = "~"
}

public enum BinaryOperator: String, Sendable {
    case or = "||", and = "&&"
    case bitOr = "|", bitAnd = "&", bitXor = "^"
    case shiftLeft = "<<", shiftRight = ">>"
    case equal = "==", notEqual = "!="
    case matches = "=~"
    /// `eq`, `ne`: compare as strings.
    case stringEqual = "eq", stringNotEqual = "ne"
    /// `ieq`, `ine`: compare as integers.
    case integerEqual = "ieq", integerNotEqual = "ine"
    case less = "<", greater = ">", lessOrEqual = "<=", greaterOrEqual = ">="
    case add = "+", subtract = "-", multiply = "*", divide = "/", modulo = "mod"
}

public enum CastType: String, Sendable {
    case integer = "int", string = "str"
}

/// `$name`, `$name(…)` or `$(…)`, raw: what stands inside is read by the parser of variables.
public struct VariableToken: Sendable {
    /// From `$` to the closing parenthesis. Substitutions have been applied.
    public var bytes: ByteString
    public var range: SourceRange
    /// A substitution changed the text, so that offsets in `bytes` say nothing about the file.
    public var isSubstituted: Bool

    public var text: String { self.bytes.string }

    /// The place of some bytes of the token; of all of it when a substitution changed them.
    public func range(of part: Range<Int>) -> SourceRange {
        self.isSubstituted ? self.range : self.range.part(at: part.lowerBound, count: part.count)
    }
}

/// `@a.b[0].c`
public struct SelectPath: Sendable {
    public struct Element: Sendable {
        public enum Index: Sendable {
            case number(Int)
            case key(ByteString)
        }
        public var name: String
        public var index: Index?
        public var range: SourceRange
    }
    public var elements: [Element]
    public var range: SourceRange
}

/// A comparison with one of the legacy keywords: `uri == myself`, `src_ip != 127.0.0.1`, `method == INVITE`.
///
/// It is one operand of the expression around it: `!uri==myself` means `!(uri==myself)`.
public struct CoreCondition: Sendable {
    public var subject: CoreSubject
    public var operation: BinaryOperator
    public var operand: CoreOperand
    public var subjectRange: SourceRange
    public var operandRange: SourceRange
    public var range: SourceRange
}

public enum CoreSubject: String, Sendable, CaseIterable {
    case method, uri, status
    case fromURI = "from_uri", toURI = "to_uri"
    case sourceIP = "src_ip", destinationIP = "dst_ip", sendIP = "snd_ip", toIP = "to_ip"
    case sourcePort = "src_port", destinationPort = "dst_port", sendPort = "snd_port", toPort = "to_port"
    case family = "af", sendFamily = "snd_af"
    case proto, sendProto = "snd_proto"
    case messageLength = "msg:len"
}

public enum CoreOperand: Sendable {
    case expression(Expression)
    /// `method == INVITE`, `src_ip == gw.example.org`.
    case word(String)
    case network(IPAddress, prefixLength: Int)
    case myself
    case transport(TransportProtocol)
    /// `proto == *`
    case anyTransport
    /// `INET`, `INET6`
    case family(isIPv6: Bool)
    /// `max_len`: the largest message that can be received.
    case maximumLength
}
