/// One `#!subst "/re/replacement/flags"`.
struct SubstitutionRule {
    enum Part {
        case literal([UInt8])
        case group(Int)
    }

    struct Failure: Error {
        var message: String
    }

    /// A substituted text above this many bytes is cut off: rules may grow what they match.
    static let outputLimit = 1 << 20

    /// Where the rule stands.
    var range = SourceRange.none
    let pattern: [UInt8]
    let replacement: [UInt8]
    private let regex: SubstitutionRegex
    private let parts: [Part]
    private let isGlobal: Bool

    /// Reads `/re/replacement/flags`, where `/` may be any byte.
    init(_ text: [UInt8]) throws(Failure) {
        guard let separator = text.first, text.count >= 3 else {
            throw Failure(message: "expected \"/expression/replacement/flags\"")
        }
        var fields: [[UInt8]] = [[]]
        var index = 1
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "\\"), index + 1 < text.count {
                // An escaped separator stands for itself; every other escape is the expression's own.
                if text[index + 1] != separator { fields[fields.count - 1].append(byte) }
                fields[fields.count - 1].append(text[index + 1])
                index += 2
                continue
            }
            if byte == separator, fields.count < 3 {
                fields.append([])
            } else {
                fields[fields.count - 1].append(byte)
            }
            index += 1
        }
        guard fields.count == 3 else {
            throw Failure(message: "expected \"/expression/replacement/flags\" with three separators")
        }
        guard !fields[0].isEmpty else { throw Failure(message: "the expression is empty") }
        var isGlobal = false
        var ignoresCase = false
        for flag in fields[2] {
            switch flag {
            case UInt8(ascii: "g"): isGlobal = true
            case UInt8(ascii: "i"): ignoresCase = true
            case UInt8(ascii: "s"): break
            default:
                throw Failure(message: "unknown flag '\(Character(Unicode.Scalar(flag)))'; known are g, i and s")
            }
        }
        do {
            self.regex = try SubstitutionRegex(fields[0], ignoringCase: ignoresCase)
        } catch {
            throw Failure(message: error.message)
        }
        self.isGlobal = isGlobal
        self.pattern = fields[0]
        self.replacement = fields[1]
        self.parts = Self.parts(of: fields[1])
    }

    private static func parts(of replacement: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var literal: [UInt8] = []
        var index = 0
        while index < replacement.count {
            let byte = replacement[index]
            if byte == UInt8(ascii: "\\"), index + 1 < replacement.count {
                let next = replacement[index + 1]
                index += 2
                switch next {
                case UInt8(ascii: "0")...UInt8(ascii: "9"):
                    if !literal.isEmpty { parts.append(.literal(literal)) }
                    literal = []
                    parts.append(.group(Int(next - UInt8(ascii: "0"))))
                case UInt8(ascii: "n"): literal.append(10)
                case UInt8(ascii: "r"): literal.append(13)
                case UInt8(ascii: "t"): literal.append(9)
                default: literal.append(next)
                }
                continue
            }
            literal.append(byte)
            index += 1
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    /// The text with the rule applied; nil when nothing matches.
    /// - Parameter work: grows by what it cost: each replacement counts as much as 32 bytes of text.
    func apply(to bytes: [UInt8], work: inout Int) -> [UInt8]? {
        guard var groups = self.regex.firstMatch(in: bytes, from: 0) else { return nil }
        var output: [UInt8] = []
        var position = 0
        while let whole = groups[0], output.count < Self.outputLimit {
            work += 32
            output.append(contentsOf: bytes[position..<whole.lowerBound])
            for part in self.parts {
                switch part {
                case .literal(let text): output.append(contentsOf: text)
                case .group(let number): if let range = groups[number] { output.append(contentsOf: bytes[range]) }
                }
            }
            position = whole.upperBound
            guard self.isGlobal else { break }
            var next = position
            if whole.isEmpty {
                // An empty match would be found again at the same place.
                guard position < bytes.count else { break }
                output.append(bytes[position])
                position += 1
                next = position
            }
            guard next < bytes.count, let further = self.regex.firstMatch(in: bytes, from: next) else { break }
            groups = further
        }
        output.append(contentsOf: bytes[position...])
        return output
    }
}

/// What a list of rules makes of a text.
struct SubstitutedText {
    /// Texts that are remembered at once.
    static let cacheLimit = 16_384

    /// nil when no rule matches.
    private(set) var text: [UInt8]?
    /// Where the rules stand that matched.
    private(set) var rules: [SourceRange] = []
    /// What it cost to find out; see `SubstitutionRule.apply`.
    private(set) var work = 0

    init(_ bytes: [UInt8], _ substitutions: [SubstitutionRule]) {
        for rule in substitutions {
            guard let changed = rule.apply(to: self.text ?? bytes, work: &self.work) else { continue }
            self.text = changed
            self.rules.append(rule.range)
        }
    }
}
