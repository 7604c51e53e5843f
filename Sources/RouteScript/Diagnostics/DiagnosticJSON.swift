import Bytes

/// Prints diagnostics for programs: a JSON array, one object for each finding, in file order.
///
/// Lines and columns count from 1, columns and offsets in bytes. The end of a range is behind its last byte. A finding
/// that no place stands for has neither `file` nor `range`.
public struct DiagnosticJSON: Sendable {
    public var sources: SourceMap

    public init(sources: SourceMap) { self.sources = sources }

    /// The array, with a line end; `[]` when nothing was found.
    public func render(_ bag: DiagnosticBag) -> String {
        let all = bag.sorted(in: self.sources)
        guard !all.isEmpty else { return "[]\n" }
        return "[\n" + all.map { "  " + self.object($0) }.joined(separator: ",\n") + "\n]\n"
    }

    private func object(_ diagnostic: Diagnostic) -> String {
        var fields = [
            ("severity", Self.quoted(diagnostic.severity.word)), ("code", Self.quoted(diagnostic.code.id)),
            ("title", Self.quoted(diagnostic.code.title)),
            ("message", Self.quoted(URLSecrets.masked(diagnostic.message))),
        ]
        fields += self.place(diagnostic.range)
        fields.append(("notes", Self.array(self.notes(of: diagnostic))))
        fields.append(("suggestions", Self.array(diagnostic.suggestion.map { [Self.quoted($0)] } ?? [])))
        return Self.object(fields)
    }

    /// The diagnostic's own notes, and how its place was reached: defines and includes.
    private func notes(of diagnostic: Diagnostic) -> [String] {
        var notes = diagnostic.notes
        if diagnostic.range.isPresent {
            let place = self.sources.resolve(diagnostic.range.start)
            notes += self.sources.origins(of: diagnostic.range)
            notes += self.sources.inclusions(of: place.location.source).map { .init("included from here", at: $0) }
        }
        return notes.map { note in
            Self.object([("message", Self.quoted(URLSecrets.masked(note.message)))] + self.place(note.range))
        }
    }

    private func place(_ range: SourceRange) -> [(String, String)] {
        let place = self.sources.resolve(range)
        guard place.isPresent, let source = self.sources[place.start.source] else { return [] }
        return [
            ("file", Self.quoted(source.name)),
            ("range", Self.object([("start", Self.position(place.start)), ("end", Self.position(place.end))])),
        ]
    }

    private static func position(_ location: SourceLocation) -> String {
        Self.object([("line", "\(location.line)"), ("column", "\(location.column)"), ("offset", "\(location.offset)")])
    }

    private static func object(_ fields: [(String, String)]) -> String {
        "{" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    }

    private static func array(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }

    /// A JSON string. Control characters are escaped; bytes that are no UTF-8 were replaced when the text was made.
    static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\t": output += "\\t"
            case "\r": output += "\\r"
            case "\0"..<" ", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
