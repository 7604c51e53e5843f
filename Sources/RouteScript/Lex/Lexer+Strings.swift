import Bytes

extension Lexer {
    func readStringToken(_ quote: UInt8, from start: SourceLocation) {
        let isSingle = quote == UInt8(ascii: "'")
        let literal = isSingle ? self.readSingleQuoted(from: start) : self.readDoubleQuoted(from: start)
        guard let literal else { return }
        self.append(.string(literal), from: start, to: literal.range.end)
        self.hasSpace = literal.range.end != self.here
        self.noteLoadedModule()
    }

    /// Begins to read a string, or goes on with it behind a define.
    private func enterString(_ quote: UInt8, _ builder: inout LiteralBuilder) {
        builder.anchor(at: self.here)
        if self.unclosed.contains(UnclosedQuote(quote: quote, source: self.frame.source)) {
            self.frame.position = self.frame.text.count
        }
    }

    /// The byte at the position inside of a string. The value of a define ends without ending the string.
    private func byteInString(_ quote: UInt8, _ builder: inout LiteralBuilder) -> UInt8? {
        while true {
            if let byte = self.byte() { return byte }
            guard self.frame.define != nil, self.pop() else { return nil }
            self.enterString(quote, &builder)
        }
    }

    /// Goes back to where a string began that nothing ends. Whatever begins behind it counts as endless as well, unread:
    /// thousands of such quotes would each be looked for up to the end of the file.
    private func giveUp(_ quote: UInt8, _ before: (Frame, [Frame]), from start: SourceLocation) {
        self.unclosed.insert(UnclosedQuote(quote: quote, source: self.frame.source))
        (self.frame, self.stack) = before
        self.failUnterminated(from: start)
    }

    func readSingleQuoted(from start: SourceLocation) -> StringLiteral? {
        let before = (self.frame, self.stack)
        self.frame.position += 1
        var builder = LiteralBuilder()
        let quote = UInt8(ascii: "'")
        self.enterString(quote, &builder)
        while let byte = self.byteInString(quote, &builder), byte != quote {
            builder.bytes.append(byte)
            if byte == UInt8(ascii: "\n") {
                self.passNewline()
                builder.anchor(at: self.here)
            } else {
                self.frame.position += 1
            }
        }
        guard self.byte() != nil else {
            self.giveUp(quote, before, from: start)
            return nil
        }
        self.frame.position += 1
        return self.finish(builder, quote: .single, from: start)
    }

    /// Reads one or more double-quoted strings with only blanks and line ends between them.
    func readDoubleQuoted(from start: SourceLocation) -> StringLiteral? {
        let before = (self.frame, self.stack)
        var builder = LiteralBuilder()
        let quote = UInt8(ascii: "\"")
        while true {
            self.frame.position += 1
            self.enterString(quote, &builder)
            while let byte = self.byteInString(quote, &builder), byte != quote {
                switch byte {
                case UInt8(ascii: "\\"): self.readEscape(into: &builder)
                case UInt8(ascii: "\n"):
                    builder.bytes.append(byte)
                    self.passNewline()
                    builder.anchor(at: self.here)
                default:
                    builder.bytes.append(byte)
                    self.frame.position += 1
                }
            }
            guard self.byte() != nil else {
                self.giveUp(quote, before, from: start)
                return nil
            }
            self.frame.position += 1
            let literal = self.finish(builder, quote: .double, from: start)
            // The next string may follow on later lines, or after the define that this one came from.
            self.skipToNextToken()
            guard self.byte() == quote else { return literal }
        }
    }

    /// Skips blanks and line ends, leaving defines that have been read completely.
    private func skipToNextToken() {
        while true {
            if let byte = self.byte() {
                if byte == UInt8(ascii: "\n") {
                    self.passNewline()
                } else if byte.isScriptBlank {
                    self.frame.position += 1
                } else {
                    return
                }
            } else {
                guard self.frame.define != nil, self.pop() else { return }
            }
        }
    }

