import Bytes
import ModuleKit
import PerlExpressions
import SIPTesting
import Testing

@testable import dialplan

@Suite("Perl-compatible expressions")
struct PerlExpressionTests {
    private func groups(_ pattern: String, _ text: String) throws -> [String]? {
        let expression = try PerlExpression(ByteString(pattern))
        let bytes = ByteString(text)
        guard case .matched(let match) = expression.firstMatch(in: bytes.span) else { return nil }
        return (0...9).map { match[$0].isPresent ? ByteString(bytes.span, match[$0]).string : "-" }
    }

    @Test func `groups are found, and those that took no part are absent`() throws {
        #expect(try self.groups("(o)(x)?(p)", "opt")?.prefix(5) == ["op", "o", "-", "p", "-"])
        #expect(try self.groups("^a", "ba") == nil)
        #expect(try self.groups("", "")?.first == "")
        #expect(try self.groups("(?i)A(?=b)", "xab")?.first == "a")
        #expect(try self.groups("(1)(2)(3)(4)(5)(6)(7)(8)(9)(0)(a)", "1234567890a")?.last == "9")
        #expect(try PerlExpression("(a)(?:b)(c)").groupCount == 2)
        #expect(try self.groups("\\d+\0", "12\0")?.first == "12\0")
    }

    @Test(arguments: ["(", "[a", "a{2,1}", "*", "(?<x", "((((a{255}){255}){255}){255})", "\\"])
    func `a broken or huge pattern is refused with its place`(_ pattern: String) {
        #expect(throws: PerlExpression.Failure.self) { _ = try PerlExpression(ByteString(pattern)) }
    }

    @Test(arguments: ["^(a+)+$", "^(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
    func `a pattern that goes back without end is given up`(_ pattern: String) throws {
        let expression = try PerlExpression(ByteString(pattern))
        let text = ByteString(String(repeating: "a", count: 60) + "!")
        if case .matched = expression.firstMatch(in: text.span) { Issue.record("it matched") }
    }
}

@Suite("dialplan: one rule")
struct DialplanRuleTests {
    private func rule(
        _ operation: Int, _ match: String, _ substitution: String = "", _ replacement: String = "",
        dynamic: Bool = false
    ) throws -> DialplanRule {
        try DialplanRule(
            DialplanRule.Row(
                dialplan: 1, priority: 1, operation: operation, match: ByteString(match), length: 0,
                substitution: ByteString(substitution), replacement: ByteString(replacement), attributes: ""),
            isDynamic: dynamic, ModuleBench().compiler)
    }

    private func isMatched(_ rule: DialplanRule, _ input: String) -> Bool {
        if case .matched = rule.matches(ByteString(input), in: nil) { true } else { false }
    }

    @Test(arguments: [
        (0, "equal", "equal", true), (0, "equal", "EQUAL", false), (0, "equal", "equalx", false),
        (1, "^0[1-9]+$", "0123", true), (1, "^0[1-9]+$", "1", false), (1, "(?i)CASE", "a case", true),
        (1, "a|b$", "xb", true), (2, "glob-*", "glob-", true), (2, "*x", ".x", true), (2, "a?c", "a/c", true),
        (2, "+49[[:digit:]]*", "+491", true), (2, "+49[[:digit:]]*", "+49x", false), (2, "[!0-9]*", "x1", true),
        (2, "[!0-9]*", "11", false),
    ])
    func `the three kinds of match`(_ operation: Int, _ match: String, _ input: String, _ expected: Bool) throws {
        #expect(self.isMatched(try self.rule(operation, match), input) == expected)
    }

    @Test(arguments: [
        ("bob", "^(b)", "<\\1>", "<b>"), ("part", "a(r)", "<\\0\\1>", "<arr>"),
        ("abc", "(a)(b)(c)", "\\3\\2\\1-\\0", "cba-abc"),
        ("escs", "(e)", "a\\tb\\\\c\\1\\$var(p)", "a\tb\\ce$var(p)"), ("esc2", "(e)(s)", "\\a\\1\\", "ae\\"),
        ("optional", "(o)(x)?(p)", "[\\2][\\3]", "[][p]"), ("x", "y?", "\\0", ""), ("x", "", "text\\0", "text\\0"),
        ("x", "", "a$$b\\$c", "a$$b\\$c"), ("x", "x", "", ""), ("ten", "(t)", "\\10", "t0"),
    ])
    func `the replacement alone is the result`(
        _ input: String, _ substitution: String, _ replacement: String, _ expected: String
    ) throws {
        let rule = try self.rule(0, input, substitution, replacement)
        #expect(try rule.translate(ByteString(input), in: nil) == ByteString(expected))
    }

    @Test func `a substitution that does not match fails`() throws {
        let rule = try self.rule(0, "abc", "^zzz$", "x")
        #expect(throws: ArgumentError.self) { _ = try rule.translate("abc", in: nil) }
    }

    @Test(arguments: [
        (7, "x", "", ""), (1, "(un", "", ""), (1, "x", "(", "y"), (1, "x", "(", ""), (0, "x", "(a)", "\\2"),
        (0, "x", "(a)(b)", "\\9"),
    ])
    func `what cannot be used is refused`(
        _ operation: Int, _ match: String, _ substitution: String, _ replacement: String
    ) {
        #expect(throws: ArgumentError.self) { _ = try self.rule(operation, match, substitution, replacement) }
    }

    @Test func `an expression that takes too many steps says so and matches nothing`() throws {
        let rule = try self.rule(1, "^(a|aa)+$")
        switch rule.matches(ByteString(String(repeating: "a", count: 200) + "!"), in: nil) {
        case .failed(let text): #expect(text.contains("too many steps"))
        case .none, .matched: Issue.record("it did not give up")
        }
    }
}
