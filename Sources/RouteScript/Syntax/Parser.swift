/// Reads tokens into the tree: recursive descent, with precedence climbing for expressions.
///
/// After an error it goes on at the next statement or block, so that one run reports everything. A token that the lexer
/// could not read was reported there, and is passed over in silence here.
final class Parser {
    /// Nested blocks, parentheses and operators; deeper text is refused instead of exhausting the stack.
    static let depthLimit = 200
    /// Levels of the tree of an expression, which whoever reads it goes down: a chain of operators is as deep as it is long,
    /// and one that begins with anything deep is as deep as both together.
    static let heightLimit = 1000

    let tokens: [Token]
    let sources: SourceMap
    let defines: DefineTable
    var diagnostics: DiagnosticBag
    var index = 0
    var depth = 0
    /// Levels of the tree below the innermost `nested`, as far as it has been read.
    var height = 0
    /// Above 0 inside of the arguments of a call, where no other call may stand.
    var argumentDepth = 0
    /// A route head was met inside of a body: all open blocks end here, one report is enough.
    var isUnwinding = false
    var routes: [String: SourceRange] = [:]
    /// Where the first part of each main route stands among the statements.
    var mainRoutes: [RouteKind: Int] = [:]

    init(tokens: [Token], sources: SourceMap, diagnostics: DiagnosticBag, defines: DefineTable) {
        self.tokens = tokens
        self.sources = sources
        self.diagnostics = diagnostics
        self.defines = defines
    }

    // MARK: Tokens

    var current: Token { self.peek(0) }

    /// The token `distance` ahead; the end token beyond the end, also where a limit cut the tokens off.
    func peek(_ distance: Int) -> Token {
        let index = self.index + distance
        if index < self.tokens.count { return self.tokens[index] }
        return Token(kind: .end, range: self.tokens.last?.range ?? .none, hasSpaceBefore: false, startsLine: true)
    }

    var previousRange: SourceRange { self.index > 0 ? self.tokens[self.index - 1].range : self.current.range }

    func advance() { if self.index < self.tokens.count { self.index += 1 } }

    var isAtEnd: Bool {
        if case .end = self.current.kind { return true }
        return false
    }

    func isSymbol(_ symbol: Symbol, at distance: Int = 0) -> Bool {
        if case .symbol(let other) = self.peek(distance).kind { return other == symbol }
        return false
    }

    func word(at distance: Int = 0) -> String? {
        if case .word(let word) = self.peek(distance).kind { return word }
        return nil
    }

    func isWord(_ word: String, at distance: Int = 0) -> Bool { self.word(at: distance) == word }

    var isInvalid: Bool {
        if case .invalid = self.current.kind { return true }
        return false
    }

    func consume(_ symbol: Symbol) -> Bool {
        guard self.isSymbol(symbol) else { return false }
        self.advance()
        return true
    }

    /// Passes `symbol`, or reports that it is missing.
    @discardableResult
    func expect(_ symbol: Symbol, _ context: String) -> Bool {
        if self.consume(symbol) { return true }
        self.error(
            .expectedToken, "expected '\(symbol.rawValue)' \(context), found \(self.describe(self.current))",
            at: self.missingRange
        )
        return false
    }

    /// Where something is missing: at the current token, or after the last one when a new line has begun.
    var missingRange: SourceRange {
        guard self.current.startsLine || self.isAtEnd, self.index > 0, !self.isInvalid else {
            return self.current.range
        }
        return SourceRange(start: self.previousRange.end, count: 1)
    }

    /// The text of a token as it stands in the file or define.
    func raw(_ token: Token) -> String { self.sources.text(of: token.range) }

    func describe(_ token: Token) -> String {
        switch token.kind {
        case .end: "the end of the file"
        case .string: "a string"
        case .cast(let type): "'(\(type.rawValue))'"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .word(let word): "'\(word)'"
        default: "'\(self.raw(token))'"
        }
    }

    // MARK: Reports

    /// Reports at the current token, unless that is text the lexer reported already, or all open blocks are being left.
    func error(
        _ code: DiagnosticCode, _ message: String, notes: [Diagnostic.Note] = [], suggestion: String? = nil
    ) {
        self.error(code, message, at: self.current.range, notes: notes, suggestion: suggestion)
    }

