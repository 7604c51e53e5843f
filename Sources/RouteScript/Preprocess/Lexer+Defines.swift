extension Lexer {
    /// `#!define`, `#!trydef`, `#!redef`
    func define(_ directive: Directive, at range: SourceRange) {
        guard let name = self.readIdentifier() else {
            self.diagnostics.warning(
                .ignoredDirective, "a define without a name of letters, digits and '_' is read as a comment", at: range
            )
            while let byte = self.byte(), byte != UInt8(ascii: "\n") { self.frame.position += 1 }
            return
        }
        if let byte = self.byte(), byte != UInt8(ascii: "\n"), !byte.isScriptBlank {
            let shown = byte > 32 && byte < 127 ? "'\(Character(Unicode.Scalar(byte)))'" : "this byte"
            return self.fail(
                "\(shown) cannot be part of the name of a define", at: SourceRange(start: self.here, count: 1)
            )
        }
        let value = self.readRestOfLine()
        let isKnown = self.defines[name.text] != nil
        if directive == .trydef, isKnown { return }
        if directive == .define, let known = self.defines[name.text] {
            let notes: [Diagnostic.Note] =
                known.range.isPresent
                ? [.init("the first definition", at: known.range)]
                : [.init("it is built in or was given on the command line")]
            self.diagnostics.error(
                .duplicateDefine, "'\(name.text)' is already defined", at: name.range, notes: notes,
                suggestion: "'#!trydef' keeps the first value, '#!redef' takes the new one"
            )
            return
        }
        if Keywords.all.contains(name.text) {
            self.diagnostics.warning(
                .keywordDefine, "'\(name.text)' is a word of the language, so this define is never expanded",
                at: name.range
            )
        }
        self.install(name, value.bytes, at: value.bytes.isEmpty ? name.range : value.range)
    }

    func install(_ name: Name, _ value: [UInt8], at range: SourceRange) {
        guard self.defines.count < DefineTable.limit else {
            return self.diagnostics.error(
                .tooManyDefines, "more than \(DefineTable.limit) names are defined", at: name.range
            )
        }
        self.defines.set(Define(name: name.text, value: value, range: range))
        self.record(.definition(value: String(decoding: value, as: UTF8.self)), name.text, at: name.range)
    }

    func undefine(isOptional: Bool, at range: SourceRange) {
        guard let name = self.readIdentifier() else { return self.fail("expected the name of a define", at: range) }
        if self.defines[name.text] == nil, !isOptional {
            let meant = self.diagnostics.errorCount < 200 ? nearest(name.text, in: self.defines.names) : nil
            self.diagnostics.error(
                .unknownDefine, "'\(name.text)' is not defined", at: name.range,
                suggestion: meant.map { "did you mean '\($0)'? '#!tryundef' accepts a missing define" }
                    ?? "'#!tryundef' accepts a missing define"
            )
        }
        self.defines.remove(name.text)
        self.record(.removal, name.text, at: name.range)
    }

    func defineExpression(isQuoted: Bool, at range: SourceRange) {
        guard let name = self.readIdentifier() else { return self.fail("a define needs a name", at: range) }
        let (expression, place) = self.readRestOfLine()
        do throws(PreprocessorExpression.Failure) {
            let bytes = try self.evaluate(expression)
            let quote = UInt8(ascii: "\"")
            if let known = self.defines[name.text] {
                self.diagnostics.error(
                    .duplicateDefine, "'\(name.text)' is already defined", at: name.range,
                    notes: known.range.isPresent ? [.init("the first definition", at: known.range)] : []
                )
                return
            }
            self.install(name, isQuoted ? [quote] + bytes + [quote] : bytes, at: place)
        } catch {
            self.diagnostics.error(.malformedDirective, error.message, at: place.part(at: error.offset, count: 1))
        }
    }

    /// By itself, so that nothing holds the table when the result is put in: it would be copied.
    private func evaluate(_ expression: [UInt8]) throws(PreprocessorExpression.Failure) -> [UInt8] {
        var evaluation = PreprocessorExpression(expression) { [defines] in defines[$0] }
        return try evaluation.evaluate().bytes
    }

    func defineEnvironment(isQuoted: Bool, isOptional: Bool, at range: SourceRange) {
        guard let name = self.readIdentifier() else {
            return self.fail("expected 'NAME=VARIABLE' or 'VARIABLE'", at: range)
        }
        var variable = name
        if self.byte() == UInt8(ascii: "=") {
            self.frame.position += 1
            guard let other = self.readIdentifier() else {
                return self.fail("expected the name of an environment variable", at: name.range)
            }
            variable = other
        }
        guard let text = self.files.environment(variable.text) else {
            if !isOptional {
                self.diagnostics.error(
                    .unsetEnvironment, "the environment variable '\(variable.text)' is not set", at: variable.range,
                    suggestion: "'#!trydefenv' accepts a variable that is not set"
                )
            }
            return
        }
        if self.defines[name.text] != nil {
            if !isOptional {
                self.diagnostics.error(.duplicateDefine, "'\(name.text)' is already defined", at: name.range)
            }
            return
        }
        let quote = UInt8(ascii: "\"")
        let bytes = Array(text.utf8)
        self.install(name, isQuoted ? [quote] + bytes + [quote] : bytes, at: variable.range)
    }
}
