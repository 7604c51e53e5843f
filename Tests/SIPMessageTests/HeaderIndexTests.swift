import Bytes
import Testing

@testable import SIPMessage

@Suite("Header index: RFC 3261 §7.3")
struct HeaderIndexTests {
    @Test func `every field is found with name, value and place`() throws {
        let message = try parsed(inviteText)
        #expect(message.headerCount == 11)
        let field = message.field(at: message.first(.maxForwards))
        #expect(message.string(field.nameRange) == "Max-Forwards")
        #expect(message.string(field.value) == "70")
        #expect(message.string(field.range) == "Max-Forwards: 70\r\n")
        #expect(message.string(ByteRange(message.headersEnd, message.length)) == "\r\nv=0\n")
        #expect(message.string(message.body) == "v=0\n")
        #expect(message.firstHeaderStart == "INVITE sip:bob@biloxi.example.com SIP/2.0\r\n".utf8.count)
    }

    @Test func `fields with one name are chained in order, compact forms among them`() throws {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "Via: 1", "X: 0", "v: 2", "VIA : 3")
        var index = message.first(.via)
        var values: [String?] = []
        while index >= 0 {
            values.append(message.string(message.field(at: index).value))
            index = message.next(after: index)
        }
        #expect(values == ["1", "2", "3"])
        #expect(message.last(.via) == 3)
    }

    @Test func `every known name is recognised in any case and in compact form`() throws {
        for name in HeaderName.allCases where name != .other {
            let text = "\(name.canonicalName)"
            #expect(HeaderName(named: ByteString(text)) == name)
            #expect(HeaderName(named: ByteString(text.uppercased())) == name)
            #expect(HeaderName(named: ByteString(text.lowercased())) == name)
            #expect(HeaderName(named: ByteString(text + "x")) != name)
            if name.compactForm != 0 {
                #expect(HeaderName(named: ByteString([name.compactForm])) == name)
                #expect(HeaderName(named: ByteString([name.compactForm - 32])) == name)
            }
        }
        #expect(HeaderName.allCases.count <= HeaderName.tableSize)
        #expect(HeaderName(named: "P-Asserted-xxentity") == .other)
        #expect(HeaderName(named: "P-Asserted_Identity") == .other)
        #expect(HeaderName(named: "") == .other)
    }

    @Test func `names without a number are looked up by text`() throws {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "X-A: 1", "X-B: 2", "x-a: 3", "To: t")
        let first = message.first(named: "X-a")
        #expect(message.string(message.field(at: first).value) == "1")
        let second = message.next(after: first)
        #expect(message.string(message.field(at: second).value) == "3")
        #expect(message.next(after: second) == -1)
        #expect(message.first(named: "X-C") == -1)
        #expect(message.first(named: "t") == message.first(.to))
    }

    @Test func `folded lines belong to the value`() throws {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "Subject: one", "  two", "\tthree", "To: t")
        let field = message.field(at: 0)
        #expect(message.string(field.value) == "one\r\n  two\r\n\tthree")
        #expect(message.string(field.range) == "Subject: one\r\n  two\r\n\tthree\r\n")
        #expect(message.headerCount == 2)
    }

    @Test func `a value may begin on the next line or be empty`() throws {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "TO :", " sip:a@b", "Supported:", "Subject:   ")
        #expect(message.string(message.value(.to)) == "sip:a@b")
        #expect(message.string(message.value(.supported)) == "")
        #expect(message.string(message.value(.subject)) == "")
    }

    @Test(arguments: [
        ("OPTIONS sip:a@b SIP/2.0\r\nno colon here\r\n\r\n", ParseFailure.Reason.badHeader),
        ("OPTIONS sip:a@b SIP/2.0\r\n: nameless\r\n\r\n", .badHeader),
        ("OPTIONS sip:a@b SIP/2.0\r\n folded: first\r\n\r\n", .badHeader),
        ("OPTIONS sip:a@b SIP/2.0\r\ntwo words: x\r\n\r\n", .badHeader),
        ("OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n", .headerUnfinished),
        ("OPTIONS sip:a@b SIP/2.0\r\nTo: x", .headerUnfinished),
        ("OPTIONS sip:a@b SIP/2.0\r\n", .headerUnfinished),
        ("OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\r", .badHeader),
    ])
    func `broken headers are refused`(_ text: String, _ reason: ParseFailure.Reason) {
        #expect(failure(text) == reason)
    }

    @Test func `too many fields are refused, not cut off`() throws {
        let line = "X: 1\r\n"
        let head = "OPTIONS sip:a@b SIP/2.0\r\n"
        #expect(try parsed(head + String(repeating: line, count: 2048) + "\r\n").headerCount == 2048)
        #expect(failure(head + String(repeating: line, count: 2049) + "\r\n") == .tooManyHeaders)
    }

    @Test func `a message object is as new after each parse`() throws {
        let message = try parsed(inviteText)
        _ = (message.from, message.topVia, message.contentLength, message.parsedRequestURI)
        message.buffer.removeAll()
        message.buffer.append("SIP/2.0 200 OK\r\nl: 9\r\nf: <sip:x@y>;tag=z\r\n\r\n")
        #expect(message.parse() == nil)
        #expect(message.headerCount == 2)
        #expect(!message.topVia.isValid)
        #expect(message.contentLength == 9)
        #expect(message.string(message.from.tag) == "z")
        #expect(message.parsedRequestURI == nil)
        message.buffer = ByteBuffer("garbage")
        #expect(message.parse()?.reason == .firstLineUnfinished)
        #expect(message.headerCount == 0)
        #expect(message.first(.from) == -1)
    }

    @Test func `members of comma lists are found`() throws {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "Supported: path,  Outbound", "k: gruu")
        for tag in ["path", "outbound", "gruu"] { #expect(message.lists(tag, in: .supported)) }
        for tag in ["out", "pathx", ""] { #expect(!message.lists(tag, in: .supported)) }
    }

    @Test func `words and byte classes are what their texts say`() {
        for (text, word) in Word.all {
            let value = text.span.lowercasedWord(ByteRange(start: 0, count: text.utf8CodeUnitCount))
            #expect(value == word, "\(text)")
        }
        for byte in UInt8.min...UInt8.max {
            let isAlphanumeric = byte.isLetter || byte.isDigit
            #expect(ByteClass.token.contains(byte) == byte.isToken)
            #expect(ByteClass.host.contains(byte) == (isAlphanumeric || [45, 46, 95].contains(byte)))
            #expect(byte.isSpace == [32, 9, 13, 10].contains(byte))
            #expect(byte.endsParameterName == (byte <= 32 || [59, 44, 61].contains(byte)))
            #expect(byte.endsParameterValue == (byte <= 32 || [59, 44].contains(byte)))
        }
    }

    @Test func `eight bytes at once are judged like each of them`() {
        for byte in UInt8.min...UInt8.max {
            for position in 0..<8 {
                var bytes = Array("aZ0-.zA9".utf8)
                bytes[position] = byte
                let host = bytes.span.skipHost(from: 0, to: 8)
                let name = bytes.span.parameterNameEnd(from: 0, to: 8)
                let value = bytes.span.parameterValueEnd(from: 0, to: 8)
                let near = bytes.span.nearIndex(of: byte, from: 0, to: 8)
                let clipped = bytes.span.skipHost(from: 0, to: position)
                let lowered = bytes.span.lowercasedWord(ByteRange(start: 0, count: 8))
                #expect(host == (byte.isHostByte ? 8 : position))
                #expect(name == (byte.endsParameterName ? position : 8))
                #expect(value == (byte.endsParameterValue ? position : 8))
                #expect(near == bytes.firstIndex(of: byte))
                #expect(clipped == position)
                #expect(UInt8(truncatingIfNeeded: lowered >> UInt64(position * 8)) == byte.lowercased)
            }
        }
    }

    @Test func `a name that ends with the buffer is compared to its last byte`() {
        let bytes = ByteString("xxbranch")
        let whole = bytes.span.lowercasedWord(ByteRange(start: 2, count: 6))
        let part = bytes.span.lowercasedWord(ByteRange(start: 3, count: 5))
        let name = HeaderName(parsing: bytes.span, ByteRange(start: 7, count: 1))
        #expect(whole == Word.branch)
        #expect(part != Word.branch)
        #expect(name == .other)
    }
}
