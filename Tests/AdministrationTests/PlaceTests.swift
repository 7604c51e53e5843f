import Administration
import Bytes
import Database
import ModuleKit
import Testing

@Suite("domains in tables")
struct DomainAdministrationTests {
    @Test func `a domain takes its attributes with it, unless another one shares them`() throws {
        let made = try MadeTables()
        try made.tables.addDomain("example.org", id: nil, now: 0)
        try made.tables.addDomain("example.net", id: "shared", now: 0)
        try made.tables.addDomain("example.com", id: "shared", now: 0)
        #expect(throws: AdministrationError("there is a domain example.org already")) {
            try made.tables.addDomain("example.org", id: nil, now: 0)
        }
        try made.tables.setAttribute("limit", "5", isText: false, ofDomain: "example.org", now: 0)
        try made.tables.setAttribute("limit", "7", isText: false, ofDomain: "example.org", now: 0)
        try made.tables.setAttribute("name", "5", isText: true, ofDomain: "example.net", now: 0)
        let listing = try made.tables.domains()
        #expect(listing.rows.map { $0[0] } == [.string("example.com"), .string("example.net"), .string("example.org")])
        #expect(listing.rows[2][2] == .structure(["limit": .int(7)]))
        #expect(listing.rows[0][2] == .structure(["name": .string("5")]))
        #expect(try made.tables.removeDomain("example.com") == 0)
        #expect(try made.tables.removeDomain("example.net") == 1)
        try made.tables.removeAttribute("limit", ofDomain: "example.org")
        #expect(throws: AdministrationError("domain example.org has no attribute limit")) {
            try made.tables.removeAttribute("limit", ofDomain: "example.org")
        }
        #expect(try made.tables.removeDomain("example.org") == 0)
        #expect(throws: AdministrationError("there is no domain example.org")) {
            _ = try made.tables.removeDomain("example.org")
        }
    }

    @Test(arguments: ["", "a b", "user@host", "a\0b", "a/b"]) func `what is no domain is refused`(_ name: String) throws
    {
        let made = try MadeTables()
        #expect(throws: AdministrationError.self) { try made.tables.addDomain(ByteString(name), id: nil, now: 0) }
    }
}

@Suite("addresses in tables")
struct AddressAdministrationTests {
    @Test(
        arguments: [
            ("192.0.2.1", nil, 32), ("192.0.2.0/24", nil, 24), ("192.0.2.0", 25, 25), ("2001:db8::1", nil, 128),
            ("2001:db8::/32", nil, 32), ("gw.example.org", nil, 32),
        ] as [(String, Int?, Int)])
    func `an address has the mask that it is given, or that of one host`(
        _ text: String, _ mask: Int?, _ expected: Int
    ) throws {
        let address = try Administration.Address(group: 1, text, mask: mask, port: 0, tag: nil)
        #expect(address.mask == expected)
        let made = try MadeTables()
        try made.tables.addAddress(address)
        #expect(throws: AdministrationError.self) { try made.tables.addAddress(address) }
        #expect(try made.tables.addresses(group: 1).rows.count == 1)
        #expect(try made.tables.addresses(group: 2).rows.isEmpty)
        #expect(try made.tables.removeAddress(address.host, group: 1) == 1)
    }

    @Test(
        arguments: [
            (1, "192.0.2.1/33", nil, 0), (1, "192.0.2.1/24", 24, 0), (1, "2001:db8::/129", nil, 0),
            (0, "192.0.2.1", nil, 0),
            (1, "192.0.2.1", nil, 70_000), (1, "no host", nil, 0), (1, "gw.example.org", 24, 0), (1, "", nil, 0),
            (1, "300.1.2.3", nil, 0), (1, "192.0.2.1/x", nil, 0),
        ] as [(Int, String, Int?, Int)])
    func `what the server could not read is refused`(_ group: Int, _ text: String, _ mask: Int?, _ port: Int) {
        #expect(throws: AdministrationError.self) {
            _ = try Administration.Address(group: group, text, mask: mask, port: port, tag: nil)
        }
    }

    @Test func `a row is removed by its mask and port`() throws {
        let made = try MadeTables()
        for port in [0, 5060, 5070] {
            try made.tables.addAddress(
                try Administration.Address(group: 1, "192.0.2.1", mask: nil, port: port, tag: "t'ag"))
        }
        #expect(try made.tables.removeAddress("192.0.2.1", group: 1, port: 5060) == 1)
        #expect(try made.tables.removeAddress("192.0.2.1", group: 1) == 2)
        #expect(throws: AdministrationError("group 1 has no address 192.0.2.1")) {
            _ = try made.tables.removeAddress("192.0.2.1", group: 1)
        }
    }

    @Test func `a trusted peer needs a protocol and patterns that can be used`() throws {
        #expect(throws: AdministrationError.self) { _ = try Administration.Peer("192.0.2.1", "pigeon") }
        #expect(throws: AdministrationError.self) { _ = try Administration.Peer("192.0.2.1", "udp", from: "(") }
        let made = try MadeTables()
        let peer = try Administration.Peer("192.0.2.1", "UDP", from: "^sip:.*'", tag: "a;b", priority: 3)
        try made.tables.addPeer(peer)
        #expect(throws: AdministrationError.self) { try made.tables.addPeer(peer) }
        #expect(try made.tables.peers().rows.first?[1] == .string("udp"))
        #expect(try made.tables.removePeer("192.0.2.1") == 1)
        #expect(throws: AdministrationError.self) { _ = try made.tables.removePeer("192.0.2.1") }
    }
}

@Suite("listings")
struct ListingTests {
    @Test func `columns stand below their names, and control characters do nothing to a terminal`() {
        var listing = Listing(["a", "number"])
        listing.rows = [[.string("long value"), .int(1)], [.string("x\u{1b}[2J"), .null]]
        #expect(listing.text == "a           number\nlong value  1\nx?[2J       -")
        #expect(Listing(["a"]).text.isEmpty)
    }
}
