extension Lexer {
    /// Skips to the end of the line. A comment in the value of a define goes on in the text after the name.
    func skipLineComment() {
        let start = self.here
        while true {
            while let byte = self.byte(), byte != UInt8(ascii: "\n") { self.frame.position += 1 }
            guard self.byte() == nil, let name = self.frame.define else { break }
            if !self.pop() { break }
            self.warnIfTextIsHidden(by: name, commentAt: start)
        }
        self.hasSpace = true
    }

    private func warnIfTextIsHidden(by define: String, commentAt start: SourceLocation) {
        var index = self.frame.position
        while index < self.frame.text.count, self.frame.text[index].isScriptBlank { index += 1 }
        guard index < self.frame.text.count, self.frame.text[index] != UInt8(ascii: "\n"),
            self.frame.text[index] != UInt8(ascii: "#")
        else { return }
        let from = self.location(at: index)
        var end = index
        while end < self.frame.text.count, self.frame.text[end] != UInt8(ascii: "\n"),
            self.frame.text[end] != UInt8(ascii: "\r")
        { end += 1 }
        self.diagnostics.warning(
            .commentHidesText, "a comment in the value of '\(define)' hides the rest of this line",
            at: SourceRange(start: from, count: end - index),
            notes: [.init("the value is the whole rest of its line", at: self.defines[define]?.range ?? .none)],
            suggestion: "move the comment to a line of its own"
        )
    }

    /// Block comments nest.
    func skipBlockComment() {
        let start = self.here
        var depth = 1
        self.frame.position += 2
        while depth > 0 {
            guard let byte = self.byte() else {
                if self.frame.define != nil, self.pop() { continue }
                self.diagnostics.error(
                    .unterminatedComment, "this comment has no '*/'", at: SourceRange(start: start, count: 2),
                    suggestion: "comments nest: every '/*' inside needs a '*/' of its own"
                )
                return
            }
            if byte == UInt8(ascii: "\n") {
                self.passNewline()
            } else if byte == UInt8(ascii: "*"), self.byte(at: 1) == UInt8(ascii: "/") {
                depth -= 1
                self.frame.position += 2
            } else if byte == UInt8(ascii: "/"), self.byte(at: 1) == UInt8(ascii: "*") {
                depth += 1
                self.frame.position += 2
            } else {
                self.frame.position += 1
            }
        }
        self.hasSpace = true
    }
}
