import Foundation
import Testing

@testable import Bytes

@Suite("Hexadecimal, Base64, quotes")
struct TextEncodingTests {
    private func text(_ write: (ByteBuffer) -> Void) -> String {
        let out = ByteBuffer(capacity: 1)
        write(out)
        return ByteString(out.span).string
    }

    @Test func `every byte has its two digits, at every place`() {
        for length in 0...19 {
            for start in stride(from: 0, through: 255, by: 13) {
                let bytes = (0..<length).map { UInt8(truncatingIfNeeded: start + $0 * 7) }
                let expected = bytes.map { String(format: "%02x", $0) }.joined()
                let found = self.text { $0.append(hexOf: ByteString(bytes).span) }
                #expect(found == expected)
            }
        }
        let all = ByteString((0...255).map { UInt8($0) })
        let digits = self.text { $0.append(hexOf: all.span) }
        #expect(digits == all.bytes.map { String(format: "%02x", $0) }.joined())
    }

    @Test(arguments: [false, true]) func `what Foundation encodes is encoded the same, and decoded to what it was`(
        isURL: Bool
    ) {
        var generator = SeededGenerator(seed: 11)
        for length in 0...40 {
            for _ in 0..<50 {
                let bytes = ByteString((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
                var expected = Data(bytes.bytes).base64EncodedString()
                if isURL {
                    expected = expected.replacingOccurrences(of: "+", with: "-")
                        .replacingOccurrences(of: "/", with: "_")
                }
                let padded = self.text { Base64.encode(bytes.span, isURL: isURL, isPadded: true, to: $0) }
                let bare = self.text { Base64.encode(bytes.span, isURL: isURL, isPadded: false, to: $0) }
                #expect(padded == expected)
                #expect(bare == expected.replacingOccurrences(of: "=", with: ""))
                for text in [padded, bare] {
                    let out = ByteBuffer(capacity: 1)
                    let isDecoded = Base64.decode(ByteString(text).span, to: out)
                    #expect(isDecoded)
                    #expect(ByteString(out.span) == bytes)
                }
            }
        }
    }

    @Test func `a quoted text ends at the first quote that is not escaped`() {
        for (text, end) in [
            (#"abc" d"#, 3), (#"a\"bc" d"#, 5), (#"\\" x"#, 2), (#"0123456789\"0123456789" "#, 22), (#"no quote"#, 8),
            (#"ends in an escape\"#, 18), (#"escaped at the end\""#, 20), ("", 0), (#"""#, 0),
        ] {
            let bytes = ByteString(text)
            let found = bytes.span.quoteEnd(from: 0, to: bytes.count)
            #expect(found == end, "\(text)")
            let inside = ByteString("xxx" + text + #"""#)
            let foundInside = inside.span.quoteEnd(from: 3, to: 3 + bytes.count)
            #expect(foundInside == end + 3, "\(text)")
        }
    }
}
