/// All texts that make up one configuration, and the way back from any of them to a line of a file.
public struct SourceMap: Sendable {
    public private(set) var sources: [SourceFile] = []
    /// Texts that a substitution changed: where each stands, and the rule.
    private var substituted: [SourceID: [(changed: SourceRange, rule: SourceRange)]] = [:]

    public init() {}

    /// One define on the way from a file to the text that was read.
    public struct Expansion: Sendable {
        public var name: String
        /// Where the define's value stands, at the byte in question; `.none` for built-in and command-line ones.
        public var valueAt: SourceRange
    }

    /// Adds a text and names it.
    public mutating func add(name: String, origin: SourceFile.Origin, bytes: [UInt8]) -> SourceID {
        let id = SourceID(rawValue: Int32(clamping: self.sources.count))
        self.sources.append(SourceFile(id: id, name: name, origin: origin, bytes: bytes))
        return id
    }

    public subscript(id: SourceID) -> SourceFile? {
        let index = Int(id.rawValue)
        return index >= 0 && index < self.sources.count ? self.sources[index] : nil
    }

    /// Follows a place in expanded text back to the file where the name that was expanded stands.
    ///
    /// - Returns: the place in a file, and the defines passed on the way, outermost first.
    public func resolve(_ location: SourceLocation) -> (location: SourceLocation, expansions: [Expansion]) {
        var current = location
        var expansions: [Expansion] = []
        var steps = 0
        while let source = self[current.source], steps < 1000 {
            guard case .define(let name, let definedAt, let usedAt) = source.origin else { break }
            expansions.append(Expansion(name: name, valueAt: definedAt))
            current = usedAt.start
            steps += 1
        }
        return (current, expansions.reversed())
    }

    /// The range in one file that a reader should look at: a range that begins or ends in expanded text grows to the
    /// names that were expanded.
    public func resolve(_ range: SourceRange) -> SourceRange {
        let start = self.resolve(range.start).location
        var end = range.end
        var steps = 0
        while let source = self[end.source], steps < 1000 {
            guard case .define(_, _, let usedAt) = source.origin else { break }
            end = usedAt.end
            steps += 1
        }
        guard end.source == start.source, end.offset >= start.offset else {
            return SourceRange(start: start, count: 1)
        }
        return SourceRange(start: start, end: end)
    }

    /// The raw text of a range; of both ends in different texts, that of the resolved range.
    public func text(of range: SourceRange) -> String {
        let range = range.start.source == range.end.source ? range : self.resolve(range)
        guard let source = self[range.start.source] else { return "" }
        return String(decoding: source.text(from: range.start, to: range.end), as: UTF8.self)
    }

    /// `file:line:column` of the place in a file, as diagnostics and run-time messages print it.
    public func describe(_ location: SourceLocation) -> String {
        let place = self.resolve(location).location
        guard let source = self[place.source] else { return "<unknown>" }
        return "\(source.name):\(place.line):\(place.column)"
    }

    /// Notes that the rule at `rule` changed the text at `changed`.
    mutating func noteSubstitution(of changed: SourceRange, by rule: SourceRange) {
        self.substituted[changed.start.source, default: []].append((changed, rule))
    }

    /// Where the text of a range came from, when it does not stand in a file as it was read: the values of defines and
    /// the substitutions, each as a note.
    public func origins(of range: SourceRange) -> [Diagnostic.Note] {
        var notes = self.resolve(range.start).expansions.map { expansion in
            Diagnostic.Note(
                expansion.valueAt.isPresent
                    ? "in the value of the define '\(expansion.name)'"
                    : "in the value of the define '\(expansion.name)', which is built in or from the command line",
                at: expansion.valueAt)
        }
        for (changed, rule) in self.substituted[range.start.source] ?? []
        where changed.start.offset <= range.start.offset && range.start.offset < changed.end.offset {
            notes.append(.init("this substitution changed the text", at: rule))
        }
        return notes
    }

    /// The files by which `id` was reached: where each was included, innermost first.
    public func inclusions(of id: SourceID) -> [SourceRange] {
        var result: [SourceRange] = []
        var current = id
        while let source = self[current], case .file(let includedAt) = source.origin, includedAt.isPresent,
            result.count < 100
        {
            result.append(includedAt)
            current = self.resolve(includedAt.start).location.source
        }
        return result
    }
}
