import Bytes
import ModuleKit
import SIPMessage

extension Program {
    /// Runs until the script ends or suspends. Routes never recurse on the native stack.
    func run(_ execution: Execution, _ context: RouteContext) -> RunState {
        while true {
            // Asked for each frame only: within one, the untraced loop costs nothing for it.
            switch execution.tracer == nil
                ? self.runFrame(execution, context) : self.runTracedFrame(execution, context)
            {
            case .goOn: continue
            case .handOver(let other): return other.run(execution, context)
            case .suspended: return .suspended
            case .ended(let result):
                execution.stack.removeAll()
                return .ended(result)
            }
        }
    }

    @inline(never)
    private func runFrame(_ execution: Execution, _ context: RouteContext) -> Step {
        self.interpret(execution, context, isTraced: false)
    }

    @inline(never)
    private func runTracedFrame(_ execution: Execution, _ context: RouteContext) -> Step {
        self.interpret(execution, context, isTraced: true)
    }

    /// Runs the topmost frame until another one is on top, or it all ends.
    @inline(__always)
    private func interpret(_ execution: Execution, _ context: RouteContext, isTraced: Bool) -> Step {
        var top = execution.frames.count - 1
        guard top >= 0 else { return .ended(RouteResult(code: 1)) }
        let code = self.code
        var pc = execution.frames[top].pc
        while true {
            let instruction = code[pc]
            if isTraced, self.announce(pc, execution, context) == .pause {
                execution.frames[top].pc = pc
                return .suspended
            }
            pc &+= 1
            let a = Int(instruction.a)
            switch instruction.operation {
            case .constant: execution.stack.append(self.constants[a])
            case .integer: execution.stack.append(.int(a))
            case .variable:
                let value = self.variables[a].read(in: context)
                if isTraced { self.traceRead(self.variables[a].variable, value, execution, context) }
                execution.stack.append(value)
            case .isDefined:
                let value = self.variables[a].read(in: context)
                if isTraced { self.traceRead(self.variables[a].variable, value, execution, context) }
                let isNull = value.isNull
                self.branch(on: isNull == (instruction.b == 1), &pc, code, top, execution, isTraced: isTraced)
            case .assign:
                let value = execution.stack.popLast() ?? .null
                if execution.hasFailed {
                    // The variable keeps its value.
                    execution.hasFailed = false
                    execution.frames[top].code = -1
                    if isTraced { self.traceWrite(a, nil, pc - 1, execution, context) }
                    continue
                }
                let isWritten = self.variables[a].write(context.stored(value), in: context)
                if isTraced { self.traceWrite(a, isWritten ? value : nil, pc - 1, execution, context) }
                if !isWritten { self.complainOfAssignment(to: a, at: pc - 1, context) }
                execution.frames[top].code = 1
            case .assignConstant:
                let value = self.constants[Int(instruction.b)]
                let isWritten = self.variables[a].write(value, in: context)
                if isTraced { self.traceWrite(a, isWritten ? value : nil, pc - 1, execution, context) }
                if !isWritten { self.complainOfAssignment(to: a, at: pc - 1, context) }
                execution.frames[top].code = 1
            case .pop: _ = execution.stack.popLast()
            case .argument:
                while context.computedArguments.count <= a { context.computedArguments.append(.null) }
                context.computedArguments[a] = execution.stack.popLast() ?? .null
                execution.hasFailed = false
            case .call:
                execution.frames[top].pc = pc
                let mode = CallMode(rawValue: instruction.flag)
                let continuesBlock = self.calls[a].call.continuesBlockOnly
                if continuesBlock, code[pc].operation == .endBlock {
                    let function = self.calls[a].call.function
                    context.log(
                        .error, "\(self.place(of: pc - 1)): \(function)() cannot be the last action of a block")
                    self.give(-1, mode, execution, context)
                    continue
                }
                let began = self.slowActionLimit > 0 ? WallClock.microseconds() : 0
                let outcome = self.calls[a].run(context)
                if began > 0 { self.noteSlowAction(a, began, pc, context) }
                if continuesBlock, case .suspended = outcome { execution.detachedDepth = top + 1 }
                if case .code(let result) = outcome, result != 0 || mode.isQuiet {
                    if isTraced { self.traceCode(result, execution, context) }
                    if mode.use == .truth {
                        if !mode.isQuiet { context.returnCode = result }
                        self.branch(on: result > 0, &pc, code, top, execution, isTraced: isTraced)
                    } else {
                        self.give(result, mode, execution, context)
                    }
                    continue
                }
                return self.absorb(outcome, mode, execution, context)
            case .messageFlag:
                let mask = UInt32(1) << UInt32(truncatingIfNeeded: instruction.b & 31)
                var result = 1
                switch FlagAction(rawValue: Int(instruction.b >> 5)) {
                case .set: context.flags |= mask
                case .reset: context.flags &= ~mask
                case .test, nil: result = context.flags & mask != 0 ? 1 : -1
                }
                if isTraced {
                    execution.frames[top].pc = pc
                    self.traceCode(result, execution, context)
                }
                let mode = CallMode(rawValue: instruction.flag)
                switch mode.use {
                case .statement: execution.frames[top].code = result
                case .truth:
                    if !mode.isQuiet { context.returnCode = result }
                    self.branch(on: result > 0, &pc, code, top, execution, isTraced: isTraced)
                default: self.give(result, mode, execution, context)
                }
            case .route, .routeNamed:
                execution.frames[top].pc = pc
                let mode = CallMode(rawValue: instruction.flag)
                let route =
                    instruction.operation == .route
                    ? RouteID(index: a) : self.routeNamed(execution.stack.popLast() ?? .null, pc, context)
                execution.fuel &-= 1
                if execution.fuel < 0 { return self.stopForGood(at: pc, execution, context) }
                guard route.isPresent else {
                    self.giveMissing(mode, execution, context)
                    continue
                }
                guard execution.frames.count < self.settings.maxRecursiveLevel else {
                    self.complainOfDepth(route, at: pc, execution, context)
                    self.give(-1, mode, execution, context)
                    continue
                }
                self.pushSubroute(route, mode, execution)
                top &+= 1
                pc = execution.frames[top].pc
            case .jump: pc = a
            case .jumpUnlessPositive:
                let holds = self.popInt(execution, context) > 0 && !execution.hasFailed
                if isTraced, instruction.b == 1 {
                    self.trace(.condition, "if", .int(holds ? 1 : 0), pc - 1, execution, context)
                }
                if !holds { pc = a }
                execution.hasFailed = false
                if instruction.b == 1 { execution.frames[top].code = 1 }
            case .jumpIfZero:
                let isZero = self.popInt(execution, context) == 0
                if isTraced, instruction.b == 1 {
                    self.trace(.loop, "while", .int(isZero ? 0 : 1), pc - 1, execution, context)
                }
                if isZero { pc = a }
            case .jumpUnlessZero: if self.popInt(execution, context) != 0 { pc = a }
            case .binary:
                let right = execution.stack.popLast() ?? .null
                let left = execution.stack.popLast() ?? .null
                guard let operation = BinaryOperation(rawValue: a) else { continue }
                guard let result = self.apply(operation, left, right, pc, context) else {
                    execution.hasFailed = true
                    execution.stack.append(.int(0))
                    continue
                }
                execution.stack.append(result)
            case .binaryConstant:
                let left = execution.stack.popLast() ?? .null
                guard let operation = BinaryOperation(rawValue: a) else { continue }
                let right = self.constants[Int(instruction.b)]
                guard let result = self.apply(operation, left, right, pc, context) else {
                    execution.hasFailed = true
                    execution.stack.append(.int(0))
                    continue
                }
                execution.stack.append(result)
            case .matchConstant:
                let value = execution.stack.popLast() ?? .null
                let isMatch = self.regexes[a].matches(value, in: context)
                self.branch(on: isMatch, &pc, code, top, execution, isTraced: isTraced)
            case .not: execution.stack.append(.int(self.popInt(execution, context) == 0 ? 1 : 0))
            case .negate: execution.stack.append(.int(0 &- self.popInt(execution, context)))
            case .complement: execution.stack.append(.int(~self.popInt(execution, context)))
            case .toInteger: execution.stack.append(.int(self.popInt(execution, context)))
            case .toString:
                let value = execution.stack.popLast() ?? .null
                execution.stack.append(.bytes(context.text(value)))
            case .length:
                let value = execution.stack.popLast() ?? .null
                execution.stack.append(.int(context.withText(value) { $0.count }))
            case .isEmpty:
                let value = execution.stack.popLast() ?? .null
                execution.stack.append(.int(context.isEmpty(value) ? 1 : 0))
            case .condition:
                let holds = self.conditions[a].holds(in: context, against: .null)
                self.branch(on: holds, &pc, code, top, execution, isTraced: isTraced)
            case .conditionWith:
                let operand = execution.stack.popLast() ?? .null
                let holds = self.conditions[a].holds(in: context, against: operand)
                self.branch(on: holds, &pc, code, top, execution, isTraced: isTraced)
            case .select:
                let value = execution.stack.popLast() ?? .null
                let table = self.switches[a]
                if isTraced { self.trace(.selection, "switch", value, pc - 1, execution, context) }
                pc = execution.hasFailed ? table.otherwise : self.target(of: table, value, context)
                execution.hasFailed = false
                execution.frames[top].code = 1
            case .loopStart:
                execution.stack.append(.int(0))
                execution.frames[top].code = 1
            case .loopCheck:
                let round = self.popInt(execution, context) &+ 1
                execution.stack.append(.int(round))
                execution.fuel &-= a
                let limit = context[self.loopLimit]
                if limit > 0, round > limit {
                    context.log(.error, "\(self.place(of: pc - 1)): more than \(limit) rounds (max_while_loops)")
                    execution.frames[top].code = -1
                    pc = Int(instruction.b)
                } else if execution.fuel < 0 {
                    return self.stopForGood(at: pc, execution, context)
                }
            case .returnValue:
                let result = execution.hasFailed ? -1 : self.popInt(execution, context)
                execution.hasFailed = false
                // `return 0` is `exit` (language §6).
                if result == 0 { return self.stop(code: 0, isDropped: false, execution, context) }
                if self.returnInside(result, top, execution, context, isTraced: isTraced) {
                    top &-= 1
                    pc = execution.frames[top].pc
                    continue
                }
                return self.leave(RouteResult(code: result), execution, context)
            case .returnBreak: return self.leave(RouteResult(code: 0), execution, context)
            case .exit:
                return self.stop(code: self.popInt(execution, context), isDropped: false, execution, context)
            case .drop: return self.stop(code: self.popInt(execution, context), isDropped: true, execution, context)
            case .setCode: execution.frames[top].code = a
            case .endBlock:
                if execution.detachedDepth == top + 1 {
                    return self.stop(code: execution.frames[top].code, isDropped: false, execution, context)
                }
            case .clearReturnCode: context.returnCode = 0
            case .end:
                let result = execution.frames[top].code
                if self.returnInside(result, top, execution, context, isTraced: isTraced) {
                    top &-= 1
                    pc = execution.frames[top].pc
                    continue
                }
                return self.leave(RouteResult(code: result), execution, context)
            }
        }
    }

