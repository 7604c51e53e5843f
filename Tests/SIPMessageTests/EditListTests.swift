import Bytes
import Testing

@testable import SIPMessage

@Suite("Edits")
struct EditListTests {
    let message: Message
    let edits = EditList()

    init() throws {
        self.message = try request(
            "OPTIONS sip:a@b SIP/2.0",
            "Via: SIP/2.0/UDP h",
            "To: <sip:t>",
            "X: 1",
            "l: 3",
            body: "abc"
        )
    }

    /// What `write` makes of the message, without the first line.
    func written(_ message: Message? = nil) -> String {
        let out = ByteBuffer()
        MessageWriter.write(message ?? self.message, self.edits, into: out)
        return String(out.string.dropFirst("OPTIONS sip:a@b SIP/2.0\r\n".count))
    }

    func value(_ name: HeaderName) -> ByteRange { self.message.value(name) }

    @Test func `no edits leave the message as it is`() {
        #expect(self.written() == "Via: SIP/2.0/UDP h\r\nTo: <sip:t>\r\nX: 1\r\nl: 3\r\n\r\nabc")
        #expect(self.edits.isEmpty)
    }

    @Test func `texts at one offset keep their order, those put before stand ahead`() {
        self.edits.insert(at: self.message.headersEnd, "A: 1\r\n")
        self.edits.insert(at: self.message.headersEnd, "B: 2\r\n", before: true)
        self.edits.insert(at: self.message.headersEnd, "C: 3\r\n")
        self.edits.insert(at: self.message.headersEnd, "D: 4\r\n", before: true)
        #expect(
            self.written()
                == "Via: SIP/2.0/UDP h\r\nTo: <sip:t>\r\nX: 1\r\nl: 3\r\nD: 4\r\nB: 2\r\nA: 1\r\nC: 3\r\n\r\nabc"
        )
    }

    @Test func `edits come out by offset, in whatever order they were made`() {
        self.edits.replace(self.message.value(.to), with: ByteString("<sip:u>").span)
        self.edits.replace(self.message.value(.via), with: ByteString("V").span)
        self.edits.appendHeader("Z: 9\r\n", self.message)
        self.edits.insertHeaderFirst("A: 1\r\n", self.message)
        #expect(self.written() == "A: 1\r\nVia: V\r\nTo: <sip:u>\r\nX: 1\r\nl: 3\r\nZ: 9\r\n\r\nabc")
    }

    @Test func `so do many of them`() throws {
        let body = String(repeating: "0123456789", count: 20)
        let message = try request("OPTIONS sip:a@b SIP/2.0", "l: 200", body: body)
        for offset in (0..<200).reversed() where offset % 2 == 0 {
            let place = message.bodyStart + offset
            self.edits.insert(at: place, "y")
            self.edits.insert(at: place, "x", before: true)
            self.edits.insert(at: place, "z")
            self.edits.delete(ByteRange(place, place + 1))
        }
        let changed = String(repeating: "xyz1xyz3xyz5xyz7xyz9", count: 20)
        #expect(self.written(message) == "l: 400\r\n\r\n\(changed)")
    }

    @Test func `overlapping deletions merge and texts inside them come out`() {
        let to = self.message.field(at: 1).range
        self.edits.delete(ByteRange(to.lower, to.upper))
        self.edits.delete(ByteRange(to.lower + 2, to.upper + 3))
        self.edits.insert(at: to.lower + 4, "Y: 2\r\n")
        #expect(self.written() == "Via: SIP/2.0/UDP h\r\nY: 2\r\n1\r\nl: 3\r\n\r\nabc")
    }

    @Test func `a removed field is known to be removed`() {
        #expect(!self.edits.isRemoved(2, self.message))
        self.edits.removeHeader(at: 2, self.message)
        #expect(self.edits.isRemoved(2, self.message))
        #expect(!self.edits.isRemoved(1, self.message))
        #expect(!self.edits.isRemoved(-1, self.message))
        #expect(!self.edits.isRemoved(99, self.message))
        self.edits.removeHeader(at: 99, self.message)
        #expect(self.written() == "Via: SIP/2.0/UDP h\r\nTo: <sip:t>\r\nl: 3\r\n\r\nabc")
    }

    @Test func `rolling back to a mark undoes what came after it`() {
        self.edits.appendHeader("A: 1\r\n", self.message)
        let mark = self.edits.mark()
        self.edits.removeHeader(at: 2, self.message)
        self.edits.insertHeaderFirst("B: 2\r\n", self.message)
        #expect(self.written().hasPrefix("B: 2\r\n"))
        self.edits.rollback(to: mark)
        #expect(self.edits.count == 1)
        #expect(self.written() == "Via: SIP/2.0/UDP h\r\nTo: <sip:t>\r\nX: 1\r\nl: 3\r\nA: 1\r\n\r\nabc")
        self.edits.removeAll()
        self.edits.rollback(to: mark)
        #expect(self.edits.isEmpty)
    }

    @Test func `a copied list is equal and independent`() {
        self.edits.appendHeader("A: 1\r\n", self.message)
        let copy = EditList()
        copy.insert(at: 0, "gone")
        copy.copy(from: self.edits)
        self.edits.appendHeader("B: 2\r\n", self.message)
        #expect(copy.count == 1)
        let out = ByteBuffer()
        MessageWriter.write(self.message, copy, into: out)
        #expect(out.string.hasSuffix("l: 3\r\nA: 1\r\n\r\nabc"))
        copy.copy(from: copy)
        #expect(copy.count == 1)
    }

    @Test func `a text may be written piece by piece`() {
        let writer = self.edits.beginInsert()
        writer.buffer.append("N: ")
        writer.buffer.append(decimal: 42)
        writer.buffer.append("\r\n")
        self.edits.endInsert(writer, at: self.message.firstHeaderStart)
        let other = self.edits.beginInsert()
        other.buffer.append(decimal: 69)
        self.edits.endReplace(other, self.message.field(at: 2).value)
        self.edits.replace(self.message.value(.via), withDecimal: 7)
        #expect(self.written() == "N: 42\r\nVia: 7\r\nTo: <sip:t>\r\nX: 69\r\nl: 3\r\n\r\nabc")
    }

    @Test func `Content-Length follows the body`() throws {
        self.edits.replace(
            ByteRange(self.message.bodyStart, self.message.bodyStart + 1),
            with: ByteString("12345").span
        )
        #expect(self.written() == "Via: SIP/2.0/UDP h\r\nTo: <sip:t>\r\nX: 1\r\nl: 7\r\n\r\n12345bc")
        self.edits.removeAll()
        self.edits.delete(self.message.body)
        self.edits.delete(ByteRange(self.message.bodyStart + 1, self.message.length))
        #expect(self.written() == "Via: SIP/2.0/UDP h\r\nTo: <sip:t>\r\nX: 1\r\nl: 0\r\n\r\n")
        self.edits.removeAll()
        let bare = try request("OPTIONS sip:a@b SIP/2.0", "To: t")
        self.edits.insert(at: bare.length, "hello")
        self.edits.appendHeader("C: 1\r\n", bare)
        #expect(self.written(bare) == "To: t\r\nC: 1\r\nContent-Length: 5\r\n\r\nhello")
    }

    @Test func `one member of a comma list goes with one comma`() throws {
        let message = try request("BYE sip:a@b SIP/2.0", "Route: <sip:1> , <sip:2>,<sip:3>", "Route: <sip:4>")
        func without(_ wanted: Int) -> String {
            self.edits.removeAll()
            var iterator = message.routes
            var position = 0
            while let route = iterator.next(message) {
                if position == wanted {
                    self.edits.removeListMember(route.range, listEnd: route.listEnd, field: route.fieldIndex, message)
                }
                position += 1
            }
            let out = ByteBuffer()
            MessageWriter.write(message, self.edits, into: out)
            return String(out.string.dropFirst("BYE sip:a@b SIP/2.0\r\n".count).dropLast(1))
        }
        #expect(without(0) == "Route: <sip:2>,<sip:3>\r\nRoute: <sip:4>\r\n")
        #expect(without(1) == "Route: <sip:1> , <sip:3>\r\nRoute: <sip:4>\r\n")
        #expect(without(2) == "Route: <sip:1> , <sip:2>\r\nRoute: <sip:4>\r\n")
        #expect(without(3) == "Route: <sip:1> , <sip:2>,<sip:3>\r\n")
    }

    @Test func `an empty value is replaced after its colon`() throws {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "Subject:", "To:  ", "X:\r\n ")
        for index in 0..<3 { self.edits.replaceValue(at: index, with: ByteString("v").span, message) }
        #expect(self.written(message) == "Subject:v\r\nTo:v  \r\nX:v\r\n \r\n\r\n")
    }

    @Test func `offsets outside the message do no harm`() {
        self.edits.insert(at: -5, "x")
        self.edits.insert(at: 1_000_000, "y")
        self.edits.delete(ByteRange(start: self.message.length - 1, count: 1_000_000))
        self.edits.delete(.absent)
        self.edits.replace(.absent, with: ByteString("z").span)
        #expect(self.written().hasSuffix("\r\nl: 2\r\n\r\nab"))
    }
}
