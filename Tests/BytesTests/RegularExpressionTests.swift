import Testing

@testable import Bytes

@Suite("Regular expressions")
struct RegularExpressionTests {
    private func range(_ pattern: String, _ text: String, isLineWise: Bool = false) throws -> ByteRange? {
        let expression = try RegularExpression(ByteString(pattern), isLineWise: isLineWise)
        let bytes = ByteString(text)
        let found = expression.firstMatch(in: bytes.span)?.range
        #expect(expression.matches(bytes.span) == (found != nil))
        return found
    }

    @Test(arguments: [false, true])
    func `a pattern of texts alone finds what the library finds`(_ isCaseIgnored: Bool) throws {
        let patterns = [
            "a", "ab", "ab|b", "friendly|scanner|sipcli", "b-c_d", "AB|cD", "a:b@c", "a|b|c", "sip cli", "é",
            "a|", "|a", "a||b", "a.b", "a{1}", "^ab", "ab$", "a\\|b", "[ab]", "(ab)",
        ]
        let texts = [
            "", "a", "A", "ab", "xAB", "aab", "b-C_D.", "friendly-scanner", "my SIPCLI/1.8", "sipcl", "a:b@", "a:b@c",
            "aa:b@cc", "sip  cli", "sip cli", "a\0ab", "é", "É", "a|b", "acd",
        ]
        for pattern in patterns {
            let expression = try RegularExpression(ByteString(pattern), ignoringCase: isCaseIgnored)
            for text in texts {
                let bytes = ByteString(text)
                #expect(expression.matches(bytes.span) == expression.search(bytes.span), "\(pattern) on \(text)")
            }
        }
    }

    @Test func `texts alone are not given to the library`() {
        for pattern in ["a", "friendly-scanner|sipcli|sip vicious", "a|b"] {
            #expect(LiteralPattern(ByteString(pattern), ignoringCase: true) != nil, "\(pattern)")
        }
        for pattern in [
            "", "a|", "a||b", "a.b", "^a", "a$", "a*", "a+", "a?", "a{2}", "(a)", "[a]", "a\\b", "é", "a\n",
        ] {
            #expect(LiteralPattern(ByteString(pattern), ignoringCase: true) == nil, "\(pattern)")
        }
    }

    @Test(arguments: [false, true])
    func `a long text matches what it would match if it were short`(_ isLineWise: Bool) throws {
        let texts = ["ab", "b", "xyz", "a\nb", "c\n^a", "b\nc", "", "a\0b", "aXb"]
        let patterns = [
            "x.*z", "^a", "^a|b$", "b$", "", "a|", "[^b]c", "^.*c$", "x*", "^", "a.b", "(b)|c", "a)|b", "[)]|b",
            "[[:alpha:]]b", "[[:upper:]]",
        ]
        for pattern in patterns {
            let expression = try RegularExpression(ByteString(pattern), isLineWise: isLineWise)
            for text in texts {
                // Line ends before and behind leave the anchors of lines where they were; others are at the very ends.
                let filler = String(repeating: "-", count: 2000)
                for long in [filler + text, text + filler, filler + text + filler] {
                    let bytes = ByteString(long)
                    #expect(
                        expression.matches(bytes.span) == expression.search(bytes.span), "\(pattern) on \(text)")
                }
            }
        }
    }

    @Test func `a long text is refused in one pass`() throws {
        // 64,000 bytes take the C library ten seconds when it tries from each of them.
        let text = String(repeating: "a,", count: 32_000)
        #expect(try self.range("(.*),(.*),(.*)@(.*)x", text) == nil)
        #expect(try self.range("a.*,.*x", text) == nil)
        #expect(try self.range("a.*,.*x", text + "x") == ByteRange(0, 64_001))
    }

    @Test(arguments: ["a|x.*y.*z", "(^|,)a", "a$", "\\<a", "b", "-*"])
    func `behind the last start nothing matches`(_ pattern: String) throws {
        let expression = try RegularExpression(ByteString(pattern))
        for text in ["a,a", "-a xyxy", "", "a\na"] {
            let filler = String(repeating: "-", count: 5000)
            let bytes = ByteString(filler + text + filler)
            let last = expression.lastStart(in: bytes.span)
            var starts: [Int] = []
            var position = 0
            while position <= bytes.count, let match = expression.firstMatch(in: bytes.span, from: position) {
                starts.append(match.range.lower)
                position = max(match.range.upper, match.range.lower + 1)
            }
            #expect((starts.last ?? -1) <= last, "\(pattern) in \(text)")
        }
        #expect(try RegularExpression("c").lastStart(in: ByteString(String(repeating: "-", count: 9000)).span) == -1)
    }

    @Test func `a group that is asked for again looks at short texts only`() throws {
        let twice = String(repeating: "ab", count: 500)
        #expect(try self.range("^(.*)\\1$", twice) == ByteRange(0, 1000))
        #expect(try self.range("^(.*)\\1$", String(repeating: "ab", count: 30_000)) == nil)
        // That is no such group.
        #expect(try self.range("[a]\\\\1", String(repeating: "-", count: 3000) + "a\\1") == ByteRange(3000, 3003))
    }

    @Test func `repetitions of repetitions are refused, not tried out`() {
        for count in [1, 8, 24, 25, 200] {
            let stars = "$C" + String(repeating: "*", count: count)
            let groups = "$" + String(repeating: "(", count: count) + "C" + String(repeating: ")*", count: count)
            for pattern in [stars, groups] {
                let refusal = PatternCost.measure(Array(pattern.utf8)).refusal
                #expect((refusal == nil) == (count <= 24), "\(count)")
            }
        }
        // One behind the other they are harmless.
        let row = String(repeating: "a*(b+c?)*", count: 100)
        #expect(PatternCost.measure(Array(row.utf8)).refusal == nil)
    }
}
