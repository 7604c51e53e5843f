import Bytes
import ModuleKit
import SIPMessage
import StandardModules
import Testing

@testable import ApusServer
@testable import Simulation

@Suite("Floods of Via and Route, forged tags: each has its bounded cost")
struct FloodTests {
    static let script = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "rr.so"
        loadmodule "pv.so"
        loadmodule "siputils.so"
        loadmodule "sanity.so"
        loadmodule "path.so"
        loop_detection = yes
        max_breadth = 60
        modparam("path", "use_received", 1)
        modparam("sanity", "autodrop", 0)
        request_route {
            if (!sanity_check("131047", "15")) { exit; }
            route(REST);
        }
        route[REST] {
            if ($rU == "refused" && $rm == "INVITE") { sl_send_reply("404", "Not Found"); exit; }
            if (has_totag()) { loose_route(); }
            $du = "sip:192.0.2.99:5060";
            t_relay();
            exit;
        }
        """

    private func stage(_ recorder: Recorder, checks: Bool) throws -> Stage {
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        let script =
            checks ? Self.script : Self.script.replacing("if (!sanity_check(\"131047\", \"15\")) { exit; }", with: "")
        setup.text = ("test.cfg", script)
        setup.wallSeconds = 1_767_268_800
        let stage = try Stage(setup, listener: recorder)
        for (name, number) in [("next", 99), ("attacker", 66)] {
            stage.addPhone(
                name, SocketAddress(ip: IPAddress(ipv4: 0xC000_0200 + UInt32(number)), port: 5060), .udp)
        }
        return stage
    }

    static func message(_ number: Int, top: String = "", extra: String = "", to: String = "<sip:b@x>") -> ByteString {
        ByteString(
            """
            MESSAGE sip:a@192.0.2.99 SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.66:5060;branch=z9hG4bKown\(number)
            \(top)Max-Forwards: 70
            From: <sip:a@x>;tag=1
            To: \(to)
            Call-ID: c\(number)
            CSeq: 1 MESSAGE
            \(extra)Content-Length: 0


            """.replacing("\n", with: "\r\n"))
    }

    /// Floods of 50 to 64 kilobytes.
    static let floods: [(name: String, top: String, extra: String, to: String)] = [
        ("10,000 Via fields", String(repeating: "v:a\n", count: 10_000), "", "<sip:b@x>"),
        (
            "Via fields as many as there may be", String(repeating: "v:SIP/2.0/UDP a;branch=z9hG4bK1\n", count: 1_900),
            "",
            "<sip:b@x>"
        ),
        (
            "10,000 Vias in one field", "Via: " + String(repeating: "SIP/2.0/UDP a,", count: 4_000) + "SIP/2.0/UDP b\n",
            "",
            "<sip:b@x>"
        ),
        (
            "Vias with marks of loops",
            "Via: " + String(repeating: "SIP/2.0/UDP a;lp=0123456789abcdef,", count: 1_700) + "SIP/2.0/UDP b\n", "",
            "<sip:b@x>"
        ),
        (
            "one Via again and again", String(repeating: "v:SIP/2.0/UDP a;branch=z9hG4bKown1\n", count: 1_500), "",
            "<sip:b@x>"
        ),
        (
            "Routes in one field", "", "Route: " + String(repeating: "<sip:a;lr>,", count: 5_000) + "<sip:b;lr>\n",
            "<sip:b@x>;tag=2"
        ),
        (
            "own Routes in one field", "",
            "Route: " + String(repeating: "<sip:127.0.0.1;lr;r2=on>,", count: 2_300) + "<sip:b;lr>\n", "<sip:b@x>;tag=2"
        ),
        ("Route fields", "", String(repeating: "Route:<sip:127.0.0.1;lr>\n", count: 1_900), "<sip:b@x>;tag=2"),
        ("strict Routes", "", "Route: " + String(repeating: "<sip:a>,", count: 7_000) + "<sip:b>\n", "<sip:b@x>;tag=2"),
        (
            "Route parameters", "",
            "Route: <sip:127.0.0.1;lr" + String(repeating: ";received=a~b~c", count: 3_500) + ">\n", "<sip:b@x>;tag=2"
        ),
        ("a long To tag", "", "", "<sip:b@x>;tag=" + String(repeating: "x", count: 60_000)),
        ("many To tags", "", "", "<sip:b@x>" + String(repeating: ";tag=x", count: 9_000)),
    ]

    @Test(arguments: floods.indices, [true, false])
    func `a flood is dealt with, and the next request is served`(_ index: Int, _ checks: Bool) throws {
        let flood = Self.floods[index]
        let recorder = Recorder()
        let stage = try self.stage(recorder, checks: checks)
        let socket = try #require(stage.server.sockets.first)
        let attacker = try #require(stage.knownPhone("attacker"))
        let clock = ContinuousClock()
        let time = clock.measure {
            for number in 0..<20 {
                let bytes = Self.message(number, top: flood.top, extra: flood.extra, to: flood.to)
                #expect(bytes.count <= 65_535)
                stage.arrive(bytes, from: attacker.address, "attacker", on: socket)
            }
        }
        // A request costs what its bytes cost: quadratic work over 60 kilobytes would take minutes.
        #expect(time < .seconds(20), "\(flood.name): \(time)")
        // Nobody gets more than one message for each.
        #expect(recorder.sent.count <= 40)
        recorder.events = []
        stage.arrive(Self.message(999), from: attacker.address, "attacker", on: socket)
        #expect(recorder.sent == ["MESSAGE to next"])
    }

    @Test func `a To tag that was made up acknowledges nothing, the one that was given out does`() throws {
        let recorder = Recorder()
        let stage = try self.stage(recorder, checks: false)
        let socket = try #require(stage.server.sockets.first)
        let attacker = try #require(stage.knownPhone("attacker"))
        func send(_ method: String, to: String) {
            let text = Self.message(1, to: to).string.replacing("MESSAGE", with: method).replacing(
                "sip:a@", with: "sip:refused@")
            stage.arrive(ByteString(text), from: attacker.address, "attacker", on: socket)
        }
        send("INVITE", to: "<sip:b@x>")
        guard case .sent(let reply)? = recorder.events.last(where: { if case .sent = $0 { true } else { false } }),
            let line = reply.message.fields.first(where: { $0.name == "To" })?.value
        else { throw ModuleError("no reply") }
        #expect(reply.message.status == 404)
        recorder.events = []
        var forged = line
        let last = forged.removeLast()
        send("ACK", to: forged + (last == "0" ? "1" : "0"))
        #expect(recorder.sent == ["ACK to next"])
        recorder.events = []
        for tag in [";tag=", ";tag", ";tag=own;tag=other", ";x=y;TAG=own"] { send("ACK", to: "<sip:b@x>\(tag)") }
        #expect(recorder.sent.count == 4)
        recorder.events = []
        send("ACK", to: line)
        #expect(recorder.sent == [])
    }
}
