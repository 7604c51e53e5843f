import Bytes

extension Lexer {
    enum SubstitutionKind {
        case plain
        /// `substdef`: the expression is also defined as the replacement.
        case define
        /// `substdefs`: the same, with quotes around the value.
        case quotedDefine
    }

    func readSubstitution(_ kind: SubstitutionKind, at range: SourceRange) {
        self.passBlanks()
        let start = self.here
        guard self.byte() == UInt8(ascii: "\"") || self.byte() == UInt8(ascii: "'") else {
            return self.diagnostics.error(
                .malformedDirective, "expected \"/expression/replacement/flags\" in double quotes", at: range
            )
        }
        // Earlier rules do not change the text of this one.
        let earlier = self.substitutions
        self.substitutions = []
        let literal =
            self.byte() == UInt8(ascii: "'") ? self.readSingleQuoted(from: start) : self.readDoubleQuoted(from: start)
        self.substitutions = earlier
        guard let literal else { return }
        self.addSubstitution(kind, literal.value.bytes, at: literal.range)
    }

    func addSubstitution(_ kind: SubstitutionKind, _ text: [UInt8], at range: SourceRange) {
        do throws(SubstitutionRule.Failure) {
            let expanded = self.expandingCoreVariables(text)
            var rule = try SubstitutionRule(expanded)
            rule.range = range
            if kind != .plain {
                let name = String(decoding: rule.pattern, as: UTF8.self)
                if let known = self.defines[name] {
                    return self.diagnostics.error(
                        .duplicateDefine, "'\(name)' is already defined", at: range,
                        notes: known.range.isPresent ? [.init("the first definition", at: known.range)] : []
                    )
                }
                let quote = UInt8(ascii: "\"")
                let value = kind == .quotedDefine ? [quote] + rule.replacement + [quote] : rule.replacement
                self.install(Name(name, at: range), value, at: range)
            }
            self.substitutions.append(rule)
        } catch {
            self.diagnostics.error(.badSubstitution, error.message, at: range)
        }
    }

    /// Replaces `$env(X)`, `$def(ID)` and their relatives, the variables that have a value before the server starts.
    func expandingCoreVariables(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(UInt8(ascii: "$")) else { return text }
        var output: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "$"), let (value, length) = self.coreVariable(text[index...]) {
                output.append(contentsOf: value)
                index += length
            } else {
                output.append(text[index])
                index += 1
            }
        }
        return output
    }

    private func coreVariable(_ text: ArraySlice<UInt8>) -> (value: [UInt8], length: Int)? {
        for (prefix, isEnvironment) in [("$env(", true), ("$envn(", true), ("$def(", false), ("$defn(", false)] {
            guard text.starts(with: prefix.utf8),
                let close = text.firstIndex(of: UInt8(ascii: ")"))
            else { continue }
            let from = text.startIndex + prefix.utf8.count
            guard from <= close else { continue }
            let name = String(decoding: text[from..<close], as: UTF8.self)
            let length = close - text.startIndex + 1
            if isEnvironment { return (Array((self.files.environment(name) ?? "").utf8), length) }
            return (self.defines[name]?.value ?? [], length)
        }
        return nil
    }
}
