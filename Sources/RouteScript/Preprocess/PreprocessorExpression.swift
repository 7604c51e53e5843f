import Glibc

/// Evaluates the expressions of `#!ifexp`, `#!defexp` and `#!defexps`.
///
/// Mixed operands take the type of the left one; what cannot be evaluated is reported as failure, which `ifexp` takes
/// for false.
struct PreprocessorExpression {
    enum Value: Equatable {
        case number(Double)
        case text([UInt8])

        var isTrue: Bool {
            switch self {
            case .number(let value): value != 0
            case .text(let bytes): !bytes.isEmpty
            }
        }

        /// Integers without a fraction, other numbers as the shortest decimal.
        var bytes: [UInt8] {
            switch self {
            case .text(let bytes): return bytes
            case .number(let value):
                if let integer = Int(exactly: value) { return Array(String(integer).utf8) }
                return Array("\(value)".utf8)
            }
        }
    }

    struct Failure: Error, Equatable {
        var message: String
        /// Bytes from the start of the expression.
        var offset: Int
    }

    static let depthLimit = 100

    private let text: [UInt8]
    private let lookup: (String) -> Define?
    private var position = 0
    private var depth = 0

    init(_ text: [UInt8], lookup: @escaping (String) -> Define?) {
        self.text = text
        self.lookup = lookup
    }

    mutating func evaluate() throws(Failure) -> Value {
        let value = try self.binary(level: 0)
        self.skipBlanks()
        guard self.position == self.text.count else { throw self.failure("unexpected text after the expression") }
        return value
    }

    /// Operators from the loosest to the tightest.
    private static let levels: [[String]] = [
        ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<", ">"], ["<<", ">>"], ["+", "-"],
        ["*", "/", "%"], ["**"],
    ]

    private mutating func binary(level: Int) throws(Failure) -> Value {
        guard level < Self.levels.count else { return try self.unary() }
        var left = try self.binary(level: level + 1)
        while let operation = self.operation(at: level) {
            let start = self.position
            self.position += operation.utf8.count
            let right = try self.binary(level: level + 1)
            left = try self.apply(operation, left, right, at: start)
        }
        return left
    }

