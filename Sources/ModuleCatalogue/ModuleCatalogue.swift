import ModuleKit
import RouteScript

/// What the modules of a build declare, for reference pages, completion and hover texts.
public enum ModuleCatalogue {
    /// Makes each module of `types` once with its default settings and asks it what it declares. Nothing runs.
    /// - Returns: in alphabetical order.
    /// - Throws: `ModuleError` when a module cannot be made from its defaults.
    public static func describe(_ types: [ModuleType]) throws -> [DescribedModule] {
        let host = CheckHost(types: types)
        defer { host.detach() }
        return try types.map { DescribedModule($0, try host.instance(of: $0)) }.sorted { $0.type.name < $1.type.name }
    }
}
