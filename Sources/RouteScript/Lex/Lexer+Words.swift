import Bytes
import SIPMessage

extension Lexer {
    func readWord(from start: SourceLocation) {
        if self.readEventName(from: start) { return }
        let begin = self.frame.position
        while let byte = self.byte(), byte.isIdentifierByte { self.frame.position += 1 }
        let word = String(decoding: self.frame.text[begin..<self.frame.position], as: UTF8.self)
        if word == "include_file" || word == "import_file" {
            self.readInclusion(isOptional: word == "import_file", from: start, statementStart: begin)
            return
        }
        if !Keywords.all.contains(word), !self.isInSelect, let define = self.defines[word] {
            self.expand(define, usedAt: self.range(from: start))
            return
        }
        self.append(.word(word), from: start)
    }

    /// After `event_route[`, the whole name is one token in which nothing is expanded.
    private func readEventName(from start: SourceLocation) -> Bool {
        guard self.tokens.count >= 2, case .symbol(.leftBracket) = self.tokens[self.tokens.count - 1].kind,
            case .word("event_route") = self.tokens[self.tokens.count - 2].kind
        else { return false }
        let begin = self.frame.position
        while let byte = self.byte(),
            byte.isIdentifierByte || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".")
        { self.frame.position += 1 }
        let name = String(decoding: self.frame.text[begin..<self.frame.position], as: UTF8.self)
        self.append(.eventName(name), from: start)
        return true
    }

    /// Names in `@a.b` are not expanded.
    private var isInSelect: Bool {
        var index = self.tokens.count - 1
        var steps = 0
        while index >= 0, steps < 64 {
            switch self.tokens[index].kind {
            case .symbol(.at): return true
            case .symbol(.dot):
                // Before a dot stands a name, or the bracket that ends an index.
                guard index > 0 else { return false }
                switch self.tokens[index - 1].kind {
                case .word: index -= 2
                case .symbol(.rightBracket): index -= 5
                default: return false
                }
            default: return false
            }
            steps += 1
        }
        return false
    }

    private func expand(_ define: Define, usedAt range: SourceRange) {
        self.record(.use, define.name, at: range)
        guard !define.value.isEmpty else { return }
        if self.frame.define == define.name || self.stack.contains(where: { $0.define == define.name }) {
            if self.recursiveDefines.insert(define.name).inserted {
                self.diagnostics.error(
                    .recursiveDefine, "the define '\(define.name)' refers to itself", at: range,
                    notes: [.init("it is defined here", at: define.range)]
                )
            }
            self.append(.invalid, from: range.start)
            return
        }
        self.expandedBytes += define.value.count
        guard self.expansionCount < Self.expansionLimit, self.stack.count < Self.expansionDepthLimit,
            self.expandedBytes <= Self.expandedBytesLimit
        else {
            self.isStopped = true
            self.diagnostics.error(
                .expansionLimit, "the defines of this configuration produce too much text", at: range
            )
            return
        }
        self.expansionCount += 1
        let source = self.sources.add(
            name: define.name,
            origin: .define(name: define.name, definedAt: define.range, usedAt: range), bytes: define.value
        )
        self.push(Frame(text: define.value, source: source, define: define.name))
    }

    func readNumber(from start: SourceLocation) {
        let begin = self.frame.position
        while let byte = self.byte(), byte.isIdentifierByte, byte != UInt8(ascii: "_") { self.frame.position += 1 }
        let digits = self.frame.text[begin..<self.frame.position]
        let text = String(decoding: digits, as: UTF8.self)
        let value: Int?
        if digits.allSatisfy(\.isDecimalDigit) {
            if digits.count > 1, digits.first == UInt8(ascii: "0") {
                guard digits.allSatisfy({ $0 &- 48 < 8 }) else { return self.append(.numberWord(text), from: start) }
                value = Int(text, radix: 8)
            } else {
                value = Int(text)
            }
        } else if text.hasPrefix("0x") || text.hasPrefix("0X"), digits.count > 2,
            digits.dropFirst(2).allSatisfy(\.isHexDigit)
        {
            value = Int(text.dropFirst(2), radix: 16)
        } else if digits.last == UInt8(ascii: "b"), digits.count > 1, digits.dropLast().allSatisfy({ $0 &- 48 < 2 }) {
            value = Int(text.dropLast(), radix: 2)
        } else {
            return self.append(.numberWord(text), from: start)
        }
        guard let value else {
            self.diagnostics.error(
                .malformedNumber, "the number \(text) does not fit in 64 bits", at: self.range(from: start)
            )
            return self.append(.integer(0), from: start)
        }
        if value > Int(UInt32.max) || value > Int(Int32.max) && digits.allSatisfy(\.isDecimalDigit) {
            self.diagnostics.warning(
                .wideInteger, "\(text) does not fit in 32 bits; Kamailio before 6.0 computes with 32 bits",
                at: self.range(from: start)
            )
        }
        self.append(.integer(value), from: start)
    }

    /// An IPv6 address, if one stands here: it has `::` or seven colons.
    func readIPv6(from start: SourceLocation) -> Bool {
        var length = 0
        var colons = 0
        var hasGap = false
        while let byte = self.byte(at: length), length < 46 {
            if byte == UInt8(ascii: ":") {
                colons += 1
                if self.byte(at: length + 1) == UInt8(ascii: ":") { hasGap = true }
            } else if !byte.isHexDigit, byte != UInt8(ascii: ".") || colons == 0 {
                break
            }
            length += 1
        }
        guard hasGap || colons >= 7 else { return false }
        let begin = self.frame.position
        while length >= 2 {
            let text = String(decoding: self.frame.text[begin..<begin + length], as: UTF8.self)
            if IPAddress(text) != nil {
                self.frame.position += length
                self.append(.ipv6(text), from: start)
                return true
            }
            length -= 1
        }
        return false
    }

    func readVariable(from start: SourceLocation) {
        let begin = self.frame.position
        self.frame.position += 1
        switch self.byte() {
        case UInt8(ascii: "?"): self.frame.position += 1
        case UInt8(ascii: "("): if !self.readParenthesised(from: start) { return }
        case let byte? where byte.isIdentifierStart:
            while let byte = self.byte(), byte.isIdentifierByte { self.frame.position += 1 }
            if self.byte() == UInt8(ascii: "("), !self.readParenthesised(from: start) { return }
        default:
            self.diagnostics.error(
                .malformedVariable, "a variable needs a name after '$'", at: self.range(from: start)
            )
            return self.append(.invalid, from: start)
        }
        let raw = Array(self.frame.text[begin..<self.frame.position])
        let substituted = self.substituted(raw, from: start)
        let token = VariableToken(
            bytes: ByteString(substituted ?? raw), range: self.range(from: start), isSubstituted: substituted != nil
        )
        self.append(.variable(token), from: start)
    }

    /// Passes balanced parentheses on one line; false (reported) if they do not balance.
    private func readParenthesised(from start: SourceLocation) -> Bool {
        var depth = 0
        while let byte = self.byte(), byte != UInt8(ascii: "\n") {
            self.frame.position += 1
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") {
                depth -= 1
                if depth == 0 { return true }
            }
        }
        self.diagnostics.error(
            .malformedVariable, "the parentheses of this variable do not close on its line",
            at: SourceRange(start: start, end: self.here)
        )
        self.append(.invalid, from: start)
        return false
    }

    func readSymbol() {
        let start = self.here
        guard let byte = self.byte() else { return }
        if byte == UInt8(ascii: "("), let type = self.castType {
            self.frame.position += 5
            return self.append(.cast(type), from: start)
        }
        if let next = self.byte(at: 1), next < 128, byte < 128,
            let symbol = Symbol(rawValue: String(decoding: [byte, next], as: UTF8.self))
        {
            self.frame.position += 2
            return self.append(.symbol(symbol), from: start)
        }
        self.frame.position += 1
        if byte < 128, let symbol = Symbol(rawValue: String(decoding: [byte], as: UTF8.self)) {
            return self.append(.symbol(symbol), from: start)
        }
        // One report for a run of such bytes, such as the parts of one character.
        while let next = self.byte(), next >= 128 { self.frame.position += 1 }
        let digits = String(byte, radix: 16, uppercase: true)
        let shown = byte > 32 && byte < 127 ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(digits)"
        self.diagnostics.error(
            .unexpectedByte, "unexpected \(shown)", at: self.range(from: start),
            suggestion: byte >= 128 ? "text outside of strings and comments is ASCII" : nil
        )
        self.append(.invalid, from: start)
    }

    private var castType: CastType? {
        guard self.byte(at: 4) == UInt8(ascii: ")"), let a = self.byte(at: 1), let b = self.byte(at: 2),
            let c = self.byte(at: 3)
        else { return nil }
        return CastType(rawValue: String(decoding: [a, b, c], as: UTF8.self))
    }
}
