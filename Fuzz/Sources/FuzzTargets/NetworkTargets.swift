import Bytes
import ControlProtocol
import HTTPTransfer
import ModuleKit
import SIPMessage
import SIPTransport

/// Readers of what anybody can send. What they say of the bytes has to be true of them.
enum NetworkTargets {
    static func readProxyHeader(_ bytes: [UInt8]) {
        for isDatagram in [false, true] {
            guard case .header(_, let length) = ProxyHeader.read(bytes.span, isDatagram: isDatagram) else { continue }
            claim(length > 0 && length <= bytes.count, "the header is longer than the bytes")
            claim(length <= ProxyHeader.maximumLength, "the header is longer than is taken")
            // What is there of it alone is either it or too little.
            if case .malformed = ProxyHeader.read(bytes.span.extracting(0..<length - 1), isDatagram: isDatagram) {
                fatalError("the beginning of a good header is malformed")
            }
        }
    }

    private static let types: [DNSRecordType] = [.a, .aaaa, .srv, .naptr, .cname, .txt, .ptr]

    static func readAnswer(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let question = DNSQuestion(self.types[Int(first) % self.types.count], "sip.example.org")
        guard let answer = DNSMessageReader.answer(to: question, bytes.span.extracting(1..<bytes.count)) else { return }
        claim(answer.records.count <= DNSMessageReader.recordLimit, "too many records")
    }

    /// A glance sees less than the parser, and nothing else.
    static func glance(_ bytes: [UInt8]) {
        guard let seen = RequestGlance(bytes.span) else { return }
        guard let message = Message(bytes.span) else { fatalError("no message, but a request at a glance") }
        claim(message.isRequest && message.method == seen.method, "another method")
        claim(message.to.tag.isPresent == seen.hasToTag, "another To tag")
        claim(message.isEmergency == seen.isEmergency, "another urgency")
        claim(message.callID == seen.callID && message.cSeq.number == seen.cSeq, "another call")
        claim(message.topVia.branch == seen.topVia.branch, "another branch")
    }

    /// A packet is read, and what was read is written and read to the same again.
    static func readPacket(_ bytes: [UInt8]) {
        guard case .packet(let header, let length, let cookie, let cookieLength, _) = BinaryRPC.frame(bytes) else {
            return
        }
        claim(header + length <= bytes.count, "a packet longer than the bytes")
        let values = self.values(bytes, header, length)
        let written = BinaryRPCWriter.reply(values, cookie: cookie, cookieLength: cookieLength)
        guard case .packet(let start, let count, let same, _, _) = BinaryRPC.frame(written) else {
            fatalError("what was written is no packet")
        }
        claim(same == cookie && start + count == written.count, "another packet")
        let again = BinaryRPCWriter.reply(
            self.values(written, start, count), cookie: cookie, cookieLength: cookieLength)
        claim(again == written, "other values")
    }

    private static func values(_ bytes: [UInt8], _ start: Int, _ count: Int) -> [RPCValue] {
        var reader = BinaryRPCReader(bytes, from: start, count: count)
        var values: [RPCValue] = []
        while !reader.isAtEnd, let value = reader.value() { values.append(value) }
        return values
    }

    static func readHTTPAnswer(_ bytes: [UInt8]) {
        var answer = HTTPResponse(result: 0)
        answer.header = ByteString(bytes)
        _ = answer.reason
        for name in ["Content-Type", "Location", "x"] {
            for value in answer.values(of: ByteString(name)) { claim(value.count < bytes.count, "too long") }
        }
    }
}
