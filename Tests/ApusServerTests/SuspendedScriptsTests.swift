import Bytes
import ModuleKit
import Testing

@testable import ApusServer

@Suite("apus.suspended: scripts that wait")
struct SuspendedScriptsTests {
    private static func member(_ name: String, of value: RPCValue?) -> RPCValue? {
        guard case .structure(let members)? = value else { return nil }
        return members.first { $0.name == name }?.value
    }

    private static let script = """
        loadmodule "sl.so"
        loadmodule "pv.so"
        loadmodule "cfgutils.so"
        request_route {
            if ($hdr(Call-ID) == "free") { sl_send_reply("200", "OK"); exit; }
            route(OUTER);
        }
        route[OUTER] {
            route(INNER);
        }
        route[INNER] {
            sleep("3600");
        }
        """

    @Test func `each is shown with its function, line, routes and message, the oldest first`() throws {
        let port = try LiveServer.freePort()
        let live = try LiveServer("listen=udp:127.0.0.1:\(port)\n" + Self.script)
        let host = try #require(live.server.configuration?.host)
        let phone = try Phone()
        #expect(try host.call("apus.suspended", []) == [.structure(["count": .int(0), "scripts": .array([])])])
        for number in 1...3 {
            try phone.send(phone.request("OPTIONS", "sip:a@127.0.0.1", id: "wait-\(number)"), to: port)
            #expect(LiveServer.isSoon { live.server.suspended.count == number })
        }
        let answer = try host.call("apus.suspended", []).first
        #expect(Self.member("count", of: answer) == .int(3))
        guard case .array(let scripts)? = Self.member("scripts", of: answer) else {
            Issue.record("no list")
            return
        }
        // Those that began to wait in the same millisecond stand in any order.
        for number in 1...3 {
            #expect(scripts.count { Self.member("callid", of: $0) == .string("wait-\(number)") } == 1)
        }
        let times = scripts.compactMap { script -> Int? in
            guard case .int(let milliseconds)? = Self.member("milliseconds", of: script) else { return nil }
            return milliseconds
        }
        #expect(times.count == 3 && times == times.sorted(by: >))
        let first = scripts.first
        #expect(Self.member("function", of: first) == .string("sleep"))
        #expect(Self.member("file", of: first) == .string(live.path))
        // Two lines of the test server stand above, and the listener.
        #expect(Self.member("line", of: first) == .int(15))
        #expect(Self.member("routes", of: first) == .string("0 > OUTER > INNER"))
        #expect(Self.member("message", of: first) == .string("OPTIONS"))
        #expect(Self.member("source", of: first) == .string("127.0.0.1:\(phone.port)"))
        guard case .array(let some)? = Self.member("scripts", of: try host.call("apus.suspended", [.int(2)]).first)
        else {
            Issue.record("no list")
            return
        }
        #expect(some.count == 2)
        #expect(throws: RPCFault.self) { try host.call("apus.suspended", [.int(-1)]) }
        // Others are served meanwhile.
        #expect(try phone.ask(port, id: "free") == "SIP/2.0 200 OK")
    }
}
