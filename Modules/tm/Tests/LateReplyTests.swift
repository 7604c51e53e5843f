import Testing

@testable import Simulation

/// Alice calls, and the callee comes too late.
@Suite("tm: replies after the end, while wt_timer runs (RFC 3261 §16.7, RFC 6026)")
struct LateReplyTests {
    private static let settings = """
        modparam("tm", "fr_timer", 3000)
        modparam("tm", "fr_inv_timer", 6000)
        modparam("tm", "retr_timer1", 100)
        modparam("tm", "retr_timer2", 400)
        modparam("tm", "wt_timer", 7000)
        """

    private func scene(_ script: String = "$ru = $hdr(X-1); t_relay(); exit; }") throws -> TransactionScene {
        try TransactionScene(script, settings: Self.settings)
    }

    /// Callee one has said nothing for `fr_timer`; alice has not yet acknowledged her 408.
    private func timedOut() throws -> TransactionScene {
        let scene = try self.scene()
        scene.alice.acknowledges = false
        scene.send()
        scene.wait(milliseconds: 3100)
        #expect(scene.seen() == ["INVITE to one", "408 to alice"])
        return scene
    }

    private func inUse(_ scene: TransactionScene) -> Int? {
        scene.stage.server.counter("tmx", "inuse_transactions")
    }

    @Test func `a 2xx goes on and the 408 is not repeated after it`() throws {
        let scene = try self.timedOut()
        try scene.reply(1, 200)
        #expect(scene.seen() == ["200 to alice"])
        scene.wait(milliseconds: 5000)
        #expect(scene.seen(repeats: true).allSatisfy { $0 == "200 to alice" })
    }

    @Test func `the ACK for our 408 stays here, though a 2xx has overtaken it`() throws {
        let scene = try self.timedOut()
        let refusal = try #require(scene.last("alice"))
        let invite = try #require(scene.alice.sent.last).request
        try scene.reply(1, 200)
        _ = scene.seen()
        var ack = invite
        ack.firstLine = "ACK \(invite.requestURI) SIP/2.0"
        ack.set("To", refusal["To"] ?? "")
        ack.set("CSeq", (invite["CSeq"] ?? "").replacing("INVITE", with: "ACK"))
        scene.stage.send(ack, from: scene.alice)
        #expect(scene.seen() == [])
    }

    @Test func `with the branch of the INVITE and the callee's tag it is for the 2xx`() throws {
        let scene = try self.timedOut()
        let invite = try #require(scene.alice.sent.last).request
        try scene.reply(1, 200)
        let answer = try #require(scene.last("alice"))
        _ = scene.seen()
        var ack = invite
        ack.firstLine = "ACK sip:one@\(scene.phones[0].address) SIP/2.0"
        ack.set("CSeq", (invite["CSeq"] ?? "").replacing("INVITE", with: "ACK"))
        ack.set("To", answer["To"] ?? "")
        scene.stage.send(ack, from: scene.alice)
        #expect(scene.seen().count == 1)
    }

    @Test func `a refusal is acknowledged as long as the transaction is there`() throws {
        let scene = try self.timedOut()
        scene.wait(milliseconds: 6500)
        _ = scene.seen()
        #expect(self.inUse(scene) == 1)
        try scene.reply(1, 486)
        #expect(scene.seen() == ["ACK to one"])
    }

    @Test func `who rings now is cancelled`() throws {
        let scene = try self.timedOut()
        scene.wait(milliseconds: 6500)
        _ = scene.seen()
        try scene.reply(1, 180)
        #expect(scene.seen() == ["CANCEL to one", "ACK to one"])
        scene.wait(milliseconds: 60_000)
        #expect(self.inUse(scene) == 0)
    }

    @Test func `a silent loser is cancelled when it rings after wt_timer less a moment`() throws {
        let scene = try self.scene("$ru = $hdr(X-1); append_branch(\"$hdr(X-2)\"); t_relay(); exit; }")
        scene.send()
        try scene.reply(1, 200)
        scene.wait(milliseconds: 6900)
        _ = scene.seen()
        try scene.reply(2, 180)
        #expect(scene.seen() == ["CANCEL to two", "ACK to two"])
        scene.wait(milliseconds: 60_000)
        #expect(self.inUse(scene) == 0)
    }

    @Test func `the refusal of an earlier callee is acknowledged again while a later one rings`() throws {
        let scene = try self.scene(
            """
            $ru = $hdr(X-1); t_on_failure("NEXT"); t_relay(); exit; }
            failure_route[NEXT] { $ru = $hdr(X-2); t_relay(); }
            """)
        scene.send()
        try scene.reply(1, 486)
        try scene.reply(2, 180)
        for _ in 0..<3 {
            scene.wait(milliseconds: 3000)
            try scene.reply(2, 180)
        }
        _ = scene.seen()
        let phone = scene.phones[0]
        let pending = try #require(phone.pending.first)
        let again = try #require(pending.lastReply)
        scene.stage.send(again, from: phone, to: pending.socket)
        #expect(scene.seen(repeats: true) == ["ACK to one"])
    }

    @Test func `nothing is kept of a call that was answered and acknowledged`() throws {
        let scene = try self.scene()
        scene.send()
        try scene.reply(1, 200)
        scene.wait(milliseconds: 7200)
        #expect(self.inUse(scene) == 0)
    }
}
