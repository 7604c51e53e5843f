import Bytes
import Testing

@testable import permissions

@Suite("permissions: files of rules")
struct RuleFileTests {
    @Test(arguments: [
        ("sip:x@y", "sip:3000@b", true), ("sip:x@y", "SIP:3000@B", true), ("sip:x@y", "sip:5000@b", false),
        ("sip:alice@a", "sip:5@b", true), ("sip:alice@evil", "sip:5@b", false), ("sip:carol@a", "sip:9001@b", false),
        ("sip:none@a", "sip:77@b", false),
    ])
    func `a pair matches a line on both sides`(_ left: String, _ right: String, _ expected: Bool) throws {
        let file = try RuleFile(
            """
            # comment
            ALL : "^sip:3[0-9]+@" , "^sip:4"

              "^sip:alice@","^sip:carol@" EXCEPT "^sip:alice@evil" : ALL EXCEPT "^sip:900"   # and a comment
            ALL EXCEPT ALL : ALL
            """)
        #expect(file.matches(ByteString(left).span, ByteString(right).span) == expected)
    }

    @Test(arguments: [
        ("ALL", "':' expected between the two sides"), ("ALL : ", "a regular expression in quotes, or ALL, expected"),
        ("\"a : ALL", "a quote is not closed"), ("ALL : \"a\",", "a regular expression in quotes, or ALL, expected"),
        ("ALL : \"a\" \"b\"", "what follows the right side is no part of a rule"),
        ("alice : ALL", "a regular expression in quotes, or ALL, expected"),
    ])
    func `a line that is no rule is named`(_ line: String, _ message: String) {
        #expect(throws: RuleFailure(line: 2, message)) { try RuleFile(ByteString("# first\n" + line + "\n")) }
    }

    @Test func `a pattern that cannot be compiled is named`() {
        do throws(RuleFailure) {
            _ = try RuleFile("ALL : \"(\"")
            Issue.record("it was taken")
        } catch {
            #expect(error.line == 1)
            #expect(error.message.hasPrefix("\"(\" is no regular expression: "))
        }
    }

    @Test func `random lines are refused or read, never more`() {
        var state: UInt64 = 7
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let pieces = ["ALL", "EXCEPT", ":", ",", "\"", "a", "(", " ", "#", "\n", "\\", "[", "*"]
        for _ in 0..<5_000 {
            let text = (0..<next(14)).map { _ in pieces[next(pieces.count)] }.joined()
            _ = try? RuleFile(ByteString(text))
        }
    }
}
