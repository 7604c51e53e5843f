/// What a diagnostic code means: two or three sentences, something that gets it, and the same without it.
///
/// The reference page is made of these, and a test loads every example.
public struct DiagnosticExplanation: Sendable {
    public enum Place: Sendable {
        /// The examples stand outside of route blocks.
        case file
        /// The examples stand in a route block.
        case body
    }

    public var code: DiagnosticCode
    public var place: Place
    public var text: String
    /// Empty where an example would be as large as what it warns of.
    public var wrong: String
    public var right: String

    init(_ code: DiagnosticCode, _ place: Place, _ text: String, wrong: String, right: String) {
        self.code = code
        self.place = place
        self.text = text
        self.wrong = wrong
        self.right = right
    }

    /// All of them, by code.
    public static let all: [DiagnosticExplanation] = {
        let tables = [
            DiagnosticExplanation.preprocessor, DiagnosticExplanation.syntax, DiagnosticExplanation.parameters,
            DiagnosticExplanation.script, DiagnosticExplanation.loading, DiagnosticExplanation.checks,
        ]
        return tables.flatMap { $0 }.sorted { $0.code.id < $1.code.id }
    }()
}

extension DiagnosticCode {
    /// Every code that a check of a configuration can report.
    public static let all: [DiagnosticCode] = {
        let lists = [DiagnosticCode.frontEnd, DiagnosticCode.backEnd, DiagnosticCode.checks]
        return lists.flatMap { $0 }.sorted { $0.id < $1.id }
    }()
}
