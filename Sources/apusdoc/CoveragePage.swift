import ModuleCatalogue
import ModuleKit

/// `coverage.md`: every module of Kamailio and what of it is there.
struct CoveragePage {
    let modules: [DescribedModule]

    init(_ modules: [DescribedModule]) { self.modules = modules }

    var text: String {
        let known = KamailioModules.all
        let built = Dictionary(self.modules.map { ($0.type.name, $0) }, uniquingKeysWith: { first, _ in first })
        let ours = self.modules.filter { module in !known.contains { $0.name == module.type.name } }
        let present = known.filter { built[$0.name] != nil }.count
        var page = """
            # Coverage

            What of Kamailio is there. A configuration that uses something that is not is refused when it is loaded, with
            the place and the reason; nothing is silently ignored.

            \(present) of \(known.count) modules are built in. *Works*: all functions, parameters and variables.
            *Partly*: the module's page lists what is missing.

            | Module | State | Functions | Parameters | Variables | Commands | |
            |---|---|---|---|---|---|---|

            """
        for module in ours { page += Self.row(module) }
        for (name, purpose) in known {
            if let module = built[name] {
                page += Self.row(module)
            } else {
                page += "| \(name) | not yet | | | | | \(purpose.tableCell) |\n"
            }
        }
        return page
    }

    private static func row(_ module: DescribedModule) -> String {
        let name = module.type.name
        let state = module.isComplete ? "works" : "partly"
        let numbers = [
            Self.ratio(module.functions.map { $0.body != nil }),
            Self.ratio(module.parameters.map(\.isBuilt)),
            Self.ratio(module.variables.map { $0.bind != nil }),
            module.commands.isEmpty ? "" : String(module.commands.count),
        ].joined(separator: " | ")
        return "| [\(name)](modules/\(name).md) | \(state) | \(numbers) | \(module.type.summary.tableCell) |\n"
    }

    /// `3 of 5`, `5`, or nothing where there are none.
    private static func ratio(_ built: [Bool]) -> String {
        let count = built.filter { $0 }.count
        if built.isEmpty { return "" }
        return count == built.count ? String(count) : "\(count) of \(built.count)"
    }
}
