import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import ApusServer

@Suite("RPC: dns.*, dst_blocklist.*")
struct NameCommandTests {
    let scene: FailoverScene

    init() throws { self.scene = try FailoverScene("use_dst_blocklist=yes") }

    private func call(_ command: String, _ parameters: RPCValue...) throws -> [RPCValue] {
        try self.scene.server.call(command, parameters)
    }

    private func member(_ name: String, of value: RPCValue?) -> RPCValue? {
        guard case .structure(let members)? = value else { return nil }
        return members.first { $0.name == name }?.value
    }

    @Test func `records are looked up by type and name`() throws {
        let found = try self.call("dns.lookup", .string("srv"), .string("_sip._udp.gw.example"))
        #expect(self.member("type", of: found.first) == .string("SRV"))
        guard case .array(let records)? = self.member("records", of: found.first) else {
            Issue.record("no records")
            return
        }
        #expect(records.count == 3)
        #expect(self.member("rr_name", of: records.first) == .string("h1.example"))
        #expect(self.member("rr_port", of: records.first) == .int(5060))
        #expect(throws: RPCFault(400, "Not found")) {
            try self.call("dns.lookup", .string("A"), .string("none.example"))
        }
        #expect(throws: RPCFault(400, "Invalid type")) {
            try self.call("dns.lookup", .string("FOO"), .string("none.example"))
        }
    }

    @Test func `records that are put in by hand stay beside one another until they are deleted`() throws {
        for address in ["192.0.2.1", "192.0.2.2"] {
            _ = try self.call("dns.add_a", .string("Own.example"), .int(60), .string(address), .int(0))
        }
        _ = try self.call("dns.add_aaaa", .string("own.example"), .int(60), .string("2001:db8::1"), .int(2))
        _ = try self.call(
            "dns.add_srv", .string("_sip._udp.own.example"), .int(60), .int(1), .int(2), .int(5070),
            .string("own.example"), .int(0))
        let kept = try self.call("dns.view")
        #expect(kept.count == 3)
        #expect(kept.map { self.member("permanent", of: $0) } == [.string("no"), .string("no"), .string("yes")])
        guard case .array(let records)? = self.member("records", of: kept[1]) else {
            Issue.record("no records")
            return
        }
        #expect(records.map { self.member("rr_ip", of: $0) } == [.string("192.0.2.1"), .string("192.0.2.2")])
        #expect(try self.call("dns.debug_all").count == 4 * 11)
        _ = try self.call("dns.delete_all")
        #expect(try self.call("dns.view").count == 1)
        _ = try self.call("dns.delete_aaaa", .string("own.example"))
        #expect(try self.call("dns.view").isEmpty)
        #expect(throws: RPCFault(400, "Not found")) { try self.call("dns.delete_a", .string("own.example")) }
        #expect(throws: RPCFault.self) { try self.call("dns.add_a", .string("x"), .int(60), .string("::1"), .int(0)) }
    }

    @Test func `servers can be declared dead`() throws {
        #expect(try self.call("dns.get_server_state") == [.int(1)])
        _ = try self.call("dns.set_server_state", .int(0))
        #expect(try self.call("dns.get_server_state") == [.int(0)])
    }

    @Test func `a destination is blocked by hand`() throws {
        _ = try self.call("dst_blocklist.add", .string("192.0.2.1"), .int(5060), .int(1), .int(2))
        let list = try self.call("dst_blocklist.view")
        #expect(self.member("ip", of: list.first) == .string("192.0.2.1"))
        #expect(self.member("protocol", of: list.first) == .string("udp"))
        #expect(self.member("flags", of: list.first) == .int(2))
        self.scene.send("MESSAGE")
        #expect(self.scene.seen() == ["MESSAGE to 192.0.2.2"])
        _ = try self.call("dst_blocklist.delete_all")
        #expect(try self.call("dst_blocklist.debug").isEmpty)
    }

    @Test func `without a list there is nothing to look at`() throws {
        let scene = try FailoverScene("dst_blocklist_init=no\nuse_dst_blocklist=yes")
        #expect(throws: RPCFault(500, "dst blocklist support disabled")) {
            try scene.server.call("dst_blocklist.view", [])
        }
    }

    @Test func `parameters change while the server runs`() throws {
        _ = try self.call("cfg.set_now_int", .string("core"), .string("use_dns_failover"), .int(0))
        self.scene.send()
        self.scene.reply(503)
        #expect(self.scene.seen() == ["INVITE to 192.0.2.1", "ACK to 192.0.2.1", "500 to 192.0.2.9"])
    }
}
