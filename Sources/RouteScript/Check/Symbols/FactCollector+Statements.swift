import ModuleKit

extension FactCollector {
    func visit(_ statements: [Statement]) {
        for statement in statements { self.visit(statement) }
    }

    private func visit(_ statement: Statement) {
        switch statement.kind {
        case .empty, .invalid: break
        case .block(let body): self.visit(body)
        case .conditional(let node):
            for branch in node.branches {
                self.visit(branch.condition)
                self.visit(branch.body)
            }
            if let otherwise = node.otherwise { self.visit(otherwise) }
        case .loop(let node):
            self.visit(node.condition)
            self.visit(node.body)
        case .selection(let node):
            self.visit(node.subject)
            for item in node.cases {
                if case .value(let label)? = item.label { self.visit(label) }
                self.visit(item.body)
            }
        case .leave(_, let value): if let value { self.visit(value) }
        case .assign(let node): self.visit(node)
        case .call(let call): self.visit(call)
        case .route(let call): self.visit(call)
        }
    }

    private func visit(_ node: Assignment) {
        self.noteVariables(in: node.target, .write)
        self.visit(node.value)
    }

    /// An operand of an expression.
    private func visit(_ expression: Expression) {
        switch expression.kind {
        case .string(let literal): self.facts.operandStrings.append(literal)
        case .variable(let token): self.noteVariables(in: token, .read)
        case .condition(let condition):
            if condition.subject == .method || condition.subject == .status || condition.subject == .uri {
                self.facts.guardedBlocks.insert(self.block)
            }
            if case .expression(let operand) = condition.operand { self.visit(operand) }
        case .call(let call): self.visit(call)
        case .route(let call): self.visit(call)
        case .block(let body): self.visit(body)
        case .assign(let node): self.visit(node)
        case .unary(_, let operand), .cast(_, let operand), .defined(let operand), .length(let operand),
            .isEmpty(let operand):
            self.visit(operand)
        case .binary: for operand in expression.chain { self.visit(operand) }
        case .choose(let condition, let first, let second):
            self.visit(condition)
            self.visit(first)
            self.visit(second)
        case .integer, .select, .word, .socket, .invalid: break
        }
    }

    private func visit(_ call: RouteCall) {
        let target: ScriptFacts.RouteCallFact.Target
        switch call.target {
        case .name(let name): target = .name(name)
        case .computed(let expression):
            self.visit(expression)
            target = .prefix(Self.prefix(of: expression))
        }
        self.facts.routeCalls.append(
            .init(target: target, kinds: .request, isArmed: false, block: self.block, range: call.targetRange))
    }

    /// The constant text that the value of `expression` begins with.
    private static func prefix(of expression: Expression) -> String {
        guard case .string(let literal)? = expression.operands(of: .add).first?.kind else { return "" }
        return literal.text
    }

    // MARK: Calls

    private static let guards: Set<String> = [
        "is_request", "is_reply", "is_method", "t_is_request_route", "t_is_reply_route", "t_is_branch_route",
        "t_is_failure_route", "t_is_set", "t_check_status", "t_branch_timeout", "is_first_hop", "t_any_replied",
    ]
    /// Functions whose texts are for people and name nothing.
    private static let speakers: Set<String> = [
        "xlog", "xlogl", "xdbg", "xinfo", "xnotice", "xwarn", "xerr", "xcrit", "xalert", "xbug", "xlogm", "xlogml",
        "log", "dbg", "sl_send_reply", "send_reply", "t_reply", "t_send_reply", "append_hf", "insert_hf",
        "append_to_reply", "is_present_hf", "remove_hf", "is_method",
    ]

    private func visit(_ call: Call) {
        let candidates = self.functions[call.name] ?? []
        let count = call.arguments.count
        let chosen =
            candidates.first {
                $0.function.body != nil && count >= $0.function.requiredCount
                    && (count <= $0.function.arguments.count || $0.function.isVariadic)
            } ?? candidates.first
        self.facts.calls.append(
            .init(call: call, block: self.block, function: chosen?.function, module: chosen?.module))
        self.facts.symbols.functions.append(
            .init(
                name: call.name, module: chosen?.module, nameRange: call.nameRange, range: call.range,
                argumentCount: count))
        if Self.guards.contains(call.name) { self.facts.guardedBlocks.insert(self.block) }
        for (index, argument) in call.arguments.enumerated() {
            let declared = chosen?.function.arguments
            let kind = declared.flatMap { $0.isEmpty ? nil : $0[min(index, $0.count - 1)].kind }
            self.visit(argument, of: call, kind)
        }
        self.noteFlag(call)
    }

    private func visit(_ argument: Expression, of call: Call, _ kind: Argument.Kind?) {
        switch argument.kind {
        case .string(let literal):
            switch kind {
            case .format?, .int?: self.noteVariables(in: literal, .read)
            case .literal?: break
            case .route(let kinds)?:
                let range = literal.range(of: 0..<literal.value.count)
                self.facts.routeCalls.append(
                    .init(target: .name(literal.text), kinds: kinds, isArmed: true, block: self.block, range: range))
                return
            case .custom? where Self.speakers.contains(call.name): self.noteVariables(in: literal, .read)
            case .variable?, .regex?, .number?, .custom?, nil: self.noteVariables(in: literal, .passed)
            }
            if !Self.speakers.contains(call.name) { self.mention(literal) }
        case .variable(let token):
            if case .variable? = kind {
                self.noteVariables(in: token, .passed)
            } else {
                self.noteVariables(in: token, kind == nil ? .passed : .read)
            }
        default:
            if case .route(let kinds)? = kind, case .integer(let number) = argument.kind {
                self.facts.routeCalls.append(
                    .init(
                        target: .name(String(number)), kinds: kinds, isArmed: true, block: self.block,
                        range: argument.range))
            }
            self.visit(argument)
        }
    }

    private func noteFlag(_ call: Call) {
        let space: ScriptFacts.FlagUse.Space
        switch call.name {
        case "setflag", "resetflag", "isflagset": space = .message
        case "setbflag", "resetbflag", "isbflagset": space = .branch
        default: return
        }
        guard let argument = call.arguments.first else { return }
        switch argument.kind {
        case .integer(let number): self.noteFlag(number, space, at: argument.range)
        case .string(let literal):
            if let number = Int(literal.text) { self.noteFlag(number, space, at: argument.range) }
        case .word(let word):
            if space == .message, let number = self.flags[word] {
                self.facts.flagUses.append(
                    .init(space: space, number: number, name: word, range: argument.range))
            }
        default: break
        }
    }
}
