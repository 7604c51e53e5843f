import Bytes
import SIPMessage
import Testing

@testable import SIPTransport

@Suite("The hosts file")
struct HostsFileTests {
    private let file = HostsFile(
        "127.0.0.1 localhost\n# 192.0.2.9 not\n192.0.2.1\tOne one.example # a\n::1 localhost\nx y\n")

    @Test func `names have the addresses of their lines, by family`() {
        #expect(self.file.answer(to: DNSQuestion(.a, "ONE"))?.records == [.address(IPAddress(ipv4: 0xc000_0201))])
        #expect(self.file.answer(to: DNSQuestion(.aaaa, "localhost"))?.records.count == 1)
        #expect(self.file.answer(to: DNSQuestion(.aaaa, "one.example"))?.records == [])
        #expect(self.file.answer(to: DNSQuestion(.a, "not")) == nil)
        #expect(self.file.answer(to: DNSQuestion(.a, "y")) == nil)
    }

    @Test func `what it names has no services`() {
        #expect(self.file.answer(to: DNSQuestion(.srv, "_sip._udp.one.example"))?.records == [])
        #expect(self.file.answer(to: DNSQuestion(.srv, "_sip._udp.two.example")) == nil)
    }
}

@Suite("resolv.conf")
struct ResolverOptionsTests {
    @Test(arguments: [
        ("", 5, 2), ("nameserver 127.0.0.1\n", 5, 2), ("options timeout:1 attempts:3\n", 1, 3),
        ("options rotate\toptions timeout:2\r\n", 2, 2), ("options timeout:0 attempts:99", 1, 5),
        ("options timeout:x attempts:\n# options timeout:9\n", 5, 2), ("options timeout:9\noptions timeout:3\n", 3, 2),
        ("options timeout:99999999999999999999\n", 5, 2),
    ])
    func `options say how long to wait and how often, within the system's limits`(
        text: String, timeout: Int, attempts: Int
    ) {
        let options = ResolverOptions(ByteString(text))
        #expect(options.timeout == timeout && options.attempts == attempts)
    }
}