    /// The operator of this level that stands here, provided no longer operator does.
    private mutating func operation(at level: Int) -> String? {
        self.skipBlanks()
        let known = ["**", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||"]
        guard self.position < self.text.count else { return nil }
        let pair = String(decoding: self.text[self.position..<min(self.position + 2, self.text.count)], as: UTF8.self)
        let found = known.contains(pair) ? pair : String(pair.prefix(1))
        return Self.levels[level].contains(found) ? found : nil
    }

    private mutating func unary() throws(Failure) -> Value {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= Self.depthLimit else { throw self.failure("the expression is nested too deeply") }
        self.skipBlanks()
        guard let byte = self.peek else { throw self.failure("the expression ends too early") }
        switch byte {
        case UInt8(ascii: "!"):
            self.position += 1
            return .number(try self.unary().isTrue ? 0 : 1)
        case UInt8(ascii: "-"):
            self.position += 1
            return .number(-(try self.number(self.unary())))
        case UInt8(ascii: "+"):
            self.position += 1
            return .number(try self.number(self.unary()))
        case UInt8(ascii: "("):
            self.position += 1
            let value = try self.binary(level: 0)
            self.skipBlanks()
            guard self.peek == UInt8(ascii: ")") else { throw self.failure("expected ')'") }
            self.position += 1
            return value
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return .text(try self.quoted(byte))
        default:
            return try self.operand()
        }
    }

    private mutating func quoted(_ quote: UInt8) throws(Failure) -> [UInt8] {
        let start = self.position + 1
        guard let end = self.text[start...].firstIndex(of: quote) else { throw self.failure("the string has no end") }
        self.position = end + 1
        return Array(self.text[start..<end])
    }

    private mutating func operand() throws(Failure) -> Value {
        let start = self.position
        while let byte = self.peek, byte.isIdentifierByte || byte == UInt8(ascii: ".") { self.position += 1 }
        guard self.position > start else { throw self.failure("expected a value") }
        let word = Array(self.text[start..<self.position])
        if word[0].isDecimalDigit || word[0] == UInt8(ascii: ".") {
            guard let value = Self.parseNumber(word) else {
                throw Failure(message: "not a number", offset: start)
            }
            return .number(value)
        }
        guard let define = self.lookup(String(decoding: word, as: UTF8.self)) else { return .number(0) }
        if define.value.isEmpty { return .number(1) }
        let unquoted = define.unquoted
        if unquoted.count == define.value.count, let value = Self.parseNumber(Self.trimmed(unquoted)) {
            return .number(value)
        }
        return .text(unquoted)
    }

    private func apply(_ operation: String, _ left: Value, _ right: Value, at offset: Int) throws(Failure) -> Value {
        switch operation {
        case "||": return .number(left.isTrue || right.isTrue ? 1 : 0)
        case "&&": return .number(left.isTrue && right.isTrue ? 1 : 0)
        default: break
        }
        if case .text(let first) = left {
            let second = right.bytes
            switch operation {
            case "+": return .text(first + second)
            case "==": return .number(first == second ? 1 : 0)
            case "!=": return .number(first != second ? 1 : 0)
            case "<": return .number(first.lexicographicallyPrecedes(second) ? 1 : 0)
            case ">": return .number(second.lexicographicallyPrecedes(first) ? 1 : 0)
            case "<=": return .number(second.lexicographicallyPrecedes(first) ? 0 : 1)
            case ">=": return .number(first.lexicographicallyPrecedes(second) ? 0 : 1)
            default: throw Failure(message: "'\(operation)' does not work on strings", offset: offset)
            }
        }
        return .number(try self.arithmetic(operation, self.number(left), self.number(right), at: offset))
    }

    private func arithmetic(
        _ operation: String, _ first: Double, _ second: Double, at offset: Int
    ) throws(Failure) -> Double {
        switch operation {
        case "+": return first + second
        case "-": return first - second
        case "*": return first * second
        case "**": return pow(first, second)
        case "==": return first == second ? 1 : 0
        case "!=": return first != second ? 1 : 0
        case "<": return first < second ? 1 : 0
        case ">": return first > second ? 1 : 0
        case "<=": return first <= second ? 1 : 0
        case ">=": return first >= second ? 1 : 0
        case "/":
            guard second != 0 else { throw Failure(message: "division by zero", offset: offset) }
            return first / second
        case "%":
            guard second != 0 else { throw Failure(message: "division by zero", offset: offset) }
            return fmod(first, second)
        default:
            guard let left = Int(exactly: first.rounded(.towardZero)),
                let right = Int(exactly: second.rounded(.towardZero))
            else { throw Failure(message: "the number is too large for '\(operation)'", offset: offset) }
            switch operation {
            case "&": return Double(left & right)
            case "|": return Double(left | right)
            case "^": return Double(left ^ right)
            case "<<": return Double(left << right)
            default: return Double(left >> right)
            }
        }
    }

    private func number(_ value: Value) throws(Failure) -> Double {
        switch value {
        case .number(let number): return number
        case .text(let bytes):
            guard let number = Self.parseNumber(Self.trimmed(bytes)) else {
                throw self.failure("the string is not a number")
            }
            return number
        }
    }

    private static func parseNumber(_ bytes: [UInt8]) -> Double? {
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix("0x") || text.hasPrefix("0X") { return Int(text.dropFirst(2), radix: 16).map(Double.init) }
        guard bytes.first != nil, bytes.allSatisfy({ $0.isDecimalDigit || $0 == 46 || $0 == 45 || $0 == 43 }) else {
            return nil
        }
        return Double(text)
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 || byte == 13 }
        return Array(bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }

    private var peek: UInt8? { self.position < self.text.count ? self.text[self.position] : nil }

    private mutating func skipBlanks() {
        while let byte = self.peek, byte == 32 || byte == 9 || byte == 13 { self.position += 1 }
    }

    private func failure(_ message: String) -> Failure { Failure(message: message, offset: self.position) }
}
