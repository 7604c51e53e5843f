import Bytes

/// The directives of the preprocessor, with their aliases.
enum Directive {
    case define, trydef, redef, undef, tryundef
    case ifdef, ifndef, ifexp, otherwise, endif
    case defexp, defexps
    case defenv, defenvs, trydefenv, trydefenvs
    case subst, substdef, substdefs
    case include, importFile
    case dialect

    static let byName: [String: Directive] = [
        "define": .define, "def": .define, "trydef": .trydef, "trydefine": .trydef, "redef": .redef,
        "redefine": .redef, "undef": .undef, "undefine": .undef, "tryundef": .tryundef, "tryundefine": .tryundef,
        "ifdef": .ifdef, "ifndef": .ifndef, "ifexp": .ifexp, "else": .otherwise, "endif": .endif,
        "defexp": .defexp, "defexps": .defexps, "defenv": .defenv, "defenvs": .defenvs, "trydefenv": .trydefenv,
        "trydefenvs": .trydefenvs, "subst": .subst, "substdef": .substdef, "substdefs": .substdefs,
        "include_file": .include, "import_file": .importFile,
        "KAMAILIO": .dialect, "OPENSER": .dialect, "SER": .dialect, "MAXCOMPAT": .dialect, "ALL": .dialect,
    ]
}

extension Lexer {
    /// Handles the directive at the position; false if what stands here is none.
    func readDirective() -> Bool {
        let start = self.here
        var length = 2
        while let byte = self.byte(at: length), byte.isIdentifierByte { length += 1 }
        let word = String(
            decoding: self.frame.text[self.frame.position + 2..<self.frame.position + length], as: UTF8.self
        )
        guard let directive = Directive.byName[word] else {
            if self.byte() == UInt8(ascii: "#") { self.warnAboutUnknownDirective(word, at: start, length: length) }
            return false
        }
        if directive == .otherwise || directive == .endif, !self.isLineEnd(at: length, after: directive, start) {
            return false
        }
        let begin = self.frame.position
        self.frame.position += length
        self.hasSpace = true
        let range = SourceRange(start: start, end: self.here)
        switch directive {
        case .define, .trydef, .redef: self.define(directive, at: range)
        case .undef, .tryundef: self.undefine(isOptional: directive == .tryundef, at: range)
        case .ifdef, .ifndef:
            let isDefined = self.readConditionName(at: range)
            self.beginConditional(isActive: isDefined == (directive == .ifdef), at: range, from: begin)
        case .ifexp: self.beginConditional(isActive: self.evaluateCondition(at: range), at: range, from: begin)
        case .otherwise: self.flipConditional(at: range, from: begin)
        case .endif: self.endConditional(at: range, from: begin)
        case .defexp, .defexps: self.defineExpression(isQuoted: directive == .defexps, at: range)
        case .defenv, .defenvs: self.defineEnvironment(isQuoted: directive == .defenvs, isOptional: false, at: range)
        case .trydefenv, .trydefenvs:
            self.defineEnvironment(isQuoted: directive == .trydefenvs, isOptional: true, at: range)
        case .subst: self.readSubstitution(.plain, at: range)
        case .substdef: self.readSubstitution(.define, at: range)
        case .substdefs: self.readSubstitution(.quotedDefine, at: range)
        case .include, .importFile:
            self.readInclusion(isOptional: directive == .importFile, from: start, statementStart: begin)
        case .dialect: self.passLine()
        }
        return true
    }

    private func warnAboutUnknownDirective(_ word: String, at start: SourceLocation, length: Int) {
        guard self.diagnostics.warningCount < 200, let meant = nearest(word, in: Directive.byName.keys), meant.count > 3
        else { return }
        self.diagnostics.warning(
            .unknownDirective, "'#!\(word)' is no directive and is read as a comment",
            at: SourceRange(start: start, count: length), suggestion: "did you mean '#!\(meant)'?"
        )
    }

    /// `#!else` and `#!endif` stand alone on their line; with anything behind them they are comments.
    private func isLineEnd(at length: Int, after directive: Directive, _ start: SourceLocation) -> Bool {
        guard !self.isFollowedByLineEnd(length) else { return true }
        let word = directive == .endif ? "endif" : "else"
        self.diagnostics.warning(
            .ignoredDirective, "'#!\(word)' with text behind it is read as a comment",
            at: SourceRange(start: start, count: length), suggestion: "put the text on a line of its own"
        )
        return false
    }

    func isFollowedByLineEnd(_ distance: Int) -> Bool {
        var distance = distance
        while let byte = self.byte(at: distance), byte.isScriptBlank { distance += 1 }
        return self.byte(at: distance) == nil || self.byte(at: distance) == UInt8(ascii: "\n")
    }

    // MARK: Lines

    /// Passes the rest of the line, its end included.
    func passLine() {
        while let byte = self.byte() {
            if byte == UInt8(ascii: "\n") {
                self.passNewline()
                return
            }
            self.frame.position += 1
        }
    }

    func passBlanks() {
        while let byte = self.byte(), byte.isScriptBlank { self.frame.position += 1 }
    }

    /// The identifier at the position, or nil.
    func readIdentifier() -> Name? {
        self.passBlanks()
        guard let first = self.byte(), first.isIdentifierStart else { return nil }
        let start = self.here
        let begin = self.frame.position
        while let byte = self.byte(), byte.isIdentifierByte { self.frame.position += 1 }
        return Name(
            String(decoding: self.frame.text[begin..<self.frame.position], as: UTF8.self), at: self.range(from: start)
        )
    }

    /// The rest of the line, verbatim; a backslash at its end joins the next line.
    func readRestOfLine() -> (bytes: [UInt8], range: SourceRange) {
        self.passBlanks()
        let start = self.here
        var bytes: [UInt8] = []
        while let byte = self.byte(), byte != UInt8(ascii: "\n") {
            if byte == UInt8(ascii: "\\"), self.isLineContinuation {
                self.frame.position += self.byte(at: 1) == 13 ? 2 : 1
                self.passNewline()
                continue
            }
            bytes.append(byte)
            self.frame.position += 1
        }
        if bytes.last == 13 { bytes.removeLast() }
        return (bytes, self.range(from: start))
    }

    func fail(_ message: String, at range: SourceRange, suggestion: String? = nil) {
        self.diagnostics.error(.malformedDirective, message, at: range, suggestion: suggestion)
        while let byte = self.byte(), byte != UInt8(ascii: "\n") { self.frame.position += 1 }
    }

    // MARK: Conditions

    /// Whether the name after `#!ifdef` is defined.
    private func readConditionName(at range: SourceRange) -> Bool {
        guard let name = self.readIdentifier() else {
            self.fail("expected the name of a define", at: range)
            return false
        }
        // Whatever else stands on the line is ignored.
        while let byte = self.byte(), byte != UInt8(ascii: "\n") { self.frame.position += 1 }
        self.record(.use, name.text, at: name.range)
        return self.defines[name.text] != nil
    }

    private func evaluateCondition(at range: SourceRange) -> Bool {
        let (expression, place) = self.readRestOfLine()
        var evaluation = PreprocessorExpression(expression) { [defines] in defines[$0] }
        do throws(PreprocessorExpression.Failure) {
            return try evaluation.evaluate().isTrue
        } catch {
            self.diagnostics.warning(
                .badConditionExpression, "\(error.message); the condition counts as false",
                at: expression.isEmpty ? range : place.part(at: min(error.offset, expression.count), count: 1)
            )
            return false
        }
    }
}
