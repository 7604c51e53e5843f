import Bytes
import ModuleKit

/// What modules ask of the builder: texts, variables, names of the configuration.
extension ProgramBuilder {
    private func enter() throws(UnknownVariable) {
        guard self.depth < VariableParser.depthLimit else { throw VariableParser.tooDeep }
        self.depth += 1
    }

    /// Runs `body` with what it reads counted as so deep in other variables.
    func reading<Result>(at depth: Int, _ body: () throws -> Result) rethrows -> Result {
        let outer = self.depth
        self.depth = depth
        defer { self.depth = outer }
        return try body()
    }

    public var place: ScriptPlace? { self.compiling?.place }

    public var knownVariables: [VariableReference] { self.known.withLock { $0.variables } }

    func note(_ variable: VariableReference) {
        self.known.withLock { known in
            if !known.isClosed, known.texts.insert(variable.text).inserted { known.variables.append(variable) }
        }
    }

    public func format(_ text: ByteString) throws -> FormatString {
        try self.enter()
        defer { self.depth -= 1 }
        var parser = VariableParser(text, catalog: self.catalog, compiler: self, depth: self.depth)
        return try parser.format()
    }

    public func variable(_ text: ByteString) throws -> VariableReference {
        try self.enter()
        defer { self.depth -= 1 }
        var parser = VariableParser(text, catalog: self.catalog, compiler: self, depth: self.depth)
        return try parser.wholeVariable()
    }

    public func variableSlot(_ name: ByteString) -> Int {
        self.slots.slot(of: name)
    }

    public func flag(_ text: ByteString) -> Int? {
        if let number = Compiler.number(text) { return number }
        return self.settings.flags[text.string]
    }

    public func attributeFlag(_ text: ByteString) -> Int? {
        if let number = Compiler.number(text) { return number }
        return self.settings.attributeFlags[text.string]
    }

    public func customParameter(_ group: ByteString, _ name: ByteString) -> ModuleKit.CustomParameter? {
        self.settings.customParameters.first { $0.group == group && $0.name == name }
    }

    public func select(_ path: ByteString) throws(ArgumentError) -> @Sendable (RouteContext) -> Value {
        try self.reader(of: SelectPath.elements(path))
    }

    func reader(of path: [SelectPath.Element]) throws(ArgumentError) -> SelectTable.Reader {
        guard path[0].name == "cfg_get" else {
            for module in self.registry.values {
                for select in module.selects where select.name == path[0].name {
                    return try select.bind(path.dropFirst().map(\.name))
                }
            }
            return try SelectTable.reader(path)
        }
        guard path.count == 3 else { throw ArgumentError("cfg_get.group.name has a group and a name") }
        let (group, name) = (ByteString(path[1].name), ByteString(path[2].name))
        guard let parameter = self.customParameter(group, name) else {
            // What modules declare as changeable is read in the same way.
            guard let variable = self.settings.configuration.find(group, name) else {
                throw ArgumentError("custom parameter \(group).\(name) is not declared")
            }
            return { route in route.configuration?.value(variable) ?? .null }
        }
        return { route in .bytes(route.text(parameter.value(in: route))) }
    }

    public var customParameters: [ModuleKit.CustomParameter] { self.settings.customParameters }
    public var configuration: ConfigurationRegistry? { self.settings.configuration }

    public func environment(_ name: ByteString) -> ByteString? {
        self.parsed.files.environment(name.string).map { ByteString($0) }
    }

    public func define(_ name: ByteString) -> ByteString? {
        self.parsed.defines[name.string].map { ByteString($0.value) }
    }
}
