import Bytes
import ModuleKit

/// The modules of a configuration: which are loaded, with which parameters, and their making.
extension ProgramBuilder {
    func collectModules() -> [Request] {
        var requests: [Request] = []
        if let core = self.moduleTypes["core"] { requests.append(Request(type: core, range: .none)) }
        for name in self.extraModules { self.load(name, at: .none, &requests) }
        for statement in self.parsed.configuration.statements {
            switch statement {
            case .loadModule(let node): self.load(node.name, at: node.path.range, &requests)
            case .moduleParameter(let node): self.set(node, &requests)
            default: break
            }
        }
        for (module, name, value) in self.extraParameters {
            guard let index = requests.firstIndex(where: { $0.type.name == module }) else {
                self.diagnostics.error(
                    .moduleNotLoaded, "--modparam: module '\(module)' is not loaded", at: .none)
                continue
            }
            self.set(name, value, of: &requests[index], at: .none, .none)
        }
        return requests
    }

    private func load(_ name: String, at range: SourceRange, _ requests: inout [Request]) {
        if let first = requests.first(where: { $0.type.name == name }) {
            let place = first.range.isPresent ? "it is loaded here" : "it is always loaded, or from the command line"
            self.diagnostics.error(
                .duplicateModule, "module '\(name)' is loaded already", at: range,
                notes: [.init(place, at: first.range)])
            return
        }
        guard let type = self.moduleTypes[name] else {
            if KamailioModules.names.contains(name) {
                self.diagnostics.error(
                    .unknownModule, "module '\(name)' is not built yet in this version of the server", at: range)
            } else {
                self.diagnostics.error(
                    .unknownModule, "there is no module '\(name)'", at: range,
                    suggestion: self.meant(name, in: self.moduleTypes.keys.sorted()))
            }
            self.missing.insert(name)
            return
        }
        requests.append(Request(type: type, range: range))
    }

    private func set(_ node: ModuleParameter, _ requests: inout [Request]) {
        let pattern = ByteString("^(\(node.modules.text))$")
        guard let regex = try? RegularExpression(pattern, ignoringCase: true) else {
            self.diagnostics.error(
                .moduleNotLoaded, "'\(node.modules.text)' is no expression for module names", at: node.modules.range)
            return
        }
        let matching = requests.indices.filter {
            let name = ByteString(requests[$0].type.name)
            return requests[$0].type.name != "core" && regex.matches(name.span)
        }
        guard !matching.isEmpty else {
            if self.missing.contains(where: { regex.matches(ByteString($0).span) }) { return }
            self.reportNotLoaded(node, regex, requests.map(\.type.name))
            return
        }
        let value: ParameterValue
        switch node.value {
        case .integer(let number): value = .int(number)
        case .string(let literal) where node.expandsVariables:
            guard let expanded = self.expand(literal.value, at: node.valueRange) else { return }
            value = .text(expanded.text)
        case .string(let literal): value = .text(literal.value)
        case .word(let word): value = .text(ByteString(word))
        case .variable(let token):
            guard let expanded = self.expand(token.bytes, at: node.valueRange) else { return }
            value = expanded.number.map { .int($0) } ?? .text(expanded.text)
        }
        for index in matching {
            self.set(node.name.text, value, of: &requests[index], at: node.name.range, node.valueRange)
        }
    }

    /// The nearest name as a suggestion, as long as there are few errors.
    private func meant(_ name: String, in candidates: @autoclosure () -> [String]) -> String? {
        guard self.diagnostics.errorCount < 200 else { return nil }
        return nearest(name, in: candidates()).map { "did you mean '\($0)'?" }
    }

    private func reportNotLoaded(_ node: ModuleParameter, _ regex: RegularExpression, _ loaded: [String]) {
        let name = node.modules.text
        let statements = self.diagnostics.errorCount < 200 ? self.parsed.configuration.statements : []
        let below = statements.lazy.compactMap { statement -> SourceRange? in
            guard case .loadModule(let other) = statement, regex.matches(ByteString(other.name).span) else {
                return nil
            }
            return other.path.range
        }.first
        var suggestion = self.meant(name, in: loaded)
        if below != nil {
            suggestion = "set its parameters below the line that loads it"
        } else if self.moduleTypes[name] != nil {
            suggestion = ModuleDirectory.hint(name)
        }
        self.diagnostics.error(
            .moduleNotLoaded, "module '\(name)' is not loaded above this line", at: node.modules.range,
            notes: below.map { [.init("it is loaded here", at: $0)] } ?? [], suggestion: suggestion)
    }