    func error(
        _ code: DiagnosticCode, _ message: String, at range: SourceRange, notes: [Diagnostic.Note] = [],
        suggestion: String? = nil
    ) {
        if self.isUnwinding || self.isInvalid && range == self.current.range { return }
        self.diagnostics.error(code, message, at: range, notes: notes, suggestion: suggestion)
    }

    /// `nearest`, as long as there are few errors: a broken file of megabytes gets no search for each of its words.
    func nearestName(_ word: String, in candidates: @autoclosure () -> [String]) -> String? {
        self.diagnostics.errorCount < 200 ? nearest(word, in: candidates()) : nil
    }

    /// Runs `body` one level deeper; refuses (once reported) below the limit.
    func nested<Result>(_ refused: @autoclosure () -> Result, _ body: () -> Result) -> Result {
        guard self.depth < Self.depthLimit else {
            self.error(.nestingTooDeep, "this is nested more than \(Self.depthLimit) levels deep")
            return refused()
        }
        let outer = self.height
        self.depth += 1
        self.height = 0
        defer {
            self.depth -= 1
            self.height = max(outer, self.height + 1)
        }
        return body()
    }

    // MARK: Recovery

    /// Whether a route block begins at the current token: nothing else has such a head.
    var isAtRouteHead: Bool {
        guard self.current.startsLine, let word = self.word() else { return false }
        guard word == "route" || word.hasSuffix("_route") else { return false }
        return self.isSymbol(.leftBracket, at: 1) || self.isSymbol(.leftBrace, at: 1)
    }

    /// Whether a statement of the top level begins at the current token.
    var isAtTopLevelStatement: Bool {
        guard let word = self.word() else { return false }
        if Keywords.topLevel.contains(word) { return true }
        if self.isSymbol(.assign, at: 1) { return true }
        // group.name = … and group[id].name = …
        if self.isSymbol(.dot, at: 1) { return self.isSymbol(.assign, at: 3) }
        return self.isSymbol(.leftBracket, at: 1) && self.isSymbol(.rightBracket, at: 3)
            && (self.isSymbol(.dot, at: 4) || self.isSymbol(.assign, at: 4))
    }

    /// Passes tokens up to the next statement of the top level.
    func recoverAtTopLevel() {
        var braces = 0
        var isFirst = true
        while !self.isAtEnd {
            if !isFirst, self.isAtRouteHead { return }
            if !isFirst, braces == 0, self.current.startsLine, self.isAtTopLevelStatement { return }
            if self.isSymbol(.leftBrace) { braces += 1 }
            if self.isSymbol(.rightBrace), braces > 0 { braces -= 1 }
            self.advance()
            isFirst = false
        }
    }

    /// Whether a statement of a route block surely begins at the current token.
    var isAtStatementStart: Bool {
        switch self.current.kind {
        case .word(let word):
            return Keywords.statements.contains(word) || CoreCommands.entry(named: word) != nil
                || self.isSymbol(.leftParen, at: 1)
        case .variable: return self.isSymbol(.assign, at: 1)
        default: return false
        }
    }

    /// Passes tokens up to and including the `;` of a broken statement, or up to what ends or follows it.
    func recoverInBlock() {
        var braces = 0
        while !self.isAtEnd {
            if self.isAtRouteHead { return }
            switch self.current.kind {
            case .symbol(.semicolon) where braces == 0:
                self.advance()
                return
            case .symbol(.leftBrace): braces += 1
            case .symbol(.rightBrace):
                if braces == 0 { return }
                braces -= 1
                if braces == 0 {
                    self.advance()
                    return
                }
            default:
                if braces == 0, self.current.startsLine, self.isAtStatementStart { return }
            }
            self.advance()
        }
    }

    /// After a broken condition: passes tokens up to the body.
    func recoverAtBody() {
        while !self.isAtEnd {
            if self.isSymbol(.leftBrace) || self.isSymbol(.rightBrace) || self.isSymbol(.semicolon) { return }
            if self.current.startsLine, self.isAtStatementStart || self.isAtRouteHead { return }
            self.advance()
        }
    }
}
