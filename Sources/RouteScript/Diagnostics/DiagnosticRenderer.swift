import Bytes

/// Prints diagnostics for people: `file:line:column: error[E0101]: message`, the line, a caret, notes.
public struct DiagnosticRenderer: Sendable {
    public var sources: SourceMap
    /// ANSI colours, for terminals.
    public var usesColour: Bool

    public init(sources: SourceMap, usesColour: Bool = false) {
        self.sources = sources
        self.usesColour = usesColour
    }

    /// Everything in the bag, sorted, with a last line of counts; empty when there is nothing.
    public func render(_ bag: DiagnosticBag) -> String {
        guard !bag.isEmpty else { return "" }
        var output = bag.sorted(in: self.sources).map { self.render($0) }.joined()
        let total = bag.errorCount + bag.warningCount
        if total > bag.all.count { output += "… and \(total - bag.all.count) more\n" }
        let errors = bag.errorCount == 1 ? "1 error" : "\(bag.errorCount) errors"
        let warnings = bag.warningCount == 1 ? "1 warning" : "\(bag.warningCount) warnings"
        output += bag.warningCount == 0 ? "\(errors)\n" : "\(errors), \(warnings)\n"
        return output
    }

    /// One diagnostic with its notes.
    public func render(_ diagnostic: Diagnostic) -> String {
        let style: Style = diagnostic.severity == .error ? .error : .warning
        var output = ""
        if diagnostic.range.isPresent {
            let place = self.sources.resolve(diagnostic.range.start).location
            for inclusion in self.sources.inclusions(of: place.source).reversed() {
                output += "in a file included at \(self.sources.describe(inclusion.start)):\n"
            }
            output += self.paint(self.sources.describe(diagnostic.range.start) + ": ", .bold)
        }
        output += self.paint("\(diagnostic.severity.word)[\(diagnostic.code.id)]: ", style)
        output += self.paint(URLSecrets.masked(diagnostic.message), .bold) + "\n"
        output += self.snippet(of: diagnostic.range, style)
        for note in self.sources.origins(of: diagnostic.range) { output += self.note(note.message, at: note.range) }
        for note in diagnostic.notes { output += self.note(note.message, at: note.range) }
        if let suggestion = diagnostic.suggestion {
            output += self.paint("help: ", .note) + suggestion + "\n"
        }
        return output
    }

    private func note(_ message: String, at range: SourceRange) -> String {
        var output = ""
        if range.isPresent { output += self.paint(self.sources.describe(range.start) + ": ", .bold) }
        output += self.paint("note: ", .note) + URLSecrets.masked(message) + "\n"
        return output + self.snippet(of: range, .note)
    }

    /// The source line with carets under the range; of a range over several lines, the first.
    private func snippet(of range: SourceRange, _ style: Style) -> String {
        let place = self.sources.resolve(range)
        guard place.isPresent, let source = self.sources[place.start.source] else { return "" }
        // What is shown may end up in a log.
        let bytes = URLSecrets.masked(source.line(Int(place.start.line)))[...]
        guard !bytes.isEmpty else { return "" }
        func part(_ lower: Int, _ upper: Int) -> String {
            Self.printable(bytes[bytes.startIndex + lower..<bytes.startIndex + max(lower, upper)])
        }
        let first = min(max(Int(place.start.column) - 1, 0), bytes.count)
        var last = place.end.line == place.start.line ? Int(place.end.column) - 1 : bytes.count
        last = min(max(last, first + 1), max(bytes.count, first + 1))

        // Long lines are cut to a window around the caret.
        let width = 160
        let lower = first > width / 2 ? first - width / 2 : 0
        let upper = min(bytes.count, lower + width)
        let text = part(lower, upper)
        let margin = String(
            part(lower, min(first, upper)).map { $0 == "\t" ? $0 : Character(" ") }
        )
        let underlined = first < upper ? part(first, min(last, upper)).count : 1
        let number = String(place.start.line)
        let gutter = String(repeating: " ", count: number.count)
        let caret = "^" + String(repeating: "~", count: max(underlined - 1, 0))
        return " \(number) | \(text)\n \(gutter) | \(margin)\(self.paint(caret, style))\n"
    }

    /// Control bytes as `?`, so that a configuration cannot steer the terminal; tabs stay.
    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { $0 < 32 && $0 != 9 || $0 == 127 ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }

    private enum Style: String {
        case bold = "\u{1B}[1m", error = "\u{1B}[1;31m", warning = "\u{1B}[1;35m", note = "\u{1B}[1;36m"
    }

    private func paint(_ text: String, _ style: Style) -> String {
        self.usesColour ? style.rawValue + text + "\u{1B}[0m" : text
    }
}
