import Bytes
import Testing

@testable import SIPMessage

@Suite("Memory after an unusual message")
struct UnusualMessageTests {
    private func message(fields: Int, body: Int = 0) -> Message {
        var text = "OPTIONS sip:a@example.org SIP/2.0\r\n"
        for index in 0..<fields { text += "X-\(index): 1\r\n" }
        text += "\r\n" + String(repeating: "b", count: body)
        let message = Message(buffer: ByteBuffer(text))
        #expect(message.parse() == nil)
        return message
    }

    @Test func `many fields, or many bytes, are given back`() {
        let long = self.message(fields: 300)
        let room = long.fields.capacity
        #expect(room >= 300)
        long.giveBackMemory()
        let roomAfter = long.fields.capacity
        #expect(roomAfter == 48)
        let isEmpty = long.fields.isEmpty
        #expect(isEmpty)

        let large = self.message(fields: 3, body: 20_000)
        large.giveBackMemory()
        #expect(large.buffer.capacity < 100)
    }

    @Test func `a message of the usual size stays`() {
        let message = self.message(fields: 12, body: 300)
        message.giveBackMemory()
        let count = message.fields.count
        #expect(count == 12)
    }

    @Test func `an edit list gives back the texts of many edits`() {
        let message = self.message(fields: 2)
        let edits = EditList()
        let text = ByteString(String(repeating: "X: y\r\n", count: 100))
        for _ in 0..<80 { edits.insert(at: message.headersEnd, text.span) }
        let room = edits.edits.capacity
        #expect(room >= 80)
        edits.giveBackMemory()
        #expect(edits.isEmpty)
        let roomAfter = edits.edits.capacity
        #expect(roomAfter == 16)
        #expect(edits.text.capacity == 512)
    }
}
