import Bytes
import SIPMessage
import Testing

@testable import permissions

@Suite("permissions: addresses")
struct AddressTableTests {
    private func table(_ text: String, longest: Bool = false, limit: Int = 512) throws -> AddressTable {
        let rows = try AddressFile.rows(ByteString(text))
        return try AddressTable(rows.map(\.row), preferringLongest: longest, networkLimit: limit)
    }

    @Test(arguments: [
        ("192.0.2.1", 5060, 1, "one"), ("192.0.2.1", 5061, 1, nil), ("192.0.2.1", 5060, 2, nil),
        ("192.0.2.7", 77, 1, ""), ("10.1.2.3", 0, 2, "wide"), ("10.1.2.3", 0, 3, nil), ("2001:db8::5", 1, 3, "six"),
        ("[2001:db8::5]", 1, 3, "six"), ("2001:db9::5", 1, 3, nil), ("sip.example.com", 5060, 4, "name"),
        ("SIP.Example.COM", 5060, 4, "name"), ("sip.example.com", 0, 4, nil), ("example.com", 5060, 4, nil),
        ("198.51.100.9", 5, 1, "cidr"), ("203.0.113.1", 5, 9, "zero"), ("203.0.113.2", 5, 9, nil), ("", 5, 1, nil),
    ])
    func `an address is looked for in its group`(_ text: String, _ port: Int, _ group: Int, _ tag: String?) throws {
        let table = try self.table(
            """
            # group address mask port tag
            1 192.0.2.1 32 5060 one
            1 192.0.2.7   # any port
            198.51.100.0/24 0 0 cidr
            2 10.0.0.0 8 0 wide
            2 10.1.0.0 16 0 narrow

            3 2001:db8:: 32 0 six
            4 sip.example.com 32 5060 name
            9 203.0.113.1 0 0 zero
            """)
        #expect(table.entry(for: ByteString(text), port: port, in: group)?.tag == tag.map { ByteString($0) })
    }

    @Test func `without a group an address of its own comes before networks, and low groups first`() throws {
        let table = try self.table("7 10.0.0.0 8\n5 10.1.0.0 16\n6 10.1.1.1\n")
        #expect(table.entry(for: "10.1.1.1", port: 1, in: nil)?.group == 6)
        #expect(table.entry(for: "10.1.1.2", port: 1, in: nil)?.group == 5)
        #expect(table.entry(for: "10.2.1.2", port: 1, in: nil)?.group == 7)
    }

    @Test func `the longest prefix counts on demand`() throws {
        let text = "1 10.0.0.0 8 0 wide\n1 10.1.0.0 16 0 narrow\n"
        #expect(try self.table(text).entry(for: "10.1.0.1", port: 0, in: 1)?.tag == "wide")
        #expect(try self.table(text, longest: true).entry(for: "10.1.0.1", port: 0, in: 1)?.tag == "narrow")
    }

    @Test(arguments: [
        ("1 192.0.2.1 33", "mask 33 of 192.0.2.1 is not from 0 to 32"), ("x 1.2.3.4", "mask '1.2.3.4' is no number"),
        ("1 1.2.3.4 32 70000", "port 70000 is not from 0 to 65535"), ("1", "no address"),
        ("1 1.2.3.4 32 5 two words", "a tag is one word; what is 'words'?"), ("0 1.2.3.4", "group 0 is not above 0"),
        ("1 1.2.3", "'1.2.3' is no address and no host name"), ("1 1.2.3.4/40", "'1.2.3.4/40' is no network"),
        ("1 a/8", "'a/8' is no address and no host name"),
        ("1 2001:db8::1 129", "mask 129 of 2001:db8::1 is not from 0 to 128"),
    ])
    func `a line that means nothing is named`(_ line: String, _ message: String) {
        #expect(throws: AddressFailure(row: 2, message)) {
            let rows = try AddressFile.rows(ByteString("1 192.0.2.99\n" + line))
            _ = try AddressTable(rows.map(\.row))
        }
    }

    @Test func `networks have a limit`() {
        #expect(throws: AddressFailure(row: 3, "more than 2 networks; raise max_subnets")) {
            try self.table("1 10.0.0.0 8\n1 11.0.0.0 8\n1 12.0.0.0 8\n", limit: 2)
        }
    }
}
