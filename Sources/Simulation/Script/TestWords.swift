/// The words of a line of a test file: separated by blanks, with quotes around what has blanks in it.
struct TestWords {
    private var words: [(text: String, isQuoted: Bool)] = []
    private var position = 0

    init(_ line: some StringProtocol) {
        var current = ""
        var isQuoted = false
        var hasCurrent = false
        var isEscaped = false
        for character in line {
            if isQuoted {
                if isEscaped {
                    // Only what has to be: a backslash stands for itself in an expression.
                    if character != "\"" && character != "\\" { current.append("\\") }
                    current.append(character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isQuoted = false
                    self.words.append((current, true))
                    current = ""
                    hasCurrent = false
                } else {
                    current.append(character)
                }
            } else if character == "\"", !hasCurrent {
                isQuoted = true
            } else if character == " " || character == "\t" {
                if hasCurrent { self.words.append((current, false)) }
                current = ""
                hasCurrent = false
            } else {
                current.append(character)
                hasCurrent = true
            }
        }
        if hasCurrent || isQuoted { self.words.append((current, isQuoted)) }
    }

    var isAtEnd: Bool { self.position >= self.words.count }
    var next: String? { self.isAtEnd ? nil : self.words[self.position].text }
    var isNextQuoted: Bool { !self.isAtEnd && self.words[self.position].isQuoted }

    mutating func take() -> String? {
        guard !self.isAtEnd else { return nil }
        defer { self.position += 1 }
        return self.words[self.position].text
    }

    /// Takes `word` when it is next.
    mutating func take(_ word: String) -> Bool {
        guard !self.isNextQuoted, self.next == word else { return false }
        self.position += 1
        return true
    }

    /// Takes everything up to one of `stops`, joined by blanks; nil when there is nothing.
    mutating func take(until stops: Set<String>) -> String? {
        var taken: [String] = []
        while let word = self.next, self.isNextQuoted || !stops.contains(word) {
            taken.append(word)
            self.position += 1
        }
        return taken.isEmpty ? nil : taken.joined(separator: " ")
    }

    /// Everything that is left, joined by blanks.
    mutating func rest() -> String? { self.take(until: []) }
}
