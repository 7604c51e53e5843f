import Bytes
import SIPMessage

/// Names and addresses of `/etc/hosts`: they go before what servers say.
package struct HostsFile {
    /// Lines that are read at most.
    private static let lineLimit = 100_000
    private var addresses: [ByteString: [IPAddress]] = [:]

    /// The file's text; lines that make no sense are passed over.
    package init(_ text: ByteString = ByteString()) {
        for line in text.bytes.split(separator: 10).prefix(Self.lineLimit) {
            let words = line.prefix { $0 != UInt8(ascii: "#") }.split { $0 == 32 || $0 == 9 || $0 == 13 }
            guard let first = words.first, words.count > 1 else { continue }
            let bytes = ByteString(Array(first))
            guard let address = IPAddress(bytes.span, ByteRange(start: 0, count: bytes.count)) else { continue }
            for word in words.dropFirst() {
                let name = DNSQuestion.canonical(ByteString(Array(word)))
                if self.addresses[name]?.contains(address) != true { self.addresses[name, default: []].append(address) }
            }
        }
    }

    /// The answer of the file; nil when it does not know the name. A name that it has with the other family only has no
    /// address of this one.
    package func answer(to question: DNSQuestion) -> DNSAnswer? {
        // What the file names is a host: nobody is asked for services of it.
        if question.type == .srv || question.type == .naptr {
            let labels = question.name.bytes.split(separator: UInt8(ascii: ".")).drop { $0.first == UInt8(ascii: "_") }
            let host = ByteString(Array(labels.joined(separator: [UInt8(ascii: ".")])))
            return self.addresses[host] == nil ? nil : DNSAnswer([], lifetime: Self.lifetime)
        }
        guard question.type == .a || question.type == .aaaa, let known = self.addresses[question.name] else {
            return nil
        }
        let wanted = known.filter { $0.isIPv6 == (question.type == .aaaa) }
        return DNSAnswer(wanted.map { .address($0) }, lifetime: Self.lifetime)
    }

    /// Seconds after which the file is looked at again.
    static let lifetime = 10
}
