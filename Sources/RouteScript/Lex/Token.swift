import Bytes

/// The smallest piece of the language, after the preprocessor.
struct Token: Sendable {
    enum Kind: Sendable {
        /// Identifiers and keywords alike; the grammar tells them apart by their place.
        case word(String)
        /// Alphanumerics that begin with a digit and are no number: parts of host names.
        case numberWord(String)
        case integer(Int)
        case string(StringLiteral)
        case variable(VariableToken)
        /// An IPv6 address without brackets.
        case ipv6(String)
        case symbol(Symbol)
        /// `(int)`, `(str)`
        case cast(CastType)
        /// `tm:local-request` between the brackets of `event_route[…]`.
        case eventName(String)
        /// Unreadable text, already reported.
        case invalid
        case end
    }

    var kind: Kind
    var range: SourceRange
    /// Blanks, comments or line ends stand before it.
    var hasSpaceBefore: Bool
    /// It is the first on its line of a file.
    var startsLine: Bool
}

enum Symbol: String, Sendable {
    case assign = "=", equal = "==", notEqual = "!=", matches = "=~"
    case less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    case plus = "+", minus = "-", star = "*", slash = "/"
    case not = "!", tilde = "~", and = "&", caret = "^", or = "|", andAnd = "&&", orOr = "||"
    case shiftLeft = "<<", shiftRight = ">>", plusAssign = "+="
    case leftParen = "(", rightParen = ")", leftBrace = "{", rightBrace = "}", leftBracket = "[", rightBracket = "]"
    case comma = ",", semicolon = ";", colon = ":", dot = ".", at = "@", percent = "%", question = "?"
}

extension UInt8 {
    var isIdentifierStart: Bool { (self | 0x20) &- 97 < 26 || self == UInt8(ascii: "_") }
    var isDecimalDigit: Bool { self &- 48 < 10 }
    var isIdentifierByte: Bool { self.isIdentifierStart || self.isDecimalDigit }
    var isHexDigit: Bool { self.isDecimalDigit || (self | 0x20) &- 97 < 6 }
    /// Space, tab, carriage return and backspace: what Kamailio skips within a line.
    var isScriptBlank: Bool { self == 32 || self == 9 || self == 13 || self == 8 }
}
