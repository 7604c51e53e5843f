import Bytes
import ModuleKit
import Testing

@testable import ApusServer

/// A trap would end the process that runs the tests.
@Suite("Control commands: whatever a client sends")
struct HostileCommandTests {
    private static let values: [RPCValue] = [
        .int(.max), .int(.min), .int(-1), .int(0), .int(1 << 32), .double(.nan), .double(.infinity), .double(-1e300),
        .double(0.5), .string(""), .string("-1"), .string("127.0.0.1"), .string("9223372036854775807"),
        .string("sip:a@127.0.0.1"), .text(ByteString([0, 255, 10, 34, 92])),
        .text(ByteString([UInt8](repeating: 65, count: 70_000))),
        .null, .array([]), .array([.array([.int(1)])]), .structure([]),
    ]
    /// What leads past the first look at the parameters.
    private static let beginnings: [[RPCValue]] = [
        [], [.string("t")], [.string("t"), .string("key")], [.string("location")],
        [.string("location"), .string("a@b")], [.string("location"), .string("a@b"), .string("sip:a@127.0.0.1")],
        [.string("core"), .string("debug")], [.string("int"), .string("x")],
    ]
    /// They end the server, read the file again, or ask servers of the network.
    private static let leftOut: Set = ["core.kill", "apus.reload", "dns.lookup"]

    private func live() throws -> LiveServer {
        let modules = [
            "sl", "tm", "tmx", "rr", "pv", "usrloc", "registrar", "textops", "siputils", "xlog", "kex", "corex",
            "counters",
            "cfg_rpc", "cfgutils", "ctl", "jsonrpcs", "htable", "mqueue", "permissions", "statistics", "tcpops",
            "dlgs", "uac", "rtimer", "debugger", "http_client", "auth",
        ]
        return try LiveServer(
            "listen=udp:127.0.0.1:\(try LiveServer.freePort())\n" + modules.map { "loadmodule \"\($0).so\"\n" }.joined()
                + """
                modparam("htable", "htable", "t=>size=4;autoexpire=10;")
                modparam("mqueue", "mqueue", "name=t")
                modparam("uac", "reg_contact_addr", "127.0.0.1:5060")
                request_route {
                    sl_send_reply("200", "OK");
                    save("location");
                    exit;
                }

                """)
    }

    @Test func `no command with any parameters ends the process`() throws {
        let live = try self.live()
        let host = try #require(live.server.configuration?.host)
        let names = host.commandNames.filter { !Self.leftOut.contains($0) }
        #expect(names.count > 100)
        for name in names {
            for beginning in Self.beginnings {
                for value in Self.values {
                    for count in [0, 1, 2, 3, 6] {
                        _ = host.begin(name, beginning + Array(repeating: value, count: count))
                    }
                }
            }
        }
        let phone = try Phone()
        let port = try #require(live.server.sockets.sockets.first?.address.port)
        #expect(try phone.ask(port, id: "after") != nil)
    }

    @Test func `times without end are bounded, and numbers that are none refused`() throws {
        let live = try self.live()
        let host = try #require(live.server.configuration?.host)
        let far = RPCValue.int(.max)
        #expect(throws: Never.self) { try host.call("htable.seti", ["t", "k", "1"].rpc) }
        #expect(throws: Never.self) { try host.call("htable.setex", [.string("t"), .string("k"), far]) }
        let registration: [RPCValue] =
            ["u", "l", "127.0.0.1", "r", "127.0.0.1", "realm", "user", "secret", ".", "."].rpc
            + [far, .int(0), far, .string("127.0.0.1"), .string(".")]
        #expect(throws: Never.self) { try host.call("uac.reg_add", registration) }
        func add(_ q: String) throws {
            _ = try host.call(
                "ul.add",
                ["location", "a@b", "sip:a@127.0.0.1"].rpc + [far, .string(q), "0".rpc, .int(0), .int(0), far])
        }
        #expect(throws: RPCFault.self) { try add("nan") }
        #expect(throws: RPCFault.self) { try add("inf") }
        #expect(throws: Never.self) { try add("0.5") }
    }
}

extension [String] {
    fileprivate var rpc: [RPCValue] { self.map { .string($0) } }
}

extension String {
    fileprivate var rpc: RPCValue { .string(self) }
}
