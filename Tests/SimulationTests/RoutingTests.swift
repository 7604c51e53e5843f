import Bytes
import ModuleKit
import SIPMessage
import StandardModules
import Testing

@testable import ApusServer
@testable import Simulation

@Suite("Loops, spirals and breadth (RFC 5393)")
struct RoutingTests {
    /// A proxy that sends everything to a phone called next.
    static func script(_ settings: String, _ routing: String = "$du = \"sip:192.0.2.99:5060\"; t_relay();") -> String {
        """
        \(settings)
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "rr.so"
        loadmodule "pv.so"
        loadmodule "corex.so"
        loadmodule "textops.so"
        loadmodule "maxfwd.so"
        request_route {
            if (!mf_process_maxfwd_header("20")) { sl_send_reply("483", "Too Many Hops"); exit; }
            \(routing)
            exit;
        }
        """
    }

    private func stage(_ script: String, _ recorder: Recorder) throws -> Stage {
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        setup.text = ("test.cfg", script)
        setup.wallSeconds = 1_767_268_800
        let stage = try Stage(setup, listener: recorder)
        for (name, number) in [("next", 99), ("other", 98), ("third", 97)] {
            stage.addPhone(
                name, SocketAddress(ip: IPAddress(ipv4: 0xC000_0200 + UInt32(number)), port: 5060), .udp)
        }
        return stage
    }

    static func message(
        _ uri: String = "sip:a@192.0.2.99", _ extra: String = "", method: String = "MESSAGE"
    ) -> ByteString {
        ByteString(
            """
            \(method) \(uri) SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKown1
            Max-Forwards: 70
            From: <sip:a@x>;tag=1
            To: <sip:b@x>
            Call-ID: c1
            CSeq: 1 \(method)
            \(extra)Content-Length: 0


            """.replacing("\n", with: "\r\n"))
    }

    /// What the server sent, as bytes.
    static func departed(_ recorder: Recorder) -> [StageEvent.Departed] {
        recorder.events.compactMap { if case .sent(let sent) = $0 { sent } else { nil } }
    }

