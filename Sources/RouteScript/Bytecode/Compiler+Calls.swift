import Bytes
import ModuleKit

extension Compiler {
    /// Emits a call of a core command or module function, after checking name, arity, route kind and arguments.
    func compile(_ call: Call, mode: CallMode) {
        guard let candidates = self.functions[call.name], !candidates.isEmpty else {
            guard call.core == nil else {
                self.diagnostics.error(
                    .notBuilt, "the core command \(call.name)() is not built yet", at: call.nameRange)
                return self.emitFailedCall(mode, at: call.range)
            }
            self.reportUnknown(call)
            return self.emitFailedCall(mode, at: call.range)
        }
        let count = call.arguments.count
        let built = candidates.filter { $0.function.body != nil }
        guard !built.isEmpty else {
            let reason = candidates[0].function.notBuiltReason ?? " yet"
            self.diagnostics.error(
                .notBuilt, "\(call.name)() of module \(candidates[0].module) is not built\(reason)", at: call.nameRange)
            return self.emitFailedCall(mode, at: call.range)
        }
        let fitting = built.filter {
            let declared = $0.function
            return count >= declared.requiredCount
                && (count <= declared.arguments.count || declared.isVariadic && !declared.arguments.isEmpty)
        }
        // Of several the one that is allowed here.
        let allowed = fitting.first { !$0.function.routes.isDisjoint(with: self.allowedKinds) }
        guard let chosen = allowed ?? fitting.first, let body = chosen.function.body else {
            // The parser has told it of core commands.
            if call.core != nil { return self.emitFailedCall(mode, at: call.range) }
            let counts = built.map { entry -> String in
                let least = entry.function.requiredCount
                let most = entry.function.arguments.count
                if entry.function.isVariadic { return "\(least) or more" }
                return least == most ? "\(least)" : "\(least) to \(most)"
            }
            self.diagnostics.error(
                .wrongArity, "\(call.name)() takes \(counts.joined(separator: " or ")) arguments, not \(count)",
                at: call.range)
            return self.emitFailedCall(mode, at: call.range)
        }
        let function = chosen.function
        if allowed == nil {
            self.diagnostics.error(
                .wrongRouteKind, "\(call.name)() cannot be used in a \(self.kind.rawValue) block", at: call.nameRange)
        }
        var bound: [Arguments.Bound] = []
        var computed = 0
        for (index, expression) in call.arguments.enumerated() {
            let declared = function.arguments[min(index, function.arguments.count - 1)]
            self.current.range = call.range
            guard let argument = self.bind(expression, declared, call, computed: &computed) else { continue }
            bound.append(argument)
        }
        guard bound.count == count else { return self.emitFailedCall(mode, at: call.range) }
        if chosen.module == "core", mode != .statement { self.emit(Instruction(.clearReturnCode), at: call.range) }
        // All are computed before any is stored: one of them may call a function itself.
        for slot in (0..<computed).reversed() { self.emit(Instruction(.argument, slot), at: call.range) }
        self.draft.calls.append(
            Program.Call(
                function: call.name, module: chosen.module, body: body,
                arguments: bound.isEmpty ? .none : Arguments(bound),
                computedCount: computed, continuesBlockOnly: function.continuesBlockOnly))
        if function.continuesBlockOnly, !self.detachments.isEmpty {
            self.detachments[self.detachments.count - 1] = true
        }
        let use = chosen.module == "core" ? self.used(mode).quiet : self.used(mode)
        self.mark(chosen.module == "core" ? .command : .call, call.name, argumentCount: count)
        let site = self.draft.calls.count - 1
        if let action = function.flagAction, use.isQuiet, case .object(let object)? = bound.first,
            let flag = object as? FlagBit
        {
            let operand = action.rawValue << 5 | flag.number & 31
            return self.emit(Instruction(.messageFlag, site, operand, flag: use.rawValue), at: call.range)
        }
        self.emit(Instruction(.call, site, flag: use.rawValue), at: call.range)
    }

    /// No loaded module has the function: says which one would, or which name is near.
    private func reportUnknown(_ call: Call) {
        let name = call.name
        if let owner = self.directory.functions[name] {
            // One line is missing, however often the function is used.
            guard self.reportedNames.insert(name + "()").inserted else { return }
            return self.diagnostics.error(
                .unknownFunction, "\(name)() belongs to module '\(owner)', which is not loaded", at: call.nameRange,
                suggestion: ModuleDirectory.hint(owner))
        }
        if let owners = KamailioFunctions.modules[name] {
            if owners.contains(where: self.missingModules.contains) { return }
            let list = owners.joined(separator: "' or '")
            return self.diagnostics.error(
                .notBuilt, "\(name)() of module '\(list)' is not built yet", at: call.nameRange)
        }
        self.diagnostics.error(
            .unknownFunction, "unknown function '\(name)': is its module loaded?", at: call.nameRange,
            suggestion: self.meant(name, in: self.functions.keys.sorted()) ?? self.elsewhere(name))
    }

