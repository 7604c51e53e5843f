import ModuleKit

/// What one module declares.
public struct DescribedModule: Sendable {
    public let type: ModuleType
    public let functions: [ScriptFunction]
    public let variables: [ScriptVariable]
    public let transformations: [TransformationClass]
    public let commands: [RPCCommand]

    public init(_ type: ModuleType, _ module: any ServerModule) {
        self.type = type
        self.functions = module.functions
        self.variables = module.variables
        self.transformations = module.transformations
        self.commands = module.commands.sorted { $0.name < $1.name }
    }

    /// One for each name; a parameter that takes two types is declared twice.
    public var parameters: [ModuleType.Parameter] {
        var names: Set<String> = []
        return self.type.parameters.filter { names.insert($0.name).inserted }
    }

    public func types(of parameter: ModuleType.Parameter) -> String {
        let kinds = self.type.parameters.filter { $0.name == parameter.name }.map { $0.isInt ? "int" : "string" }
        return Set(kinds).sorted().joined(separator: " or ")
    }

    public var isComplete: Bool {
        self.functions.allSatisfy { $0.body != nil } && self.variables.allSatisfy { $0.bind != nil }
            && self.type.parameters.allSatisfy(\.isBuilt)
    }
}
