import Bytes
import ModuleKit
import Testing

@testable import Simulation
@testable import tm

@Suite("tm: a bound on transactions in all")
struct TransactionBoundTests {
    private static let relaying = "$du = $hdr(X-1); t_relay(); xlog(\"it went on\\n\"); exit; }"

    /// A server that holds as many silent calls as `settings` let it.
    private func fullScene(
        _ script: String = relaying, _ settings: String = "modparam(\"tm\", \"max_transactions\", 64)"
    ) throws -> TransactionScene {
        let scene = try TransactionScene(script, settings: settings, phones: 1)
        for _ in 0..<600 { scene.send() }
        scene.recorder.sent = []
        return scene
    }

    private func count(_ scene: TransactionScene, _ name: String) -> Int {
        scene.stage.server.counter("tmx", name) ?? -1
    }

    // MARK: Numbers

    @Test func `a stripe has its share and four standard deviations, dialogs have a quarter more`() {
        let bound = TransactionBound(total: 640_000, stripes: 64)
        #expect(bound.new == 10_400)
        #expect(bound.ongoing == 13_001)
        #expect(TransactionBound(total: 1, stripes: 64).new == 5)
        #expect(TransactionBound(total: 0, stripes: 64).new == .max)
    }

    @Test func `without a number it is what a quarter of the memory has room for`() {
        #expect(
            TransactionBound(asked: -1, memory: 1 << 30, stripes: 64) == TransactionBound(total: 65_536, stripes: 64))
        #expect(TransactionBound(asked: -1, memory: 1 << 20, stripes: 64) == TransactionBound(total: 1024, stripes: 64))
        #expect(TransactionBound(asked: -1, memory: .max, stripes: 64) == TransactionBound(total: 0, stripes: 64))
        #expect(TransactionBound(asked: 100, memory: 1 << 30, stripes: 64) == TransactionBound(total: 100, stripes: 64))
        #expect(TransactionBound(asked: 0, memory: 1 << 30, stripes: 64) == TransactionBound(total: 0, stripes: 64))
    }

    // MARK: Requests

    @Test func `beyond it a request gets 503 with Retry-After and nothing is made`() throws {
        let scene = try self.fullScene()
        let held = self.count(scene, "inuse_transactions")
        #expect((64...320).contains(held))
        #expect(self.count(scene, "refused_transactions") == 600 - held)
        let refusal = try #require(
            scene.recorder.all.last { $0.phone == "alice" && $0.message.status == 503 }?.message)
        let pause = try #require(Int(refusal["Retry-After"] ?? ""))
        #expect((5...10).contains(pause))
        #expect(refusal["To"]?.contains(";tag=") == true)
        // Each was answered once, and the script of none that was refused went on.
        let refused = scene.recorder.all.count { $0.phone == "alice" && $0.message.status == 503 }
        #expect(refused == 600 - held)
        #expect(scene.recorder.log.count { $0.contains("it went on") } == held)
    }

    @Test func `the log says so once in ten seconds`() throws {
        let scene = try self.fullScene()
        func lines() -> Int { scene.recorder.log.count { $0.contains("max_transactions") } }
        #expect(lines() == 1)
        for _ in 0..<200 { scene.send() }
        #expect(lines() == 1)
        scene.wait(milliseconds: 10_100)
        for _ in 0..<200 { scene.send() }
        #expect(lines() == 2)
    }

    @Test func `without one nothing is refused`() throws {
        for settings in ["", "modparam(\"tm\", \"max_transactions\", 0)"] {
            let scene = try self.fullScene(Self.relaying, settings)
            #expect(self.count(scene, "inuse_transactions") == 600)
            #expect(self.count(scene, "refused_transactions") == 0)
        }
    }

    @Test func `what has begun goes on: repetitions, replies, CANCEL`() throws {
        let scene = try TransactionScene(
            Self.relaying, settings: "modparam(\"tm\", \"max_transactions\", 64)", phones: 1)
        let invite = scene.send()
        let pending = try #require(scene.phones[0].open())
        for number in 0..<600 { self.strange(scene, number) }
        #expect(self.count(scene, "refused_transactions") > 0)
        scene.recorder.sent = []
        scene.stage.send(invite, from: scene.alice)
        #expect(scene.recorder.sent.map(\.message.status) == [100])
        let ringing = scene.phones[0].reply(to: pending, 180, nil)
        scene.phones[0].noteReply(ringing, to: pending)
        scene.stage.send(ringing, from: scene.phones[0], to: pending.socket)
        #expect(scene.last("alice")?.status == 180)
        scene.recorder.sent = []
        try scene.cancel()
        #expect(scene.recorder.sent.contains { $0.phone == "one" && $0.message.method == "CANCEL" })
        #expect(scene.recorder.sent.contains { $0.phone == "alice" && $0.message.status == 200 })
    }

    @Test func `requests of dialogs have room when others have none, and an end too`() throws {
        let scene = try self.fullScene()
        let held = self.count(scene, "inuse_transactions")
        for number in 0..<600 { self.strange(scene, number, "BYE", tag: ";tag=2") }
        let more = self.count(scene, "inuse_transactions") - held
        #expect(more >= 64 && held + more <= 64 * 7)
        #expect(scene.recorder.sent.count { $0.message.status == 503 } == 600 - more)
    }

    @Test func `when transactions end there is room again`() throws {
        let scene = try self.fullScene()
        scene.wait(milliseconds: 120_000)
        #expect(self.count(scene, "inuse_transactions") == 0)
        scene.recorder.sent = []
        scene.send()
        #expect(scene.recorder.sent.contains { $0.phone == "one" && $0.message.method == "INVITE" })
    }

    // MARK: Functions

    @Test(arguments: [
        "t_newtran();", "t_send_reply(\"486\", \"Busy\");", "t_relay_to_udp();", "t_suspend();",
    ])
    func `whatever would make a transaction ends the script with the refusal`(_ function: String) throws {
        let scene = try self.fullScene(
            "$du = $hdr(X-1); if (is_method(\"MESSAGE\")) { \(function) xlog(\"it went on\\n\"); exit; } t_relay(); exit; }"
        )
        scene.recorder.log = []
        for number in 0..<300 { self.strange(scene, number, "MESSAGE") }
        let refused = scene.recorder.sent.count { $0.message.status == 503 }
        #expect(refused >= 200)
        #expect(scene.recorder.sent.count { $0.phone == "alice" && $0.message.status >= 200 } <= 300)
        #expect(scene.recorder.log.count { $0.contains("it went on") } <= 300 - refused)
    }

    @Test func `where the script answers failures itself it is told, and 503 is what it says`() throws {
        let scene = try self.fullScene(
            """
            if (is_method("MESSAGE")) {
                $du = $hdr(X-1);
                if (!t_relay_to("0x02")) { xlog("told\\n"); sl_reply_error(); }
                exit;
            }
            $du = $hdr(X-1); t_relay(); exit; }
            """)
        scene.recorder.log = []
        for number in 0..<100 { self.strange(scene, number, "MESSAGE") }
        let refusals = scene.recorder.sent.filter { $0.message.status == 503 }
        #expect(refusals.count >= 60)
        #expect(refusals.allSatisfy { $0.message["Retry-After"] == nil })
        #expect(scene.recorder.log.count { $0.contains("told") } == refusals.count)
    }

    @Test func `a copy that has no room is left out, the script answers the request`() throws {
        let scene = try self.fullScene(
            """
            if (is_method("MESSAGE")) { t_replicate("sip:192.0.2.99"); sl_send_reply("202", "Kept"); exit; }
            $du = $hdr(X-1); t_relay(); exit; }
            """)
        for number in 0..<100 { self.strange(scene, number, "MESSAGE") }
        #expect(scene.recorder.sent.count { $0.phone == "alice" && $0.message.status == 202 } == 100)
        #expect(!scene.recorder.sent.contains { $0.message.status == 503 })
    }

    /// A request of a call of its own.
    private func strange(_ scene: TransactionScene, _ number: Int, _ method: String = "INVITE", tag: String = "") {
        var request = PlainMessage("\(method) sip:service@127.0.0.1 SIP/2.0")
        request.fields = [
            .init("Via", "SIP/2.0/UDP \(scene.alice.address);branch=z9hG4bKstrange\(number)"),
            .init("Max-Forwards", "70"), .init("From", "<sip:s@strange>;tag=s"),
            .init("To", "<sip:service@127.0.0.1>\(tag)"), .init("Call-ID", "strange-\(method)-\(number)"),
            .init("CSeq", "1 \(method)"), .init("X-1", "sip:one@\(scene.phones[0].address)"),
        ]
        scene.stage.send(request, from: scene.alice)
    }
}
