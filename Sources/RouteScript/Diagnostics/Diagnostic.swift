/// One finding about a configuration.
public struct Diagnostic: Sendable {
    public enum Severity: Int, Sendable, Comparable {
        case note, warning, error

        public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
        public var word: String {
            switch self {
            case .note: "note"
            case .warning: "warning"
            case .error: "error"
            }
        }
    }

    /// A further place, or a further sentence when `range` is `.none`.
    public struct Note: Sendable {
        public var message: String
        public var range: SourceRange

        public init(_ message: String, at range: SourceRange = .none) {
            self.message = message
            self.range = range
        }
    }

    public var severity: Severity
    public var code: DiagnosticCode
    /// One clause without a full stop: `expected ';' after this statement`.
    public var message: String
    public var range: SourceRange
    public var notes: [Note]
    /// What to write instead, as one clause: `did you mean 'debug'?`.
    public var suggestion: String?

    public init(
        _ severity: Severity, _ code: DiagnosticCode, _ message: String, at range: SourceRange, notes: [Note] = [],
        suggestion: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.range = range
        self.notes = notes
        self.suggestion = suggestion
    }
}
