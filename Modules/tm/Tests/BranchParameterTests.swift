import Bytes
import Testing

@testable import tm

@Suite("The branch parameter of our own Via")
struct BranchParameterTests {
    private static let parameter = BranchParameter(
        hash: 0xbeef, handle: Handle(rawValue: 0x1234_5678), random: 0x0123_4567_89ab_cdef, branch: 3)

    private static var branch: String {
        let buffer = ByteBuffer(capacity: 64)
        Self.parameter.write(to: buffer)
        return ByteString(buffer.span).string
    }

    @Test func `what is written is read again`() {
        let text = ByteString(Self.branch)
        #expect(BranchParameter(text.span, ByteRange(start: 0, count: text.count)) == Self.parameter)
    }

    @Test(arguments: [
        "", "z9hG4bK", "z9hG4bKbeef.12345678", "z9hG4bKbeef-123456780123456789abcdef.3",
        "Z9hG4bKbeef.123456780123456789abcdef.3",
    ])
    func `others are none of ours`(text: String) {
        let bytes = ByteString(text)
        #expect(BranchParameter(bytes.span, ByteRange(start: 0, count: bytes.count)) == nil)
    }
}
