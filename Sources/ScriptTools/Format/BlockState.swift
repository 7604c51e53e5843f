/// Where in the structure of a configuration a line begins: open brackets and the statement in progress.
struct BlockState: Equatable {
    enum Brace: Equatable { case route, socket, switchBody, block }

    enum Opening: Equatable {
        /// With how many levels its content gets beside its own: it belongs to an `if` under an `if` without braces.
        case brace(Brace, extra: Int)
        /// Whether it holds the condition of `if`, `while` or `switch`.
        case paren(isCondition: Bool)
        case bracket
    }

    private(set) var openings: [Opening] = []
    /// Pieces of the statement in progress so far; 0 where a new one begins.
    private(set) var statementLength = 0
    /// Conditions and `else`s of the statement in progress that have no brace.
    private var headers = 0
    private var endsWithHeader = false
    private var first: TextPiece?
    private var last: TextPiece?

    var isInRoute: Bool { self.openings.contains { if case .brace(.route, _) = $0 { true } else { false } } }
    var isTopLevel: Bool { self.openings.isEmpty }
    var lastPiece: TextPiece? { self.last }

    /// Levels of a line that begins with `piece`.
    func level(of line: ArraySlice<TextPiece>) -> Int {
        var open = self.openings[...]
        var rest = line
        var closesParen = false
        while let piece = rest.first {
            if piece.isSymbol("}"), case .brace = open.last {
                open.removeLast()
            } else if piece.isSymbol(")"), case .paren = open.last {
                open.removeLast()
                closesParen = true
            } else {
                break
            }
            rest.removeFirst()
        }
        let isCloser = rest.startIndex != line.startIndex
        var level = 0
        for (index, opening) in open.enumerated() {
            guard case .brace(let brace, let extra) = opening else { continue }
            level += 1 + extra
            guard brace == .switchBody else { continue }
            let isInnermost = !open[(open.startIndex + index + 1)...].contains {
                if case .brace = $0 { true } else { false }
            }
            if !(isInnermost && Self.isLabel(line.first)) { level += 1 }
        }
        if isCloser, !closesParen { return level + self.closedExtra(open.count) }
        if closesParen { return level + self.headers }
        if case .paren = open.last { return level + self.headers + 1 }
        return level + self.continuation(of: line.first)
    }

    /// A closing brace stands as deep as the line that its block belongs to.
    private func closedExtra(_ count: Int) -> Int {
        guard count < self.openings.count, case .brace(_, let extra) = self.openings[count] else { return 0 }
        return extra
    }

    private func continuation(of first: TextPiece?) -> Int {
        guard self.statementLength > 0, let first else { return 0 }
        if first.isSymbol("{") { return max(self.headers - 1, 0) }
        return self.endsWithHeader ? self.headers : self.headers + 1
    }

    private static func isLabel(_ piece: TextPiece?) -> Bool {
        guard let piece else { return false }
        return piece.isWord("case") || piece.isWord("default")
    }

    /// Takes one piece; comments, line ends and directives change nothing.
    mutating func take(_ piece: TextPiece) {
        guard piece.kind == .word || piece.kind == .variable || piece.kind == .string || piece.kind == .symbol else {
            return
        }
        let isIncludedFile = self.statementLength == 1 && piece.kind == .string && Self.includes(self.first)
        if self.statementLength == 0 { self.first = piece }
        self.statementLength += 1
        self.endsWithHeader = false
        switch piece.kind {
        case .symbol: self.takeSymbol(piece)
        case .word where piece.isWord("else"):
            self.headers += 1
            self.endsWithHeader = true
        case .word where piece.isWord("if") && self.last?.isWord("else") == true: self.headers -= 1
        default: break
        }
        self.last = piece
        if isIncludedFile { self.endStatement() }
    }

    private static func includes(_ piece: TextPiece?) -> Bool {
        guard let piece else { return false }
        return piece.isWord("include_file") || piece.isWord("import_file")
    }

    private mutating func takeSymbol(_ piece: TextPiece) {
        switch piece.text {
        case "{":
            self.openings.append(.brace(self.braceKind, extra: max(self.headers - 1, 0)))
            self.endStatement()
        case "}":
            while let top = self.openings.popLast() { if case .brace = top { break } }
            self.endStatement()
        case "(":
            let before = self.last
            let isCondition =
                before.map { $0.isWord("if") || $0.isWord("while") || $0.isWord("switch") } ?? false
            self.openings.append(.paren(isCondition: isCondition))
        case ")":
            guard case .paren(let isCondition) = self.openings.last else { return }
            self.openings.removeLast()
            if isCondition {
                self.headers += 1
                self.endsWithHeader = true
            }
        case "[": self.openings.append(.bracket)
        case "]": if case .bracket = self.openings.last { self.openings.removeLast() }
        case ";":
            guard case .paren = self.openings.last else { return self.endStatement() }
        case ":": if Self.isLabel(self.first) { self.endStatement() }
        default: break
        }
    }

    private var braceKind: Brace {
        if self.isTopLevel { return self.last?.isSymbol("=") == true ? .socket : .route }
        return self.first?.isWord("switch") == true && self.endsAtHeader ? .switchBody : .block
    }

    private var endsAtHeader: Bool { self.last?.isSymbol(")") == true || self.headers == 0 }

    private mutating func endStatement() {
        self.statementLength = 0
        self.headers = 0
        self.endsWithHeader = false
        self.first = nil
    }
}
