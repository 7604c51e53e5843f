import Bytes

/// The rules of a `.allow` or `.deny` file: `patterns : patterns` a line. Patterns are regular expressions in quotes
/// with commas between them, or ALL; `EXCEPT` and more patterns take some away again.
///
/// A pair of URIs matches a rule when the first one matches its left side and the second one its right side.
package struct RuleFile: Sendable {
    struct Rule: Sendable {
        var left: PatternList
        var right: PatternList
    }

    private(set) var rules: [Rule] = []

    init() {}

    /// - Throws: naming the line, from 1.
    package init(_ text: ByteString) throws(RuleFailure) {
        let lines = text.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, bytes) in lines.enumerated() {
            var scanner = RuleScanner(Array(bytes))
            do throws(RuleFailure) {
                if let rule = try scanner.rule() { self.rules.append(rule) }
            } catch {
                throw RuleFailure(line: index + 1, error.message)
            }
        }
    }

    package func matches(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        for rule in self.rules where rule.left.matches(left) && rule.right.matches(right) { return true }
        return false
    }
}

/// One side of a rule.
struct PatternList: Sendable {
    /// nil: ALL.
    var patterns: [RegularExpression]?
    var exceptions: [RegularExpression] = []
    /// `EXCEPT ALL`: nothing.
    var isEmpty = false

    func matches(_ text: Span<UInt8>) -> Bool {
        if self.isEmpty { return false }
        if let patterns = self.patterns {
            guard Self.any(patterns, text) else { return false }
        }
        return !Self.any(self.exceptions, text)
    }

    private static func any(_ patterns: [RegularExpression], _ text: Span<UInt8>) -> Bool {
        for pattern in patterns where pattern.matches(text) { return true }
        return false
    }
}

package struct RuleFailure: Error, Equatable {
    /// From 1; 0: not known.
    var line = 0
    var message: String

    init(line: Int = 0, _ message: String) {
        self.line = line
        self.message = message
    }
}

/// Reads one line of a rule file.
struct RuleScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// nil: an empty line or a comment.
    mutating func rule() throws(RuleFailure) -> RuleFile.Rule? {
        self.skipBlanks()
        guard let first = self.next, first != UInt8(ascii: "#") else { return nil }
        let left = try self.list()
        self.skipBlanks()
        guard self.next == UInt8(ascii: ":") else { throw RuleFailure("':' expected between the two sides") }
        self.position += 1
        let right = try self.list()
        self.skipBlanks()
        guard self.next == nil || self.next == UInt8(ascii: "#") else {
            throw RuleFailure("what follows the right side is no part of a rule")
        }
        return RuleFile.Rule(left: left, right: right)
    }

    private mutating func list() throws(RuleFailure) -> PatternList {
        var list = PatternList(patterns: try self.expressions())
        if self.takeWord("EXCEPT") {
            guard let exceptions = try self.expressions() else {
                list.isEmpty = true
                return list
            }
            list.exceptions = exceptions
        }
        return list
    }

    /// nil: ALL.
    private mutating func expressions() throws(RuleFailure) -> [RegularExpression]? {
        if self.takeWord("ALL") { return nil }
        var expressions: [RegularExpression] = []
        repeat { expressions.append(try self.expression()) } while self.take(UInt8(ascii: ","))
        return expressions
    }

    private mutating func expression() throws(RuleFailure) -> RegularExpression {
        guard self.take(UInt8(ascii: "\"")) else {
            throw RuleFailure("a regular expression in quotes, or ALL, expected")
        }
        guard let end = self.bytes[self.position...].firstIndex(of: UInt8(ascii: "\"")) else {
            throw RuleFailure("a quote is not closed")
        }
        let text = ByteString(Array(self.bytes[self.position..<end]))
        self.position = end + 1
        do {
            return try RegularExpression(text, ignoringCase: true)
        } catch {
            throw RuleFailure("\"\(text)\" is no regular expression: \(error.message)")
        }
    }

    private var next: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func skipBlanks() {
        while let byte = self.next, byte.isBlank || byte == UInt8(ascii: "\r") { self.position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        self.skipBlanks()
        guard self.next == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func takeWord(_ word: StaticString) -> Bool {
        self.skipBlanks()
        let letters = Array("\(word)".utf8)
        guard self.bytes[self.position...].starts(with: letters) else { return false }
        self.position += letters.count
        return true
    }
}
