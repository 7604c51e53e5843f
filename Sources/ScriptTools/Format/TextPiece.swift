/// The smallest piece of a configuration as an editor sees it: nothing is replaced, skipped or included.
struct TextPiece: Equatable {
    enum Kind: Equatable {
        /// Letters, digits and underscores.
        case word
        /// `$name`, `$name(…)`, `$(…)`.
        case variable
        /// With its quotes; may go over several lines.
        case string
        /// `# …` or `// …` to the end of the line.
        case lineComment
        /// May go over several lines; nested ones are part of it.
        case blockComment
        /// A line that begins with `#!` or `!!`, with the lines that a backslash joins to it.
        case directive
        /// One operator or bracket.
        case symbol
        case newline
        /// A whole line of text that only the preprocessor may understand.
        case opaque
    }

    var kind: Kind
    /// The bytes as they stand, without blanks around them.
    var bytes: ArraySlice<UInt8>
    /// The blanks before it.
    var space: ArraySlice<UInt8>

    func isSymbol(_ text: StaticString) -> Bool { self.kind == .symbol && self.equals(text) }
    func isWord(_ text: StaticString) -> Bool { self.kind == .word && self.equals(text) }

    var isComment: Bool { self.kind == .lineComment || self.kind == .blockComment }
    var text: String { String(decoding: self.bytes, as: UTF8.self) }

    /// `ifdef` of `#!ifdef NAME`; empty for what is no directive.
    var directiveName: String {
        guard self.kind == .directive else { return "" }
        return String(decoding: self.bytes.dropFirst(2).prefix(while: \.isWordByte), as: UTF8.self)
    }

    private func equals(_ text: StaticString) -> Bool { self.text == "\(text)" }
}

extension UInt8 {
    var isBlank: Bool { self == 32 || self == 9 || self == 13 || self == 8 }
    var isSpace: Bool { self.isBlank || self == 10 }
    var isLetter: Bool { (self | 0x20) &- 97 < 26 || self == UInt8(ascii: "_") }
    var isDigit: Bool { self &- 48 < 10 }
    var isWordByte: Bool { self.isLetter || self.isDigit }
}