    /// The value of `modparamx`; nil after a diagnostic.
    private func expand(_ text: ByteString, at range: SourceRange) -> EarlyText? {
        do throws(ArgumentError) {
            return try EarlyText(text, defines: self.parsed.defines, files: self.parsed.files)
        } catch {
            self.diagnostics.error(
                .unknownModuleParameter, error.message, at: range,
                suggestion: error.suggestion.map { "did you mean '\($0)'?" })
            return nil
        }
    }

    private func set(
        _ name: String, _ value: ParameterValue, of request: inout Request, at range: SourceRange,
        _ valueRange: SourceRange
    ) {
        let known = request.type.parameters
        guard known.contains(where: { $0.name == name }) else {
            self.diagnostics.error(
                .unknownModuleParameter, "module '\(request.type.name)' has no parameter '\(name)'", at: range,
                suggestion: self.meant(name, in: known.map(\.name)))
            return
        }
        do {
            try request.type.check(name, value)
            request.values.append((name, value))
        } catch let error as ArgumentError {
            let place = valueRange.isPresent ? valueRange : range
            self.diagnostics.error(
                .unknownModuleParameter, error.message, at: place,
                suggestion: error.suggestion ?? self.otherKind(of: value, for: name, known))
        } catch {
            self.diagnostics.error(.unknownModuleParameter, "\(error)", at: range)
        }
    }

    /// What to write instead of a value of the wrong kind.
    private func otherKind(of value: ParameterValue, for name: String, _ known: [ModuleType.Parameter]) -> String? {
        guard let parameter = known.first(where: { $0.name == name }) else { return nil }
        switch value {
        case .text(let text) where parameter.isInt && Int(text.string) != nil: return "write \(text) without quotes"
        case .int(let number) where !parameter.isInt: return "write \"\(number)\", in quotes"
        default: return nil
        }
    }

    /// Makes the modules in order; one that needs what another declares is tried again after it.
    func makeModules(_ requests: [Request], _ host: any ModuleHost) {
        var left = requests
        var made: [(order: Int, module: any ServerModule, name: String)] = []
        var errors: [String: any Error] = [:]
        var hasProgress = true
        while hasProgress, !left.isEmpty {
            hasProgress = false
            var again: [Request] = []
            for request in left {
                do {
                    let module = try request.type.make(request.values, host)
                    self.catalog.add(module)
                    self.registry[ObjectIdentifier(type(of: module))] = module
                    let order = requests.firstIndex { $0.type.name == request.type.name } ?? 0
                    made.append((order, module, request.type.name))
                    hasProgress = true
                } catch {
                    errors[request.type.name] = error
                    again.append(request)
                }
            }
            left = again
        }
        made.sort { $0.order < $1.order }
        self.modules = made.map(\.module)
        self.moduleNames = made.map(\.name)
        for request in left {
            let error = errors[request.type.name]
            let message =
                (error as? ArgumentError)?.message ?? (error as? UnknownVariable)?.error.message
                ?? (error as? ModuleError)?.message ?? "\(error.map { "\($0)" } ?? "unknown reason")"
            self.diagnostics.error(.moduleRefused, "module '\(request.type.name)': \(message)", at: request.range)
        }
    }

    /// The module of that type, when it is loaded.
    public func module(_ type: ObjectIdentifier) -> (any ServerModule)? { self.registry[type] }

    /// Lets go of the modules and of the variables that were used, which know the host, which knows this builder: nothing
    /// can be compiled any more. A program that was built has them still. Called when nothing runs any more of what was
    /// built, or when it was refused.
    public func dismantle() {
        self.modules = []
        self.moduleNames = []
        self.registry = [:]
        self.catalog = VariableCatalog()
        self.known.withLock { $0 = Known(isClosed: true) }
    }
}
