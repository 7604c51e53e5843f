import Bytes

/// Reads a configuration into tokens: preprocessor and lexer in one pass, because directives stand between tokens and
/// a module that was loaded defines a name for the lines below it.
///
/// Input is a stack of frames. A file is a frame, and so is the value of a define while it is read; a value behaves as
/// if it stood in the text instead of its name, so that a comment in it goes on to the end of the line.
final class Lexer {
    /// More tokens than any configuration has; a bound against include bombs.
    static let tokenLimit = 2_000_000
    /// Names replaced in one run; a bound against defines that double at each step.
    static let expansionLimit = 200_000
    static let expansionDepthLimit = 512
    /// Bytes of the values put in; values may be long and hold few tokens.
    static let expandedBytesLimit = 32 << 20
    /// Bytes that substitutions may make in one run.
    static let substitutionLimit = 32 << 20

    struct Frame {
        var text: [UInt8]
        var position = 0
        var line = 1
        var lineStart = 0
        var source: SourceID
        /// The define whose value this is; nil for files.
        var define: String?
        /// Directory of the file with a trailing slash; empty for the current one.
        var directory = ""
        var path = ""
        /// Where text that was not yet copied to `resolvedText` begins.
        var printFrom = 0
        /// Where the line whose rest a comment hides has been reported.
        var isFile: Bool { self.define == nil }
    }

    struct Conditional {
        var range: SourceRange
    }

    struct UnclosedQuote: Hashable {
        var quote: UInt8
        var source: SourceID
    }

    let files: FileAccess
    var sources = SourceMap()
    var diagnostics = DiagnosticBag()
    var defines = DefineTable()
    var defineEvents: [DefineEvent] = []
    var substitutions: [SubstitutionRule] = [] { didSet { self.knownSubstitutions.removeAll() } }
    /// What the rules make of texts seen before: defines repeat the same ones without end.
    var knownSubstitutions: [[UInt8]: SubstitutedText] = [:]
    var conditionals: [Conditional] = []
    var tokens: [Token] = []
    /// Nil unless the resolved configuration is wanted.
    var resolvedText: [UInt8]?

    var frame = Frame(text: [], source: .none)
    var stack: [Frame] = []
    var expansionCount = 0
    var expandedBytes = 0
    var hasSpace = false
    var isStopped = false
    var fileCount = 0
    var fileBytes = 0
    var substitutedBytes = 0
    /// Texts in which a string in these quotes has no end.
    var unclosed: Set<UnclosedQuote> = []
    /// Defines whose recursion has been reported.
    var recursiveDefines: Set<String> = []

    init(files: FileAccess, collectsResolvedText: Bool) {
        self.files = files
        self.resolvedText = collectsResolvedText ? [] : nil
    }

    // MARK: Places

    var here: SourceLocation { self.location(at: self.frame.position) }

    /// Only right for places on the current line.
    func location(at offset: Int) -> SourceLocation {
        SourceLocation(
            source: self.frame.source, offset: offset, line: self.frame.line,
            column: offset - self.frame.lineStart + 1
        )
    }

    func range(from start: SourceLocation) -> SourceRange { SourceRange(start: start, end: self.here) }

    @inline(__always)
    func byte(at distance: Int = 0) -> UInt8? {
        let index = self.frame.position + distance
        return index < self.frame.text.count ? self.frame.text[index] : nil
    }

    func passNewline() {
        self.frame.position += 1
        self.frame.line += 1
        self.frame.lineStart = self.frame.position
    }

    /// Only blanks stand between the start of the line and the position, in a file.
    var isAtLineStart: Bool {
        guard self.frame.isFile else { return false }
        var index = self.frame.lineStart
        while index < self.frame.position {
            guard self.frame.text[index].isScriptBlank else { return false }
            index += 1
        }
        return true
    }

    /// Gives up: what follows would only cost time and memory.
    func stop(_ code: DiagnosticCode, _ message: String, _ start: SourceLocation) {
        if !self.isStopped { self.diagnostics.error(code, message, at: self.range(from: start)) }
        self.isStopped = true
    }

    func record(_ kind: DefineEvent.Kind, _ name: String, at range: SourceRange) {
        guard self.defineEvents.count < DefineEvent.limit else { return }
        self.defineEvents.append(DefineEvent(name: name, kind: kind, range: range))
    }

