extension Checker {
    /// How control may leave a list of statements.
    private struct Flow {
        /// By running off its end.
        var falls = true
        /// By `break`, to behind the loop or switch around it.
        var breaks = false
    }

    mutating func checkFlow(_ body: [Statement]) { _ = self.flow(body) }

    private mutating func flow(_ statements: [Statement]) -> Flow {
        var result = Flow()
        var cause: Statement?
        var isReported = false
        for statement in statements {
            if let cause, !isReported, !statement.isHarmless {
                isReported = true
                self.reportUnreachable(statement, after: cause)
            }
            let flow = self.flow(statement)
            guard cause == nil else { continue }
            result.breaks = result.breaks || flow.breaks
            if !flow.falls {
                cause = statement
                result.falls = false
            }
        }
        return result
    }

    private mutating func reportUnreachable(_ statement: Statement, after cause: Statement) {
        var notes: [Diagnostic.Note] = []
        // A leaving statement right before needs no pointing at.
        if case .leave = cause.kind {
        } else {
            notes.append(.init("every way through this ends or leaves", at: cause.range))
        }
        self.diagnostics.warning(.unreachable, "this is never reached", at: statement.firstRange, notes: notes)
    }

    private mutating func flow(_ statement: Statement) -> Flow {
        switch statement.kind {
        case .empty, .invalid: return Flow()
        case .block(let body): return self.flow(body)
        case .leave(let kind, let value):
            if let value { self.checkOperands(value) }
            return Flow(falls: false, breaks: kind == .break)
        case .assign(let node):
            self.checkOperands(node.value)
            return Flow()
        case .call(let call):
            for argument in call.arguments { self.checkOperands(argument) }
            return Flow()
        case .route(let call):
            if case .computed(let expression) = call.target { self.checkOperands(expression) }
            return Flow()
        case .conditional(let node): return self.flow(node)
        case .loop(let node):
            self.checkCondition(node.condition, isLoop: true)
            _ = self.flow(node.body)
            // The limit of rounds ends even `while (1)`.
            return Flow()
        case .selection(let node): return self.flow(node)
        }
    }

    private mutating func flow(_ node: IfStatement) -> Flow {
        var result = Flow(falls: node.otherwise == nil)
        for branch in node.branches {
            self.checkCondition(branch.condition, isLoop: false)
            let flow = self.flow(branch.body)
            result.falls = result.falls || flow.falls
            result.breaks = result.breaks || flow.breaks
        }
        self.checkRepeatedConditions(node)
        if let otherwise = node.otherwise {
            let flow = self.flow(otherwise)
            result.falls = result.falls || flow.falls
            result.breaks = result.breaks || flow.breaks
        }
        return result
    }

    private mutating func flow(_ node: SwitchStatement) -> Flow {
        self.checkOperands(node.subject)
        var falls = !node.cases.contains { $0.label == nil }
        for (index, item) in node.cases.enumerated() {
            let flow = self.flow(item.body)
            // A body that runs off its end goes on in the next one; only the last one leaves the switch so.
            if flow.breaks || flow.falls && index == node.cases.count - 1 { falls = true }
        }
        return Flow(falls: falls || node.cases.isEmpty)
    }
}

extension Statement {
    /// `;`, and `break;`, which may follow an `exit` for the eye.
    fileprivate var isHarmless: Bool {
        switch self.kind {
        case .empty, .invalid, .leave(.break, _): true
        default: false
        }
    }

    /// What to underline of a statement that may be long.
    fileprivate var firstRange: SourceRange {
        switch self.kind {
        case .conditional(let node): node.branches.first.map { self.range.upTo($0.condition.range) } ?? self.range
        case .loop(let node): self.range.upTo(node.condition.range)
        default: self.range
        }
    }
}

extension SourceRange {
    /// From where this begins to where `other` ends, when both lie in one text.
    fileprivate func upTo(_ other: SourceRange) -> SourceRange {
        other.isPresent && other.end.source == self.start.source
            ? SourceRange(start: self.start, end: other.end) : self
    }
}
