extension Lexer {
    static let conditionalDepthLimit = 512

    /// `begin` is where the directive starts, for the resolved text.
    func beginConditional(isActive: Bool, at range: SourceRange, from begin: Int) {
        guard self.conditionals.count < Self.conditionalDepthLimit else {
            self.isStopped = true
            return self.diagnostics.error(
                .conditionalTooDeep, "more than \(Self.conditionalDepthLimit) conditionals are nested", at: range
            )
        }
        self.conditionals.append(Conditional(range: range))
        self.leaveOutLine(from: begin)
        if !isActive { self.skipInactive() }
    }

    /// `#!else` only flips, so it may be repeated.
    func flipConditional(at range: SourceRange, from begin: Int) {
        self.leaveOutLine(from: begin)
        guard !self.conditionals.isEmpty else {
            return self.diagnostics.error(
                .unbalancedConditional, "'#!else' without '#!ifdef', '#!ifndef' or '#!ifexp'", at: range
            )
        }
        self.skipInactive()
    }

    func endConditional(at range: SourceRange, from begin: Int) {
        self.warnAboutMissingLineEnd(at: range)
        self.leaveOutLine(from: begin)
        guard self.conditionals.popLast() != nil else {
            return self.diagnostics.error(
                .unbalancedConditional, "'#!endif' without '#!ifdef', '#!ifndef' or '#!ifexp'", at: range
            )
        }
    }

    private func warnAboutMissingLineEnd(at range: SourceRange) {
        self.passBlanks()
        guard self.byte() == nil else { return }
        self.diagnostics.warning(
            .missingLineEnd, "the file ends right after '#!endif'; Kamailio wants a line end there", at: range
        )
    }

    /// Drops a directive, up to the end of its line, from the resolved text.
    private func leaveOutLine(from begin: Int) {
        guard self.resolvedText != nil, self.frame.isFile else { return }
        var start = begin
        while start > 0, self.frame.text[start - 1].isScriptBlank { start -= 1 }
        let standsAlone = start == 0 || self.frame.text[start - 1] == UInt8(ascii: "\n")
        self.flushResolvedText(upTo: standsAlone ? start : begin)
        self.keepPrinting(afterLineEnd: standsAlone)
    }

    private func keepPrinting(afterLineEnd: Bool) {
        guard self.frame.isFile else { return }
        var end = self.frame.position
        while end < self.frame.text.count, self.frame.text[end] != UInt8(ascii: "\n") { end += 1 }
        self.frame.printFrom = afterLineEnd ? min(end + 1, self.frame.text.count) : end
    }

    /// Passes text without lexing it, up to the `#!else` or `#!endif` that ends it. Directives count wherever they
    /// stand, even behind a `#`.
    private func skipInactive() {
        var depth = 0
        while true {
            guard let byte = self.byte() else {
                self.frame.printFrom = self.frame.text.count
                if !self.pop() { return }
                continue
            }
            if byte == UInt8(ascii: "\n") {
                self.passNewline()
                continue
            }
            guard let word = self.conditionalWord() else {
                self.frame.position += 1
                continue
            }
            let start = self.here
            let length = word.utf8.count + 2
            if word == "else" || word == "endif", !self.isFollowedByLineEnd(length) {
                if self.isAtLineStart {
                    self.diagnostics.warning(
                        .ignoredDirective, "'#!\(word)' with text behind it is read as a comment",
                        at: SourceRange(start: start, count: length), suggestion: "put the text on a line of its own"
                    )
                }
                self.frame.position += length
                continue
            }
            self.frame.position += length
            switch word {
            case "else" where depth == 0:
                self.keepPrinting(afterLineEnd: true)
                return
            case "endif" where depth == 0:
                self.warnAboutMissingLineEnd(at: SourceRange(start: start, count: length))
                self.keepPrinting(afterLineEnd: true)
                self.conditionals.removeLast()
                return
            case "endif": depth -= 1
            case "else": break
            default: depth += 1
            }
        }
    }

    /// The conditional directive at the position, if one stands here.
    private func conditionalWord() -> String? {
        guard let first = self.byte(), first == UInt8(ascii: "#") || first == UInt8(ascii: "!"),
            self.byte(at: 1) == UInt8(ascii: "!")
        else { return nil }
        var length = 2
        while let byte = self.byte(at: length), byte.isIdentifierByte, length < 16 { length += 1 }
        let word = String(
            decoding: self.frame.text[self.frame.position + 2..<self.frame.position + length], as: UTF8.self
        )
        return ["ifdef", "ifndef", "ifexp", "else", "endif"].contains(word) ? word : nil
    }
}