    /// A near name of a module that is not loaded.
    private func elsewhere(_ name: String) -> String? {
        guard self.diagnostics.errorCount < 200, let meant = nearest(name, in: self.directory.functions.keys.sorted()),
            let owner = self.directory.functions[meant]
        else { return nil }
        return "did you mean '\(meant)' of module '\(owner)'?"
    }

    /// Keeps the stack right after an error, so that checking can go on.
    private func emitFailedCall(_ mode: CallMode, at range: SourceRange) {
        if mode != .statement { self.emitInteger(0, at: range) }
    }

    private func bind(
        _ expression: Expression, _ declared: Argument, _ call: Call, computed: inout Int
    ) -> Arguments.Bound? {
        if case .invalid = expression.kind { return nil }
        if let constant = self.constantArgument(expression) {
            var literal: StringLiteral?
            if case .string(let written) = expression.kind { literal = written }
            return self.bind(constant, declared, call, literal, at: expression.range)
        }
        if case .variable(let token) = expression.kind, case .variable = declared.kind {
            return self.variable(token).map { .variable(self.draft.variables[$0]) }
        }
        switch declared.kind {
        case .int, .format, .literal:
            self.compile(expression)
            defer { computed += 1 }
            return .computed(computed)
        case .variable, .regex, .route, .number, .custom:
            self.diagnostics.error(
                .badArgument, "argument '\(declared.name)' of \(call.name)() must be constant", at: expression.range)
            return nil
        }
    }

    /// The text of an argument that is known now.
    private func constantArgument(_ expression: Expression) -> ByteString? {
        if case .word(let word) = expression.kind { return ByteString(word) }
        if case .socket(let socket) = expression.kind { return Self.text(of: socket) }
        switch self.fold(expression) {
        case .int(let number)?: return ByteString(decimal: number)
        case .bytes(let text)?: return text
        default: return nil
        }
    }

    private static func text(of socket: SocketSpecification) -> ByteString {
        var text = socket.transport.map { "\($0.name):" } ?? ""
        if let host = socket.hosts.first {
            if case .address(let address) = host.kind { text += address.bracketed } else { text += host.text }
        }
        if case .number(let port) = socket.port { text += ":\(port)" }
        return ByteString(text)
    }

    private func bind(
        _ text: ByteString, _ declared: Argument, _ call: Call, _ literal: StringLiteral?, at range: SourceRange
    ) -> Arguments.Bound? {
        var parser = VariableParser(text, catalog: self.catalog, compiler: self.scripting)
        do {
            switch declared.kind {
            case .literal: return .constant(text, Self.number(text))
            case .int:
                if let number = Self.number(text) { return .constant(text, number) }
                if let flag = self.scripting.flag(text) { return .constant(text, flag) }
                let format = try parser.format()
                guard let variable = format.soleVariable else {
                    throw ArgumentError(
                        "argument '\(declared.name)' of \(call.name)() must be a number or one variable")
                }
                return .variable(variable)
            case .format:
                let format = try parser.format()
                if let constant = format.constant { return .constant(constant, Self.number(constant)) }
                return .format(format)
            case .variable: return .variable(try parser.wholeVariable())
            case .regex:
                guard let index = self.regex(text, ignoringCase: true, at: range) else { return nil }
                return .object(self.draft.regexes[index])
            case .route(let kind): return try self.route(text, kind, call, at: range)
            case .number(let make): return .constant(text, try make(text))
            case .custom(let make): return .object(try make(text, self.scripting))
            }
        } catch {
            let failed = parser.failure ?? Self.place(of: error, in: text)
            let part = failed.flatMap { failed in literal.map { $0.range(of: failed) } }
            self.report(error, error is UnknownVariable ? .unknownVariable : .badArgument, at: part ?? range)
            return nil
        }
    }

    /// Where the unknown variable stands in a text that a module read by itself.
    private static func place(of error: any Error, in text: ByteString) -> Range<Int>? {
        guard let error = error as? UnknownVariable, !error.isTransformation else { return nil }
        let mentions = VariableMention.all(in: text.bytes)
        return mentions.first { error.name == $0.className || error.name.hasPrefix($0.className + ".") }?.range
    }

    private func route(
        _ name: ByteString, _ kind: RouteKinds, _ call: Call, at range: SourceRange
    ) throws -> Arguments.Bound {
        if let index = self.draft.index(of: name, { $0.kinds == kind }) {
            return .route(RouteID(index: index))
        }
        if name == "0" { return .route(.none) }
        let known = self.draft.routes.filter { $0.kind.kinds == kind && !$0.isBlock }.map(\.name.string)
        throw ArgumentError("there is no such route: '\(name)'", suggestion: nearest(name.string, in: known))
    }

    static func number(_ text: ByteString) -> Int? {
        guard !text.isEmpty else { return nil }
        return Value.integer(text.span, ByteRange(start: 0, count: text.count))
    }
}

extension ScriptFunction {
    /// What its module says takes its place, as `: …`; nil when it may be built one day.
    fileprivate var notBuiltReason: String? {
        let mark = "Not built: "
        guard self.body == nil, self.summary.hasPrefix(mark) else { return nil }
        let reason = self.summary.dropFirst(mark.count)
        return ": " + (reason.last == "." ? reason.dropLast() : reason)
    }
}