    // MARK: Frames

    func push(_ next: Frame) {
        self.stack.append(self.frame)
        self.frame = next
    }

    /// Leaves a frame that has been read; false at the end of everything.
    func pop() -> Bool {
        self.flushResolvedText(upTo: self.frame.text.count)
        guard let outer = self.stack.popLast() else { return false }
        self.frame = outer
        return true
    }

    /// Copies what was passed since the last flush to the resolved text.
    func flushResolvedText(upTo end: Int) {
        guard self.resolvedText != nil, self.frame.isFile else { return }
        if end > self.frame.printFrom {
            self.resolvedText?.append(contentsOf: self.frame.text[self.frame.printFrom..<end])
        }
        self.frame.printFrom = max(self.frame.printFrom, end)
    }

    // MARK: The pass

    /// Reads everything that is on the stack, up to the end token.
    func run() {
        while !self.isStopped {
            guard let byte = self.byte() else {
                // A define's value and the text after its name touch each other.
                if self.frame.isFile { self.hasSpace = true }
                if !self.pop() { break }
                continue
            }
            if byte == UInt8(ascii: "\n") {
                self.passNewline()
                self.hasSpace = true
            } else if byte.isScriptBlank {
                self.frame.position += 1
                self.hasSpace = true
            } else {
                self.readNext(byte)
            }
        }
        for conditional in self.conditionals {
            self.diagnostics.error(
                .unbalancedConditional, "this conditional has no '#!endif'", at: conditional.range
            )
        }
        // Also behind the last token that the limit allows: the parser reads up to it.
        let here = self.here
        self.tokens.append(
            Token(
                kind: .end, range: SourceRange(start: here, end: here), hasSpaceBefore: true, startsLine: true))
    }

    private func readNext(_ byte: UInt8) {
        let start = self.here
        switch byte {
        case UInt8(ascii: "#"):
            if self.byte(at: 1) == UInt8(ascii: "!"), self.readDirective() { return }
            self.skipLineComment()
        case UInt8(ascii: "!") where self.byte(at: 1) == UInt8(ascii: "!"):
            if !self.readDirective() { self.readSymbol() }
        case UInt8(ascii: "/"):
            switch self.byte(at: 1) {
            case UInt8(ascii: "/"): self.skipLineComment()
            case UInt8(ascii: "*"): self.skipBlockComment()
            default: self.readSymbol()
            }
        case UInt8(ascii: "\\") where self.isLineContinuation:
            self.frame.position += self.byte(at: 1) == 13 ? 2 : 1
            self.passNewline()
            self.hasSpace = true
        case UInt8(ascii: "\""), UInt8(ascii: "'"): self.readStringToken(byte, from: start)
        case UInt8(ascii: "$"): self.readVariable(from: start)
        default:
            if byte.isHexDigit || byte == UInt8(ascii: ":"), self.readIPv6(from: start) { return }
            if byte.isIdentifierStart {
                self.readWord(from: start)
            } else if byte.isDecimalDigit {
                self.readNumber(from: start)
            } else {
                self.readSymbol()
            }
        }
    }

    var isLineContinuation: Bool {
        self.byte(at: 1) == 10 || self.byte(at: 1) == 13 && self.byte(at: 2) == 10
    }

    /// `end` is for tokens after which the lexer had to look ahead.
    func append(_ kind: Token.Kind, from start: SourceLocation, to end: SourceLocation? = nil) {
        guard self.tokens.count < Self.tokenLimit else {
            if !self.isStopped {
                self.isStopped = true
                self.diagnostics.error(
                    .inputTooLarge, "the configuration has more than \(Self.tokenLimit) tokens",
                    at: self.range(from: start)
                )
            }
            return
        }
        var startsLine = false
        if let source = self.sources[start.source], case .file = source.origin {
            startsLine =
                self.tokens.last.map { last in
                    last.range.end.source != start.source || last.range.end.line != start.line
                } ?? true
        }
        self.tokens.append(
            Token(
                kind: kind, range: SourceRange(start: start, end: end ?? self.here), hasSpaceBefore: self.hasSpace,
                startsLine: startsLine
            )
        )
        self.hasSpace = false
    }
}