    /// Takes the jumps that ask for a truth value, which then never lies on the operand stack: most values are asked for
    /// at once. A tracer wants to see each instruction; for it, and for anything else that follows, the value is pushed.
    @inline(__always)
    private func branch(
        on value: Bool, _ pc: inout Int, _ code: [Instruction], _ top: Int, _ execution: Execution, isTraced: Bool
    ) {
        var isTrue = value
        while !isTraced {
            let next = code[pc]
            switch next.operation {
            case .not:
                isTrue.toggle()
                pc &+= 1
                continue
            case .jumpUnlessPositive:
                pc = isTrue && !execution.hasFailed ? pc &+ 1 : Int(next.a)
                execution.hasFailed = false
                if next.b == 1 { execution.frames[top].code = 1 }
                return
            case .jumpIfZero:
                pc = isTrue ? pc &+ 1 : Int(next.a)
                return
            case .jumpUnlessZero:
                pc = isTrue ? Int(next.a) : pc &+ 1
                return
            default: break
            }
            break
        }
        execution.stack.append(.int(isTrue ? 1 : 0))
    }

    /// The script has used up its instructions (`CoreSettings.scriptFuel`): its message is dropped.
    private func stopForGood(at pc: Int, _ execution: Execution, _ context: RouteContext) -> Step {
        let name = execution.frames.last.map { self.name(of: $0.route) } ?? ByteString()
        context.log(.error, "\(self.place(of: pc - 1)): the script does not end, stopped in route[\(name)]")
        return self.stop(code: -1, isDropped: true, execution, context)
    }