    private func arrive(_ bytes: ByteString, on stage: Stage, from name: String = "next") throws {
        let phone = try #require(stage.knownPhone(name))
        stage.arrive(bytes, from: phone.address, name, on: try #require(stage.server.sockets.first))
    }

    @Test(arguments: ["t_relay();", "forward();"])
    func `a request that comes back as it left is answered 482`(_ forwarding: String) throws {
        let recorder = Recorder()
        let stage = try self.stage(
            Self.script("loop_detection = yes", "$du = \"sip:192.0.2.99:5060\"; \(forwarding)"), recorder)
        try self.arrive(Self.message(), on: stage, from: "other")
        let first = try #require(Self.departed(recorder).first)
        #expect(first.bytes.string.contains(";lp="))
        recorder.events = []
        try self.arrive(first.bytes, on: stage)
        let answer = try #require(Self.departed(recorder).first)
        #expect(answer.message.status == 482)
        #expect(answer.bytes.string.hasPrefix("SIP/2.0 482 Loop Detected\r\n"))
    }

    @Test func `a request that spirals goes on`() throws {
        let recorder = Recorder()
        let stage = try self.stage(Self.script("loop_detection = yes"), recorder)
        try self.arrive(Self.message(), on: stage, from: "other")
        for change in ["sip:a2@192.0.2.99", "sip:a3@192.0.2.99"] {
            let last = try #require(Self.departed(recorder).last { !$0.message.isReply })
            recorder.events = []
            let text = last.bytes.string
            let uri = try #require(text.split(separator: " ").dropFirst().first)
            try self.arrive(ByteString(text.replacing(" \(uri) SIP", with: " \(change) SIP")), on: stage)
            #expect(recorder.sent.contains("MESSAGE to next"))
        }
        #expect(Self.departed(recorder).last?.bytes.string.components(separatedBy: "Via: ") == 4)
    }

    @Test func `a Route or a To tag that changed makes another request of it`() throws {
        let recorder = Recorder()
        let stage = try self.stage(Self.script("loop_detection = yes"), recorder)
        try self.arrive(Self.message(), on: stage, from: "other")
        let sent = try #require(Self.departed(recorder).first).bytes.string
        recorder.events = []
        try self.arrive(ByteString(sent.replacing("To: <sip:b@x>", with: "To: <sip:b@x>;tag=2")), on: stage)
        try self.arrive(
            ByteString(
                sent.replacing("z9hG4bK", with: "z9hG4bKx").replacing("Max-F", with: "Route: <sip:x;lr>\r\nMax-F")),
            on: stage)
        #expect(recorder.sent.filter { $0 == "MESSAGE to next" }.count == 2)
    }

    @Test func `a mark that somebody made up is no loop, and an ACK that loops is not answered`() throws {
        let recorder = Recorder()
        let stage = try self.stage(Self.script("loop_detection = yes"), recorder)
        let forged = Self.message().string.replacing("z9hG4bKown1", with: "z9hG4bKown1;lp=0123456789abcdef")
        try self.arrive(ByteString(forged), on: stage, from: "other")
        #expect(recorder.sent == ["MESSAGE to next"])
        recorder.events = []
        try self.arrive(Self.message("sip:b@192.0.2.99", method: "ACK"), on: stage, from: "other")
        let ack = try #require(Self.departed(recorder).first)
        recorder.events = []
        try self.arrive(ack.bytes, on: stage)
        #expect(recorder.sent == [])
    }

    @Test func `without loop_detection Max-Forwards ends a loop`() throws {
        let recorder = Recorder()
        let stage = try self.stage(Self.script(""), recorder)
        try self.arrive(Self.message(), on: stage, from: "other")
        var rounds = 0
        while let last = Self.departed(recorder).last(where: { !$0.message.isReply }), rounds < 100 {
            #expect(!last.bytes.string.contains(";lp="))
            recorder.events = []
            rounds += 1
            try self.arrive(last.bytes, on: stage)
        }
        #expect(rounds == 70)
        #expect(Self.departed(recorder).first?.message.status == 483)
    }

    // MARK: Breadth

    static let fork = """
        $ru = "sip:a@192.0.2.99"; append_branch("sip:b@192.0.2.98"); append_branch("sip:c@192.0.2.97"); t_relay();
        """

    private func breadths(
        _ header: String, _ settings: String = "max_breadth = 60", _ routing: String = fork
    ) throws
        -> [String]
    {
        let recorder = Recorder()
        let stage = try self.stage(Self.script(settings, routing), recorder)
        try self.arrive(Self.message("sip:a@192.0.2.99", header), on: stage, from: "other")
        return Self.departed(recorder).map { sent in
            if sent.message.isReply { return sent.bytes.string.split(separator: "\r\n").first.map(String.init) ?? "" }
            let line = sent.bytes.string.split(separator: "\r\n").first { $0.hasPrefix("Max-Breadth") }
            return "\(sent.phone ?? "") \(line.map(String.init) ?? "-")"
        }
    }

    @Test func `branches share the breadth that a request brings`() throws {
        #expect(
            try self.breadths("Max-Breadth: 8\r\n") == [
                "next Max-Breadth: 3", "other Max-Breadth: 3", "third Max-Breadth: 2",
            ])
    }

    @Test func `a request without the field has the breadth that is configured`() throws {
        #expect(
            try self.breadths("") == ["next Max-Breadth: 20", "other Max-Breadth: 20", "third Max-Breadth: 20"])
        #expect(
            try self.breadths("", "max_breadth = 60", "$ru = \"sip:a@192.0.2.99\"; forward();") == [
                "next Max-Breadth: 60"
            ])
    }

    @Test func `branches that do not fit are left out, and none at all is 440`() throws {
        #expect(try self.breadths("Max-Breadth: 2\r\n") == ["next Max-Breadth: 1", "other Max-Breadth: 1"])
        #expect(try self.breadths("Max-Breadth: 0\r\n") == ["SIP/2.0 440 Max-Breadth Exceeded (440/TM)"])
    }

    @Test func `unless it is configured the field passes as it is`() throws {
        #expect(
            try self.breadths("Max-Breadth: 2\r\n", "") == [
                "next Max-Breadth: 2", "other Max-Breadth: 2", "third Max-Breadth: 2",
            ])
        #expect(try self.breadths("", "") == ["next -", "other -", "third -"])
    }
}

extension String {
    fileprivate func components(separatedBy text: String) -> Int { self.ranges(of: text).count }
}