    private func readEscape(into builder: inout LiteralBuilder) {
        let next = self.byte(at: 1)
        var length = 2
        switch next {
        case UInt8(ascii: "n"): builder.bytes.append(10)
        case UInt8(ascii: "r"): builder.bytes.append(13)
        case UInt8(ascii: "t"): builder.bytes.append(9)
        case UInt8(ascii: "a"): builder.bytes.append(7)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): if let next { builder.bytes.append(next) }
        case _ where self.isLineContinuation:
            self.frame.position += next == 13 ? 2 : 1
            self.passNewline()
            builder.anchor(at: self.here)
            return
        case UInt8(ascii: "x"):
            var value = 0
            while length < 4, let digit = self.byte(at: length)?.hexDigitValue {
                value = value * 16 + digit
                length += 1
            }
            if length == 2 {
                builder.bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "x")])
            } else {
                builder.bytes.append(UInt8(truncatingIfNeeded: value))
            }
        case let digit? where digit &- 48 < 8:
            var value = 0
            length = 1
            while length < 4, let byte = self.byte(at: length), byte &- 48 < 8 {
                value = value * 8 + Int(byte - 48)
                length += 1
            }
            // A single digit is left for back-references.
            if length == 2 {
                builder.bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(48 + value)])
            } else {
                builder.bytes.append(UInt8(truncatingIfNeeded: value))
            }
        default:
            builder.bytes.append(UInt8(ascii: "\\"))
            self.frame.position += 1
            builder.anchor(at: self.here)
            return
        }
        self.frame.position += length
        builder.anchor(at: self.here)
    }

    /// Reading goes on after the first line of the string, so that the rest of the file is checked too.
    private func failUnterminated(from start: SourceLocation) {
        self.diagnostics.error(
            .unterminatedString, "this string has no closing quote", at: SourceRange(start: start, count: 1)
        )
        while let byte = self.byte(), byte != UInt8(ascii: "\n") { self.frame.position += 1 }
        self.append(.invalid, from: start)
    }

    private func finish(
        _ builder: LiteralBuilder, quote: StringLiteral.Quote, from start: SourceLocation
    ) -> StringLiteral {
        let substituted = self.substituted(builder.bytes, from: start)
        return StringLiteral(
            value: ByteString(substituted ?? builder.bytes), quote: quote, range: self.range(from: start),
            isSubstituted: substituted != nil, anchors: substituted == nil ? builder.anchors : []
        )
    }

    /// The text with all rules applied in their order; nil when none of them matches.
    func substituted(_ bytes: [UInt8], from start: SourceLocation) -> [UInt8]? {
        guard !self.substitutions.isEmpty else { return nil }
        let known = self.knownSubstitutions[bytes]
        let outcome = known ?? SubstitutedText(bytes, self.substitutions)
        if known == nil {
            if self.knownSubstitutions.count >= SubstitutedText.cacheLimit { self.knownSubstitutions.removeAll() }
            self.knownSubstitutions[bytes] = outcome
            self.substitutedBytes += outcome.work
        }
        guard let text = outcome.text else { return nil }
        self.substitutedBytes += text.count
        guard self.substitutedBytes <= Self.substitutionLimit else {
            self.stop(.expansionLimit, "the substitutions of this configuration produce too much text", start)
            return text
        }
        for rule in outcome.rules { self.sources.noteSubstitution(of: self.range(from: start), by: rule) }
        return text
    }

    /// Defines `MOD_name` when the last tokens are `loadmodule "name"`.
    private func noteLoadedModule() {
        guard case .string(let literal)? = self.tokens.last?.kind else { return }
        var index = self.tokens.count - 2
        if index >= 0, case .symbol(.leftParen) = self.tokens[index].kind { index -= 1 }
        guard index >= 0, case .word(let word) = self.tokens[index].kind,
            word == "loadmodule" || word == "loadmodulex"
        else { return }
        let path = word == "loadmodulex" ? self.expandingCoreVariables(literal.value.bytes) : literal.value.bytes
        let name = LoadModule.moduleName(of: String(decoding: path, as: UTF8.self))
        guard !name.isEmpty, self.defines["MOD_" + name] == nil else { return }
        self.defines.set(Define(name: "MOD_" + name, value: [], range: literal.range))
    }
}

/// Collects the bytes of a literal with the way back to their places.
struct LiteralBuilder {
    var bytes: [UInt8] = []
    var anchors: [StringLiteral.Anchor] = []

    mutating func anchor(at location: SourceLocation) {
        let offset = Int32(clamping: self.bytes.count)
        if self.anchors.last?.offset == offset { self.anchors.removeLast() }
        self.anchors.append(StringLiteral.Anchor(offset: offset, location: location))
    }
}

extension UInt8 {
    var hexDigitValue: Int? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(self) - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(self) - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(self) - 55
        default: nil
        }
    }
}

extension LoadModule {
    /// The last path component without `.so`.
    static func moduleName(of path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? ""
        return last.hasSuffix(".so") ? String(last.dropLast(3)) : last
    }
}
