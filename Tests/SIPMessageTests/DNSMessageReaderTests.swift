import Bytes
import SIPMessage
import Testing

/// Builds DNS messages, sound ones and others.
struct DNSMessageBuilder {
    var bytes: [UInt8] = [0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]
    var answers = 0

    init(_ type: DNSRecordType, _ name: String, code: UInt8 = 0) {
        self.bytes[3] |= code
        self.append(name: name)
        self.append(UInt16(type.rawValue), 1)
    }

    mutating func append(_ numbers: UInt16...) {
        for number in numbers { self.bytes += [UInt8(number >> 8), UInt8(number & 255)] }
    }

    mutating func append(name: String) {
        for label in name.split(separator: ".") { self.bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
        self.bytes.append(0)
    }

    /// An answer whose owner is the question's name, by a pointer.
    mutating func answer(_ type: DNSRecordType, ttl: UInt16 = 60, owner: [UInt8] = [0xc0, 12], _ data: [UInt8]) {
        self.bytes += owner
        self.append(type.rawValue, 1, 0, ttl, UInt16(data.count))
        self.bytes += data
        self.answers += 1
        self.bytes[6] = UInt8(self.answers >> 8 & 255)
        self.bytes[7] = UInt8(self.answers & 255)
    }

    func read(_ type: DNSRecordType, _ name: ByteString) -> DNSAnswer? {
        DNSMessageReader.answer(to: DNSQuestion(type, name), self.bytes.span)
    }
}

private func wire(_ name: String) -> [UInt8] {
    name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
}

@Suite("RFC 1035 §4.1: answers of DNS servers")
struct DNSMessageReaderTests {
    @Test func `addresses with their least lifetime`() {
        var message = DNSMessageBuilder(.a, "Host.Example")
        message.answer(.a, ttl: 60, [192, 0, 2, 1])
        message.answer(.a, ttl: 20, [192, 0, 2, 2])
        message.answer(.a, ttl: 60, [192, 0, 2, 1])
        let answer = message.read(.a, "host.example")
        #expect(
            answer
                == DNSAnswer(
                    [.address(IPAddress(ipv4: 0xc000_0201)), .address(IPAddress(ipv4: 0xc000_0202))], lifetime: 20))
    }

    @Test func `SRV and NAPTR records`() {
        var message = DNSMessageBuilder(.srv, "_sip._udp.example")
        message.answer(.srv, [0, 10, 0, 20, 0x13, 0xc4] + wire("Sip.Example"))
        #expect(
            message.read(.srv, "_sip._udp.example")?.records == [
                .service(ServiceRecord(priority: 10, weight: 20, port: 5060, target: "sip.example"))
            ])
        var other = DNSMessageBuilder(.naptr, "example")
        other.answer(
            .naptr, [0, 1, 0, 2, 1, 115, 7] + Array("SIP+D2U".utf8) + [0] + wire("_sip._udp.example"))
        #expect(
            other.read(.naptr, "example")?.records == [
                .pointer(
                    NamingPointer(
                        order: 1, preference: 2, flags: "s", services: "SIP+D2U", regularExpression: "",
                        replacement: "_sip._udp.example"))
            ])
    }

    @Test func `a chain of aliases ends at its records`() {
        var message = DNSMessageBuilder(.a, "a.example")
        message.answer(.cname, ttl: 5, wire("b.example"))
        message.answer(.cname, owner: wire("b.example"), wire("c.example"))
        message.answer(.a, owner: wire("c.example"), [1, 2, 3, 4])
        #expect(message.read(.a, "a.example") == DNSAnswer([.address(IPAddress(ipv4: 0x0102_0304))], lifetime: 5))
    }

    @Test func `aliases in a circle give nothing but another name to ask for`() {
        var message = DNSMessageBuilder(.a, "a.example")
        message.answer(.cname, wire("b.example"))
        message.answer(.cname, owner: wire("b.example"), wire("a.example"))
        #expect(message.read(.a, "a.example")?.records == [])
    }

    @Test func `records of other names do not count`() {
        var message = DNSMessageBuilder(.a, "a.example")
        message.answer(.a, owner: wire("evil.example"), [6, 6, 6, 6])
        #expect(message.read(.a, "a.example")?.isNegative == true)
    }

    @Test func `a name that does not exist is negative, a server that fails says nothing`() {
        #expect(DNSMessageBuilder(.a, "a.example", code: 3).read(.a, "a.example")?.isNegative == true)
        #expect(DNSMessageBuilder(.a, "a.example", code: 2).read(.a, "a.example")?.isFailure == true)
        #expect(DNSMessageBuilder(.a, "a.example", code: 5).read(.a, "a.example")?.isFailure == true)
    }

    @Test func `compression pointers that lead forwards or to themselves end the message`() {
        var message = DNSMessageBuilder(.a, "a.example")
        message.answer(.a, [1, 1, 1, 1])
        let place = UInt8(message.bytes.count)
        message.answer(.a, owner: [0xc0, place], [2, 2, 2, 2])
        #expect(message.read(.a, "a.example")?.records == [.address(IPAddress(ipv4: 0x0101_0101))])
    }

    @Test func `what is cut off anywhere is no trap`() {
        var message = DNSMessageBuilder(.naptr, "example")
        message.answer(
            .naptr, [0, 1, 0, 2, 1, 115, 7] + Array("SIP+D2U".utf8) + [0] + wire("_sip._udp.example"))
        for count in 0..<message.bytes.count {
            let part = Array(message.bytes.prefix(count))
            _ = DNSMessageReader.answer(to: DNSQuestion(.naptr, "example"), part.span)
        }
    }

    @Test func `any bytes are no trap`() {
        var random = SystemRandomNumberGenerator()
        var sound = DNSMessageBuilder(.srv, "example")
        sound.answer(.srv, [0, 10, 0, 20, 0x13, 0xc4] + wire("sip.example"))
        for _ in 0..<20_000 {
            var bytes = sound.bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let answer = DNSMessageReader.answer(to: DNSQuestion(.srv, "example"), bytes.span)
            #expect((answer?.records.count ?? 0) <= DNSMessageReader.recordLimit)
        }
    }

    @Test func `of thousands of records a bounded number is read`() {
        var message = DNSMessageBuilder(.a, "a.example")
        for number in 0..<3000 { message.answer(.a, [10, 0, UInt8(number >> 8), UInt8(number & 255)]) }
        #expect(message.read(.a, "a.example")?.records.count == DNSMessageReader.recordLimit)
    }
}
