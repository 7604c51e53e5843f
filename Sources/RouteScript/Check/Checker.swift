import Bytes
import ModuleKit

/// Finds what no single statement shows: code that nothing reaches, conditions that decide nothing, names that mean
/// two things. Everything it says is a warning; what cannot be loaded is the compiler's to refuse.
struct Checker {
    let parsed: ParsedConfiguration
    let facts: ScriptFacts
    let catalog: VariableCatalog
    let settings: ConfigurationSettings
    var diagnostics = DiagnosticBag()
    /// Everything could be read, and every route that is called exists: what nothing names is really unused.
    var isComplete = true
    /// Blocks of the routes in `facts.symbols.routes`, by the same index.
    let blocks: [RouteBlock]

    init(
        _ parsed: ParsedConfiguration, facts: ScriptFacts, catalog: VariableCatalog, settings: ConfigurationSettings
    ) {
        self.parsed = parsed
        self.facts = facts
        self.catalog = catalog
        self.settings = settings
        self.blocks = parsed.configuration.statements.compactMap { statement in
            if case .route(let block) = statement { return block }
            return nil
        }
    }

    mutating func check() {
        for block in self.blocks { self.checkFlow(block.body) }
        self.checkRoutes()
        if !self.parsed.diagnostics.hasErrors { self.checkVariables() }
        self.checkLiteralStrings()
        self.checkFlags()
        self.checkParameters()
    }

    var sources: SourceMap { self.parsed.sources }

    /// Whether the text was put in by a define: a constant that is meant to be changed.
    func isExpanded(_ range: SourceRange) -> Bool { !self.sources.resolve(range.start).expansions.isEmpty }
}

extension DiagnosticCode {
    static let unreachable = DiagnosticCode("W0401", "statement that is never reached")
    static let unusedRoute = DiagnosticCode("W0402", "route that is never called")
    static let constantCondition = DiagnosticCode("W0404", "condition that is always the same")
    static let wrongCaller = DiagnosticCode("W0405", "function that cannot work where its route is called from")
    static let neverAssigned = DiagnosticCode("W0406", "variable that is read and never set")
    static let literalVariable = DiagnosticCode("W0407", "variable in a string that is not expanded")
    static let sharedFlag = DiagnosticCode("W0408", "flag that has two names")
    static let incompatibleComparison = DiagnosticCode("W0409", "comparison of values that do not fit")
    static let surprisingPrecedence = DiagnosticCode("W0410", "operator that binds otherwise than it looks")
    static let repeatedCondition = DiagnosticCode("W0411", "condition that was decided before")
    static let repeatedParameter = DiagnosticCode("W0303", "global parameter that is set twice")

    static let checks: [DiagnosticCode] = [
        unreachable, unusedRoute, constantCondition, wrongCaller, neverAssigned, literalVariable, sharedFlag,
        incompatibleComparison, surprisingPrecedence, repeatedCondition, repeatedParameter,
    ]
}
