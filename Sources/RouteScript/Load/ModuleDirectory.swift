import Bytes
import ModuleKit

/// What the modules of this build declare, loaded or not: made when a script uses a name that no loaded module has, to
/// say which `loadmodule` line is missing.
struct ModuleDirectory {
    private(set) var functions: [String: String] = [:]
    private(set) var variables: [String: String] = [:]
    private(set) var transformations: [String: String] = [:]

    /// Made once for the same modules: an editor asks with every key that is pressed.
    private static let made = Lock<[[String]: ModuleDirectory]>([:])

    static func of(_ types: [ModuleType]) -> ModuleDirectory {
        let names = types.map(\.name)
        if let known = Self.made.withLock({ $0[names] }) { return known }
        let directory = ModuleDirectory(types)
        Self.made.withLock { $0[names] = directory }
        return directory
    }

    /// Makes each module with its defaults on a server that is not there; one that refuses to be made is left out.
    private init(_ types: [ModuleType]) {
        let host = CheckHost(types: types)
        defer { host.detach() }
        for type in types {
            guard let module = try? host.instance(of: type) else { continue }
            for function in module.functions where function.body != nil {
                for name in [function.name] + function.aliases where self.functions[name] == nil {
                    self.functions[name] = type.name
                }
            }
            for variable in module.variables where variable.bind != nil {
                for name in variable.names where self.variables[name] == nil { self.variables[name] = type.name }
            }
            for transformation in module.transformations where self.transformations[transformation.name] == nil {
                self.transformations[transformation.name] = type.name
            }
        }
    }

    /// What to write at the top of the script to have `module`.
    static func hint(_ module: String) -> String { "add this line above: loadmodule \"\(module).so\"" }
}
