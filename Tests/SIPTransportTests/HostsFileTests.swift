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