    private func complainOfAssignment(to variable: Int, at pc: Int, _ context: RouteContext) {
        context.log(.error, "\(self.place(of: pc)): \(self.variables[variable].variable.text) cannot be assigned")
    }

    /// Says once in a run that routes are nested too deeply: a script may try it a million times.
    private func complainOfDepth(_ route: RouteID, at pc: Int, _ execution: Execution, _ context: RouteContext) {
        guard !execution.hasBeenTooDeep else { return }
        execution.hasBeenTooDeep = true
        let limit = self.settings.maxRecursiveLevel
        context.log(
            .error,
            "\(self.place(of: pc - 1)): route[\(self.name(of: route))] is nested too deeply, more than \(limit) (max_recursive_level)"
        )
    }

    private func popInt(_ execution: Execution, _ context: RouteContext) -> Int {
        guard let value = execution.stack.popLast() else { return 0 }
        if case .int(let number) = value { return number }
        return self.integer(value, context)
    }

    /// Automatic conversion: text that is no number counts as 0, with a warning (language §8.1).
    func integer(_ value: Value, _ context: RouteContext) -> Int {
        if let number = context.int(value) { return number }
        context.log(.warning, "automatic string to int conversion for \"\(context.text(value))\" failed")
        return 0
    }

    /// `latency_limit_action`.
    private func noteSlowAction(_ site: Int, _ began: Int, _ pc: Int, _ context: RouteContext) {
        let taken = WallClock.microseconds() - began
        guard taken > self.slowActionLimit else { return }
        let level = LogLevel(rawValue: min(max(self.settings.slownessLogLevel, -5), 3)) ?? .error
        context.log(level, "\(self.place(of: pc - 1)): \(self.calls[site].call.function)() took \(taken) us")
    }

    /// A route that is not there gives -10, and leaves `$rc` alone or, in an expression, 0.
    private func giveMissing(_ mode: CallMode, _ execution: Execution, _ context: RouteContext) {
        self.give(-10, mode.quiet, execution, context)
        if mode.use != .statement { context.returnCode = 0 }
    }

    private func routeNamed(_ value: Value, _ pc: Int, _ context: RouteContext) -> RouteID {
        let name = context.text(value)
        let route = self.subroute(named: name)
        if !route.isPresent { context.log(.error, "\(self.place(of: pc - 1)): there is no route[\(name)]") }
        return route
    }

    private func target(of choice: Switch, _ value: Value, _ context: RouteContext) -> Int {
        for entry in choice.labels {
            switch entry.label {
            case .int(let number): if self.integer(value, context) == number { return entry.target }
            case .text(let text): if context.equals(value, text) { return entry.target }
            case .regex(let regex): if context.withText(value, { regex.matches($0) }) { return entry.target }
            }
        }
        return choice.otherwise
    }
}
