/// Cuts a configuration into pieces. Never fails: what cannot be read is kept as it stands.
struct TextScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var isAtLineStart = true
    private var pieces: [TextPiece] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func pieces(of bytes: [UInt8]) -> [TextPiece] {
        var scanner = TextScanner(bytes)
        while scanner.step() {}
        return scanner.pieces
    }

    private func byte(at index: Int) -> UInt8 { index < self.bytes.count ? self.bytes[index] : 0 }

    /// Adds one piece.
    /// - Returns: false at the end.
    private mutating func step() -> Bool {
        let start = self.position
        while self.position < self.bytes.count, self.bytes[self.position].isBlank { self.position += 1 }
        let space = self.bytes[start..<self.position]
        guard self.position < self.bytes.count else { return false }
        let first = self.bytes[self.position]
        let second = self.byte(at: self.position + 1)
        let begin = self.position
        let kind: TextPiece.Kind
        switch first {
        case UInt8(ascii: "\n"):
            self.position += 1
            kind = .newline
        case UInt8(ascii: "#") where second == UInt8(ascii: "!") && self.isAtLineStart,
            UInt8(ascii: "!") where second == UInt8(ascii: "!") && self.isAtLineStart:
            self.passDirective()
            kind = .directive
        case UInt8(ascii: "#"),
            UInt8(ascii: "/") where second == UInt8(ascii: "/"):
            self.position = self.endOfLine(from: begin)
            kind = .lineComment
        case UInt8(ascii: "/") where second == UInt8(ascii: "*"):
            guard self.passBlockComment() else {
                self.position = begin
                self.passOpaqueText()
                return true
            }
            kind = .blockComment
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            if let end = self.endOfString(from: begin) {
                self.position = end
                kind = .string
            } else {
                self.passOpaqueText()
                return true
            }
        case UInt8(ascii: "$"):
            self.passVariable()
            kind = .variable
        case _ where first.isWordByte:
            while self.byte(at: self.position).isWordByte { self.position += 1 }
            kind = .word
        default:
            self.position += Self.symbolLength(first, second)
            kind = .symbol
        }
        var end = self.position
        if kind == .lineComment { while end > begin, self.bytes[end - 1].isBlank { end -= 1 } }
        self.isAtLineStart = kind == .newline
        self.pieces.append(TextPiece(kind: kind, bytes: self.bytes[begin..<end], space: space))
        return true
    }

    private static func symbolLength(_ first: UInt8, _ second: UInt8) -> Int {
        let pairs: [StaticString] = ["==", "!=", "=~", "<=", ">=", "<<", ">>", "&&", "||", "+="]
        let isPair = pairs.contains { "\($0)".utf8.elementsEqual([first, second]) }
        return isPair ? 2 : 1
    }

    private func endOfLine(from start: Int) -> Int {
        var index = start
        while index < self.bytes.count, self.bytes[index] != UInt8(ascii: "\n") { index += 1 }
        return index
    }

    /// A directive is kept to the byte: what stands behind the name of a define is its value, blanks included.
    private mutating func passDirective() {
        while true {
            self.position = self.endOfLine(from: self.position)
            var last = self.position - 1
            if last >= 0, self.bytes[last] == 13 { last -= 1 }
            guard last >= 0, self.bytes[last] == UInt8(ascii: "\\"), self.position < self.bytes.count else { return }
            self.position += 1
        }
    }

    /// - Returns: false when nothing ends the comment: it is text that is skipped, or an error.
    private mutating func passBlockComment() -> Bool {
        var depth = 1
        self.position += 2
        while depth > 0, self.position < self.bytes.count {
            let (first, second) = (self.byte(at: self.position), self.byte(at: self.position + 1))
            if first == UInt8(ascii: "*"), second == UInt8(ascii: "/") {
                depth -= 1
                self.position += 2
            } else if first == UInt8(ascii: "/"), second == UInt8(ascii: "*") {
                depth += 1
                self.position += 2
            } else {
                self.position += 1
            }
        }
        return depth == 0
    }

    /// - Returns: the place behind the closing quote; nil when a conditional begins or ends before it, so that this
    ///   quote is an apostrophe in text that is skipped.
    private func endOfString(from start: Int) -> Int? {
        let quote = self.bytes[start]
        var index = start + 1
        while index < self.bytes.count {
            let byte = self.bytes[index]
            if byte == quote { return index + 1 }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") { index += 1 }
            if byte == UInt8(ascii: "\n"), self.isConditional(at: index + 1) { return nil }
            index += 1
        }
        return nil
    }

    /// Whether a directive that begins, flips or ends a conditional starts in the line at `start`.
    private func isConditional(at start: Int) -> Bool {
        var index = start
        while self.byte(at: index).isBlank { index += 1 }
        let isMarked =
            (self.byte(at: index) == UInt8(ascii: "#") || self.byte(at: index) == UInt8(ascii: "!"))
            && self.byte(at: index + 1) == UInt8(ascii: "!")
        guard isMarked else { return false }
        var end = index + 2
        while self.byte(at: end).isWordByte { end += 1 }
        let name = String(
            decoding: self.bytes[min(index + 2, self.bytes.count)..<min(end, self.bytes.count)], as: UTF8.self)
        return ["ifdef", "ifndef", "ifexp", "else", "endif"].contains(name)
    }

    /// Keeps whole lines up to the next conditional: what was already cut of the first one is put back.
    private mutating func passOpaqueText() {
        var index = self.position
        while let last = self.pieces.last, last.kind != .newline, last.kind != .directive {
            index = last.space.startIndex
            self.pieces.removeLast()
        }
        while index > 0, self.bytes[index - 1] != UInt8(ascii: "\n") { index -= 1 }
        while index < self.bytes.count {
            let end = self.endOfLine(from: index)
            self.pieces.append(TextPiece(kind: .opaque, bytes: self.bytes[index..<end], space: []))
            index = end
            guard index < self.bytes.count else { break }
            self.pieces.append(TextPiece(kind: .newline, bytes: self.bytes[index...index], space: []))
            index += 1
            if self.isConditional(at: index) { break }
        }
        self.position = index
        self.isAtLineStart = true
    }

    private mutating func passVariable() {
        self.position += 1
        if self.byte(at: self.position) == UInt8(ascii: "?") {
            self.position += 1
            return
        }
        while self.byte(at: self.position).isWordByte { self.position += 1 }
        guard self.byte(at: self.position) == UInt8(ascii: "(") else { return }
        var depth = 0
        var index = self.position
        while index < self.bytes.count, self.bytes[index] != UInt8(ascii: "\n") {
            if self.bytes[index] == UInt8(ascii: "(") { depth += 1 }
            if self.bytes[index] == UInt8(ascii: ")") { depth -= 1 }
            index += 1
            if depth == 0 {
                self.position = index
                return
            }
        }
    }
}
