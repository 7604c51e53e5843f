/// Collects everything found in one run. A run never stops at the first finding.
public struct DiagnosticBag: Sendable {
    /// Findings beyond this many are only counted: a broken file of megabytes must not fill the memory.
    public static let limit = 1000

    public private(set) var all: [Diagnostic] = []
    public private(set) var errorCount = 0
    public private(set) var warningCount = 0
    private var seen: Set<Key> = []

    private struct Key: Hashable {
        var code: DiagnosticCode
        var start: SourceLocation
        var message: String
    }

    public init() {}

    public var hasErrors: Bool { self.errorCount > 0 }
    public var isEmpty: Bool { self.all.isEmpty }

    /// Adds a finding; the same code and message at the same place is kept once.
    public mutating func add(_ diagnostic: Diagnostic) {
        let key = Key(code: diagnostic.code, start: diagnostic.range.start, message: diagnostic.message)
        if diagnostic.range.isPresent, self.seen.contains(key) { return }
        switch diagnostic.severity {
        case .error: self.errorCount += 1
        case .warning: self.warningCount += 1
        case .note: break
        }
        guard self.all.count < Self.limit else { return }
        self.seen.insert(key)
        self.all.append(diagnostic)
    }

    public mutating func error(
        _ code: DiagnosticCode, _ message: String, at range: SourceRange, notes: [Diagnostic.Note] = [],
        suggestion: String? = nil
    ) {
        self.add(Diagnostic(.error, code, message, at: range, notes: notes, suggestion: suggestion))
    }

    public mutating func warning(
        _ code: DiagnosticCode, _ message: String, at range: SourceRange, notes: [Diagnostic.Note] = [],
        suggestion: String? = nil
    ) {
        self.add(Diagnostic(.warning, code, message, at: range, notes: notes, suggestion: suggestion))
    }

    /// Makes every warning an error (`--strict`); the code stays, so that it can still be looked up.
    public mutating func promoteWarnings() {
        for index in self.all.indices where self.all[index].severity == .warning {
            self.all[index].severity = .error
            self.all[index].notes.append(.init("a warning, made an error by --strict"))
        }
        self.errorCount += self.warningCount
        self.warningCount = 0
    }

    /// All findings in the order of the files' text: by file as first read, then by place.
    public func sorted(in sources: SourceMap) -> [Diagnostic] {
        let placed = self.all.enumerated().map { index, diagnostic in
            (place: sources.resolve(diagnostic.range.start).location, index: index, diagnostic: diagnostic)
        }
        return placed.sorted { left, right in
            if left.place.source != right.place.source {
                return left.place.source.rawValue < right.place.source.rawValue
            }
            if left.place.offset != right.place.offset { return left.place.offset < right.place.offset }
            return left.index < right.index
        }.map(\.diagnostic)
    }
}
