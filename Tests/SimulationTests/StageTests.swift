import Bytes
import ModuleKit
import SIPMessage
import StandardModules
import Testing

@testable import ApusServer
@testable import Simulation

/// Keeps what happens.
final class Recorder: StageListener {
    var events: [StageEvent] = []

    func note(_ event: StageEvent, at time: Interval) { self.events.append(event) }

    /// First lines of what the server sent, with the phone that got it; repetitions marked.
    var sent: [String] {
        self.events.compactMap { event in
            guard case .sent(let sent) = event else { return nil }
            let line = sent.message.isReply ? "\(sent.message.status)" : sent.message.method
            return "\(line) to \(sent.phone ?? "\(sent.destination.address)")\(sent.isRepeat ? " again" : "")"
        }
    }

    var log: [String] {
        self.events.compactMap { event in
            if case .log(let level, _, let text) = event { "\(level.label): \(text)" } else { nil }
        }
    }
}

@Suite("Stage")
struct StageTests {
    private func stage(_ script: String? = nil, _ recorder: Recorder) throws -> Stage {
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        setup.text = script.map { ("test.cfg", $0) }
        setup.wallSeconds = 1_767_268_800
        return try Stage(setup, listener: recorder)
    }

    @Test func `a phone registers with the built-in configuration`() throws {
        let recorder = Recorder()
        let stage = try self.stage(nil, recorder)
        let bob = stage.phone("bob")
        stage.send(bob.request("REGISTER", "sip:127.0.0.1"), from: bob)
        #expect(recorder.sent == ["200 to bob"])
    }

    @Test func `a whole call runs through the built-in configuration`() throws {
        let recorder = Recorder()
        let stage = try self.stage(nil, recorder)
        stage.domain = "localhost"
        let bob = stage.phone("bob")
        bob.answers = [.init(180), .init(200, delay: .seconds(5))]
        stage.send(bob.request("REGISTER", "sip:localhost"), from: bob)
        let alice = stage.phone("alice")
        stage.send(alice.request("INVITE", "sip:bob@localhost"), from: alice)
        #expect(recorder.sent == ["200 to bob", "100 to alice", "INVITE to bob", "180 to alice"])
        recorder.events = []
        stage.advance(by: .seconds(6))
        #expect(recorder.sent == ["200 to alice", "ACK to bob"])
        recorder.events = []
        stage.send(try #require(alice.followUp("BYE")), from: alice)
        #expect(recorder.sent == ["BYE to bob", "200 to alice"])
    }

    @Test func `the final response timer fires on the virtual clock`() throws {
        let recorder = Recorder()
        let stage = try self.stage(nil, recorder)
        stage.domain = "localhost"
        let bob = stage.phone("bob")
        stage.send(bob.request("REGISTER", "sip:localhost"), from: bob)
        let alice = stage.phone("alice")
        stage.send(alice.request("INVITE", "sip:bob@localhost"), from: alice)
        stage.advance(by: .seconds(120))
        #expect(recorder.sent.last == "408 to alice")
        #expect(recorder.sent.filter { $0 == "INVITE to bob again" }.count > 3)
        #expect(stage.elapsed.seconds == 120)
    }

    @Test func `a caller gives up`() throws {
        let recorder = Recorder()
        let stage = try self.stage(nil, recorder)
        stage.domain = "localhost"
        let bob = stage.phone("bob")
        bob.answers = [.init(180)]
        stage.send(bob.request("REGISTER", "sip:localhost"), from: bob)
        let alice = stage.phone("alice")
        stage.send(alice.request("INVITE", "sip:bob@localhost"), from: alice)
        recorder.events = []
        stage.send(try #require(alice.followUp("CANCEL")), from: alice)
        #expect(recorder.sent == ["200 to alice", "CANCEL to bob", "ACK to bob", "487 to alice"])
    }

    @Test func `a server that sends to itself thousands of times needs no more stack for it`() throws {
        let recorder = Recorder()
        let stage = try self.stage(
            """
            loadmodule "pv.so"
            loadmodule "textops.so"
            modparam("pv", "shvset", "n=i:0")
            request_route {
                $shv(n) = $shv(n) + 1;
                if ($shv(n) > 6000) exit;
                remove_hf("Via");
                $du = "sip:127.0.0.1:5060";
                forward();
            }
            """, recorder)
        let alice = stage.phone("alice")
        stage.send(alice.request("OPTIONS", "sip:127.0.0.1"), from: alice)
        #expect(recorder.sent.count == 6000)
        #expect(Set(recorder.sent.map { $0.hasPrefix("OPTIONS to 127.0.0.1:5060") }) == [true])
    }

    @Test func `users bound to each other end as they began`() throws {
        let recorder = Recorder()
        let stage = try self.stage(nil, recorder)
        stage.domain = "localhost"
        let names = (0..<4).map { "user\($0)" }
        for name in names {
            let phone = stage.phone(name)
            for other in names where other != name {
                var register = phone.request("REGISTER", "sip:localhost")
                register.set("Contact", "<sip:\(other)@localhost>")
                stage.send(register, from: phone)
            }
        }
        recorder.events = []
        let alice = stage.phone("alice")
        stage.send(alice.request("INVITE", "sip:user0@localhost"), from: alice)
        stage.advance(by: .seconds(60))
        #expect(recorder.sent.count { $0.hasSuffix("to alice") && !$0.hasPrefix("100") } >= 1)
    }

    @Test func `a configuration with mistakes is refused with its diagnostics`() throws {
        let recorder = Recorder()
        #expect(throws: VirtualFailure.self) { _ = try self.stage("request_route { nothing(); }", recorder) }
    }
}
