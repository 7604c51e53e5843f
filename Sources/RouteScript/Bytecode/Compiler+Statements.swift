import Bytes
import ModuleKit

extension Compiler {
    func compile(_ statements: [Statement]) {
        self.detachments.append(false)
        defer {
            if self.detachments.removeLast(), let last = statements.last {
                self.emit(Instruction(.endBlock), at: last.range)
            }
        }
        for statement in statements { self.compile(statement) }
    }

    private func compile(_ statement: Statement) {
        self.mark(statement)
        switch statement.kind {
        case .empty, .invalid: break
        case .block(let body): self.compile(body)
        case .conditional(let node): self.compile(node, at: statement.range)
        case .loop(let node): self.compile(node, at: statement.range)
        case .selection(let node): self.compile(node, at: statement.range)
        case .leave(let kind, let value): self.compile(kind, value, at: statement.range)
        case .assign(let node): self.compile(node, asExpression: false)
        case .call(let call): self.compile(call, mode: .statement)
        case .route(let call): self.compile(call, mode: .statement)
        }
    }

    private func compile(_ node: IfStatement, at range: SourceRange) {
        var ends: [Int] = []
        for branch in node.branches {
            self.condition(branch.condition)
            let skip = self.emitJump(.jumpUnlessPositive, at: branch.condition.range)
            self.draft.code[skip].b = 1
            self.compile(branch.body)
            ends.append(self.emitJump(.jump, at: branch.range))
            self.patch(skip)
        }
        if let otherwise = node.otherwise { self.compile(otherwise) }
        for end in ends { self.patch(end) }
    }

    private func condition(_ expression: Expression) {
        self.compile(expression)
        self.emitTruth(at: expression.range)
    }

    private func compile(_ node: WhileStatement, at range: SourceRange) {
        self.emit(Instruction(.loopStart), at: range)
        let start = self.here
        self.compile(node.condition)
        self.emitTruth(at: node.condition.range)
        // Unlike `if`, a loop goes on while the value is not 0.
        let leave = self.emitJump(.jumpIfZero, at: node.condition.range)
        self.draft.code[leave].b = 1
        let check = self.here
        self.emit(Instruction(.loopCheck), at: range)
        self.breaks.append([])
        self.compile(node.body)
        self.emit(Instruction(.jump, start), at: range)
        self.patch(leave)
        self.draft.code[check].a = Int32(self.here - start)
        self.draft.code[check].b = Int32(self.here)
        for place in self.breaks.removeLast() { self.patch(place) }
        self.emit(Instruction(.pop), at: range)
    }

    private func compile(_ node: SwitchStatement, at range: SourceRange) {
        self.compile(node.subject)
        let index = self.draft.switches.count
        self.draft.switches.append(Program.Switch(labels: [], otherwise: 0))
        self.emit(Instruction(.select, index), at: range)
        self.breaks.append([])
        var labels: [(label: Program.Switch.Label, target: Int)] = []
        var otherwise: Int?
        var seen: [Program.Switch.Label.Key: SourceRange] = [:]
        for item in node.cases {
            if let label = item.label {
                if let made = self.label(label, at: item.range) {
                    // That labels are all numbers or all texts, the parser has seen to.
                    if let first = seen[made.key] {
                        self.diagnostics.error(
                            .duplicateLabel, "this label is given twice", at: item.range,
                            notes: [.init("it stands here first", at: first)])
                    } else {
                        seen[made.key] = item.range
                    }
                    labels.append((made, self.here))
                }
            } else {
                otherwise = self.here
            }
            self.compile(item.body)
        }
        for place in self.breaks.removeLast() { self.patch(place) }
        self.draft.switches[index] = Program.Switch(labels: labels, otherwise: otherwise ?? self.here)
    }

    private func label(_ label: SwitchStatement.Label, at range: SourceRange) -> Program.Switch.Label? {
        switch label {
        case .value(let expression):
            guard let value = self.fold(expression) else {
                self.diagnostics.error(.badLabel, "a case label must be constant", at: expression.range)
                return nil
            }
            switch value {
            case .int(let number): return .int(number)
            case .bytes(let text): return .text(text)
            default: return nil
            }
        case .regex(let expression):
            guard case .bytes(let pattern)? = self.fold(expression) else {
                self.diagnostics.error(.badLabel, "a case label must be a constant string", at: expression.range)
                return nil
            }
            return self.regex(pattern, ignoringCase: false, at: expression.range)
                .map { .regex(self.draft.regexes[$0]) }
        }
    }

    private func compile(_ kind: LeaveKind, _ value: Expression?, at range: SourceRange) {
        switch kind {
        case .break:
            if self.breaks.isEmpty {
                self.emit(Instruction(.returnBreak), at: range)
            } else {
                self.emit(Instruction(.setCode, 0), at: range)
                let place = self.emitJump(.jump, at: range)
                self.breaks[self.breaks.count - 1].append(place)
            }
        case .return:
            self.leaveValue(value, 1, at: range)
            self.emit(Instruction(.returnValue), at: range)
        case .exit:
            self.leaveValue(value, 1, at: range)
            self.emit(Instruction(.exit), at: range)
        case .drop:
            self.leaveValue(value, 0, at: range)
            self.emit(Instruction(.drop), at: range)
        }
    }

    private func leaveValue(_ value: Expression?, _ standard: Int, at range: SourceRange) {
        if let value {
            self.compile(value)
        } else {
            self.emitInteger(standard, at: range)
        }
    }

    /// - Parameter asExpression: the value 1 of the assignment is wanted on the stack.
    func compile(_ node: Assignment, asExpression: Bool) {
        let target = self.variable(node.target)
        if let target, !self.draft.variables[target].isWritable {
            self.diagnostics.error(
                .readOnlyVariable, "\(self.draft.variables[target].text) cannot be assigned", at: node.target.range)
        }
        if asExpression { self.emit(Instruction(.clearReturnCode), at: node.range) }
        if let constant = self.isNull(node.value) ? .null : self.fold(node.value) {
            self.emit(Instruction(.assignConstant, target ?? 0, self.constant(constant)), at: node.range)
        } else {
            self.compile(node.value, mode: .raw)
            // A select is text, also where the message has nothing of the kind.
            if case .select = node.value.kind { self.emit(Instruction(.toString), at: node.range) }
            self.emit(Instruction(.assign, target ?? 0), at: node.range)
        }
        if asExpression { self.emitInteger(1, at: node.range) }
    }

    func compile(_ call: RouteCall, mode: CallMode) {
        switch call.target {
        case .name(let name):
            guard let index = self.draft.index(of: ByteString(name), { $0 == .route })
            else {
                self.diagnostics.error(
                    .unknownRoute, "there is no route[\(name)]", at: call.targetRange,
                    suggestion: self.meant(name, in: self.draft.subroutes.keys.map(\.string).sorted()))
                return
            }
            self.mark(.route, name)
            self.emit(Instruction(.route, index, flag: self.used(mode).rawValue), at: call.range)
        case .computed(let expression):
            self.compile(expression)
            self.mark(.route, "route")
            self.emit(Instruction(.routeNamed, flag: self.used(mode).rawValue), at: call.range)
        }
    }
}

extension Program.Switch.Label {
    /// What makes two labels the same.
    enum Key: Hashable {
        case int(Int)
        case text(ByteString)
        case regex(ByteString)
    }

    var key: Key {
        switch self {
        case .int(let number): .int(number)
        case .text(let text): .text(text)
        case .regex(let expression): .regex(expression.pattern)
        }
    }
}
