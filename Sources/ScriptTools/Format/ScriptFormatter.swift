/// Lays out a configuration: indentation, blanks around operators, runs of empty lines. Line breaks stay where their
/// author put them, and so do the bytes of directives, strings and comments: the tokens are the same before and after.
public struct ScriptFormatter {
    private let options: FormatOptions
    private var output: [UInt8] = []
    private var state = BlockState()
    private var conditionals: [Conditional] = []
    private var emptyLines = 0

    private struct Conditional {
        var before: BlockState
        /// State at the end of the first branch; nil while it is being read.
        var afterFirst: BlockState?
    }

    private init(_ options: FormatOptions) { self.options = options }

    /// The configuration in `text`, laid out. Any text is accepted; what is no configuration is changed as little as
    /// possible.
    public static func format(_ text: [UInt8], options: FormatOptions = FormatOptions()) -> [UInt8] {
        let output = Self.layOut(text, options)
        // Only blanks and line ends may differ: what is read wrongly must not be lost.
        let isWhole = text.lazy.filter { !$0.isSpace }.elementsEqual(output.lazy.filter { !$0.isSpace })
        return isWhole ? output : text
    }

    static func layOut(_ text: [UInt8], _ options: FormatOptions) -> [UInt8] {
        var formatter = ScriptFormatter(options)
        let pieces = TextScanner.pieces(of: text)
        formatter.output.reserveCapacity(text.count + text.count / 16)
        var start = 0
        for (index, piece) in pieces.enumerated() where piece.kind == .newline {
            formatter.line(pieces[start..<index])
            start = index + 1
        }
        formatter.line(pieces[start...])
        return formatter.output
    }

    private mutating func line(_ pieces: ArraySlice<TextPiece>) {
        guard let first = pieces.first else {
            self.emptyLines += 1
            return
        }
        self.endEmptyLines()
        switch first.kind {
        case .directive:
            self.turn(first)
            self.output += first.bytes
        case .opaque: self.output += first.bytes
        default:
            self.indent(pieces)
            self.write(pieces)
        }
        self.output.append(UInt8(ascii: "\n"))
    }

    private mutating func endEmptyLines() {
        defer { self.emptyLines = 0 }
        guard !self.output.isEmpty else { return }
        let count = min(self.emptyLines, self.state.isTopLevel ? 2 : 1)
        for _ in 0..<count { self.output.append(UInt8(ascii: "\n")) }
    }

    /// Branches of a conditional begin in the same state; behind it, the first one counts.
    private mutating func turn(_ directive: TextPiece) {
        switch directive.directiveName {
        case "ifdef", "ifndef", "ifexp": self.conditionals.append(Conditional(before: self.state))
        case "else":
            guard var top = self.conditionals.popLast() else { return }
            if top.afterFirst == nil { top.afterFirst = self.state }
            self.state = top.before
            self.conditionals.append(top)
        case "endif":
            if let after = self.conditionals.popLast()?.afterFirst { self.state = after }
        default: break
        }
    }

    private mutating func indent(_ pieces: ArraySlice<TextPiece>) {
        guard let first = pieces.first else { return }
        let level: Int
        if self.state.isTopLevel {
            level = !first.space.isEmpty && TopLevelLine.continues(pieces) ? 1 : 0
        } else {
            level = self.state.level(of: pieces)
        }
        for _ in 0..<level { self.output += self.options.unit }
    }

    private mutating func write(_ pieces: ArraySlice<TextPiece>) {
        var before: [TextPiece] = []
        for piece in pieces {
            if let left = before.last { self.space(between: left, and: piece, before: before.dropLast()) }
            if piece.kind == .blockComment {
                self.writeComment(piece)
            } else {
                self.output += piece.bytes
            }
            self.state.take(piece)
            before.append(piece)
        }
    }

    private mutating func space(between left: TextPiece, and right: TextPiece, before: ArraySlice<TextPiece>) {
        guard self.state.isInRoute, right.kind != .lineComment || right.space.isEmpty else {
            // Outside of routes, and before comments at the end of a line, columns may be aligned.
            self.output += right.space.filter { $0 != 13 }
            return
        }
        let isWanted = Spacing.isWanted(
            between: left, and: right, before: Array(before.suffix(2)), hasSpace: !right.space.isEmpty)
        if isWanted { self.output.append(32) }
    }

    /// Lines of a comment that begin with a star stand under the first one.
    private mutating func writeComment(_ piece: TextPiece) {
        let lines = piece.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var margin: [UInt8] = []
        if let start = self.output.lastIndex(of: UInt8(ascii: "\n")).map({ $0 + 1 }) ?? Optional(0) {
            margin = Array(self.output[start...].prefix { $0.isBlank })
        }
        for (index, line) in lines.enumerated() {
            guard index > 0 else {
                self.output += line
                continue
            }
            self.output.append(UInt8(ascii: "\n"))
            let body = line.drop(while: \.isBlank)
            if body.first == UInt8(ascii: "*") {
                self.output += margin
                self.output.append(32)
                self.output += body
            } else {
                self.output += line
            }
        }
    }
}

/// Lines outside of all brackets.
enum TopLevelLine {
    /// Words that go on with the statement of the line before.
    private static let continuing: Set<String> = [
        "advertise", "name", "virtual", "desc", "descr", "description", "agname", "workers",
    ]

    /// Whether the line goes on with a statement rather than beginning one.
    static func continues(_ pieces: ArraySlice<TextPiece>) -> Bool {
        guard let first = pieces.first else { return false }
        if first.isComment { return false }
        guard first.kind == .word else { return !first.isSymbol("{") && !first.isSymbol("}") }
        if Self.continuing.contains(first.text) { return true }
        guard let second = pieces.dropFirst().first else { return false }
        return second.kind == .word || second.isSymbol(":")
    }
}
