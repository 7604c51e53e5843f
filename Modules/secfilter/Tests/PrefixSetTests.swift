import Bytes
import Testing

@testable import secfilter

@Suite("secfilter: lists and SQL in texts")
struct PrefixSetTests {
    @Test func `a text matches by how it begins, whatever its capitals`() {
        let set = PrefixSet(["sipcli", "friendly-scanner", "SIP", "sip call", ""])
        for text in ["sipcli/1.8", "SIPcli", "sip", "friendly-scanner 2"] as [ByteString] { #expect(set.matches(text)) }
        for text in ["xsipcli", "friendly", "si", ""] as [ByteString] { #expect(!set.matches(text)) }
        #expect(set.texts == ["sipcli", "friendly-scanner", "SIP", "sip call"])
        #expect(set.has("SipCli"))
        #expect(!set.has("sipcli/1.8"))
        #expect(!PrefixSet().matches("a"))
    }

    @Test func `a search finds what a look at every entry finds`() {
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        func word(_ length: Int) -> ByteString { ByteString((0..<length).map { _ in UInt8(97 + random(3)) }) }
        for _ in 0..<200 {
            let texts = (0..<random(12)).map { _ in word(1 + random(5)) }
            let set = PrefixSet(texts)
            for _ in 0..<50 {
                let question = word(random(7))
                let expected = texts.contains { question.bytes.starts(with: $0.bytes) }
                #expect(set.matches(question) == expected)
            }
        }
    }

    @Test(arguments: [
        ("a'b", true), ("a\"b", true), ("a--b", true), ("a-b", false), ("a%27b", true), ("%24", true), ("%60", true),
        ("%22", false), ("%2", false), ("%", false), ("-", false), ("select 1 = 1; # (x)", false), ("", false),
    ])
    func `what wants to get out of a statement is found`(_ text: String, _ isFound: Bool) {
        #expect(InjectionCheck.finds(ByteString(text).span) == isFound)
    }
}
