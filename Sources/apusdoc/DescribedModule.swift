import ModuleKit

/// What one module declares.
struct DescribedModule {
    let type: ModuleType
    let functions: [ScriptFunction]
    let variables: [ScriptVariable]
    let transformations: [TransformationClass]
    let commands: [RPCCommand]

    init(_ type: ModuleType, _ module: any ServerModule) {
        self.type = type
        self.functions = module.functions
        self.variables = module.variables
        self.transformations = module.transformations
        self.commands = module.commands.sorted { $0.name < $1.name }
    }

    /// One for each name; a parameter that takes two types is declared twice.
    var parameters: [ModuleType.Parameter] {
        var names: Set<String> = []
        return self.type.parameters.filter { names.insert($0.name).inserted }
    }

    func types(of parameter: ModuleType.Parameter) -> String {
        let kinds = self.type.parameters.filter { $0.name == parameter.name }.map { $0.isInt ? "int" : "string" }
        return Set(kinds).sorted().joined(separator: " or ")
    }

    var isComplete: Bool {
        self.functions.allSatisfy { $0.body != nil } && self.variables.allSatisfy { $0.bind != nil }
            && self.type.parameters.allSatisfy(\.isBuilt)
    }
}
