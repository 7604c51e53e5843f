import Bytes
import ModuleKit
import PerlExpressions
import SIPMessage

/// One row of the table: what it matches, and what it makes of that.
struct DialplanRule: Sendable {
    /// The columns as they are.
    struct Row: Sendable, Equatable {
        var dialplan: Int
        var priority: Int
        var operation: Int
        var match: ByteString
        /// Bytes that the input has; 0: any number.
        var length: Int
        var substitution: ByteString
        var replacement: ByteString
        var attributes: ByteString
    }

    /// A Perl-compatible expression, or one with variables in it that is compiled at each use.
    enum Expression: Sendable {
        case fixed(PerlExpression)
        case dynamic(FormatString)
    }

    enum Matcher: Sendable {
        case equal(ByteString)
        case expression(Expression)
        case shell(ShellPattern)
    }

    /// What comes of an input that matches.
    enum Output: Sendable {
        /// Nothing: the rule only matches.
        case none
        /// The text of `repl_exp` as it stands.
        case text(ByteString)
        case replacement(Expression, DialplanReplacement)
    }

    let row: Row
    let matcher: Matcher
    let output: Output

    /// - Parameter isDynamic: variables in the expressions are expanded at each use.
    /// - Throws: `ArgumentError` that says what is wrong with the row.
    init(_ row: Row, isDynamic: Bool, _ compiler: any ScriptCompiling) throws {
        self.row = row
        guard row.length >= 0 else { throw ArgumentError("match_len is \(row.length)") }
        switch row.operation {
        case 0: self.matcher = .equal(row.match)
        case 1: self.matcher = .expression(try Self.expression(row.match, "match_exp", isDynamic, compiler))
        case 2: self.matcher = .shell(ShellPattern(Self.withRanges(row.match)))
        default: throw ArgumentError("match_op is \(row.operation), which is none of 0, 1, 2")
        }
        guard !row.replacement.isEmpty else {
            // An expression that nothing is done with has to be one all the same.
            if !row.substitution.isEmpty {
                _ = try Self.expression(row.substitution, "subst_exp", isDynamic, compiler)
            }
            self.output = .none
            return
        }
        guard !row.substitution.isEmpty else {
            self.output = .text(row.replacement)
            return
        }
        let expression = try Self.expression(row.substitution, "subst_exp", isDynamic, compiler)
        let replacement = try DialplanReplacement(row.replacement, compiler)
        if case .fixed(let fixed) = expression, replacement.highestGroup > fixed.groupCount {
            throw ArgumentError(
                "repl_exp '\(row.replacement)' uses group \(replacement.highestGroup), and subst_exp "
                    + "'\(row.substitution)' has \(fixed.groupCount)")
        }
        self.output = .replacement(expression, replacement)
    }

    private static func expression(
        _ text: ByteString, _ column: String, _ isDynamic: Bool, _ compiler: any ScriptCompiling
    ) throws -> Expression {
        if isDynamic, let format = try DialplanReplacement.format(text, compiler) { return .dynamic(format) }
        do throws(PerlExpression.Failure) {
            return .fixed(try PerlExpression(text))
        } catch {
            throw ArgumentError(
                "\(column) '\(text)' is no regular expression: \(error.message), at byte \(error.offset)")
        }
    }

    /// `[[:digit:]]` as `[0-9]`.
    private static func withRanges(_ pattern: ByteString) -> ByteString {
        let classes = [
            "digit": "0-9", "alpha": "a-zA-Z", "alnum": "a-zA-Z0-9", "lower": "a-z", "upper": "A-Z",
            "xdigit": "0-9a-fA-F", "space": " \t\n\u{b}\u{c}\r", "blank": " \t",
        ]
        guard pattern.string.contains("[:") else { return pattern }
        var text = pattern.string
        for (name, range) in classes {
            while let place = text.firstRange(of: "[:\(name):]") { text.replaceSubrange(place, with: range) }
        }
        return ByteString(text)
    }

    // MARK: Use

    enum Answer: Sendable {
        case matched
        case none
        /// The expression gave up, or cannot be used as it is now; the text says why.
        case failed(String)
    }

    func matches(_ input: ByteString, in route: RouteContext?) -> Answer {
        switch self.matcher {
        case .equal(let text): return text == input ? .matched : .none
        case .shell(let pattern): return pattern.matches(input) ? .matched : .none
        case .expression(let expression):
            switch Self.find(expression, in: input, route) {
            case .success(.matched): return .matched
            case .success(.none): return .none
            case .success(.failed): return .failed("match_exp '\(self.row.match)' takes too many steps for '\(input)'")
            case .failure(let error): return .failed(error.message)
            }
        }
    }

    /// What becomes of an input that the rule matches: empty when it only matches.
    /// - Throws: `ArgumentError` when nothing can be made of it.
    func translate(_ input: ByteString, in route: RouteContext?) throws(ArgumentError) -> ByteString {
        switch self.output {
        case .none: return ByteString()
        case .text(let text): return text
        case .replacement(let expression, let replacement):
            switch try Self.find(expression, in: input, route).get() {
            case .none: throw ArgumentError("subst_exp '\(self.row.substitution)' does not match '\(input)'")
            case .failed:
                throw ArgumentError("subst_exp '\(self.row.substitution)' takes too many steps for '\(input)'")
            case .matched(let match): return replacement.filled(match, of: input, in: route)
            }
        }
    }

    private static func find(
        _ expression: Expression, in input: ByteString, _ route: RouteContext?
    ) -> Result<PerlExpression.Outcome, ArgumentError> {
        switch expression {
        case .fixed(let pattern): return .success(pattern.firstMatch(in: input.span))
        case .dynamic(let format):
            guard let route else { return .failure(ArgumentError("there is no message for the variables of a rule")) }
            let text = format.evaluate(in: route)
            do throws(PerlExpression.Failure) {
                return .success(try PerlExpression(text).firstMatch(in: input.span))
            } catch {
                return .failure(ArgumentError("'\(text)' is no regular expression: \(error.message)"))
            }
        }
    }

    /// Whether using it needs a message.
    var needsRoute: Bool {
        if case .expression(.dynamic) = self.matcher { return true }
        switch self.output {
        case .none, .text: return false
        case .replacement(.dynamic, _): return true
        case .replacement(.fixed, let replacement): return replacement.hasVariables
        }
    }
}
