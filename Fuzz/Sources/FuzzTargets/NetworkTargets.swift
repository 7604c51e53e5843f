import Bytes
import SIPMessage
import SIPTransport

/// Readers of what anybody can send. What they say of the bytes has to be true of them.
enum NetworkTargets {
    static func readProxyHeader(_ bytes: [UInt8]) {
        for isDatagram in [false, true] {
            guard case .header(_, let length) = ProxyHeader.read(bytes.span, isDatagram: isDatagram) else { continue }
            precondition(length > 0 && length <= bytes.count, "the header is longer than the bytes")
            precondition(length <= ProxyHeader.maximumLength, "the header is longer than is taken")
            // What is there of it alone is either it or too little.
            if case .malformed = ProxyHeader.read(bytes.span.extracting(0..<length - 1), isDatagram: isDatagram) {
                preconditionFailure("the beginning of a good header is malformed")
            }
        }
    }

    private static let types: [DNSRecordType] = [.a, .aaaa, .srv, .naptr, .cname, .txt, .ptr]

    static func readAnswer(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let question = DNSQuestion(self.types[Int(first) % self.types.count], "sip.example.org")
        guard let answer = DNSMessageReader.answer(to: question, bytes.span.extracting(1..<bytes.count)) else { return }
        precondition(answer.records.count <= DNSMessageReader.recordLimit, "too many records")
    }

    /// A glance sees less than the parser, and nothing else.
    static func glance(_ bytes: [UInt8]) {
        guard let seen = RequestGlance(bytes.span) else { return }
        guard let message = Message(bytes.span) else { preconditionFailure("no message, but a request at a glance") }
        precondition(message.isRequest && message.method == seen.method, "another method")
        precondition(message.to.tag.isPresent == seen.hasToTag, "another To tag")
        precondition(message.isEmergency == seen.isEmergency, "another urgency")
        precondition(message.callID == seen.callID && message.cSeq.number == seen.cSeq, "another call")
        precondition(message.topVia.branch == seen.topVia.branch, "another branch")
    }
}
