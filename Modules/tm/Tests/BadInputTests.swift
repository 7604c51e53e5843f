import Bytes
import SIPMessage
import Testing

@testable import Simulation
@testable import tm

private let script = """
    request_route {
        if (is_method("CANCEL") || is_method("ACK")) {
            if (t_check_trans()) t_relay();
            exit;
        }
        t_check_trans();
        $du = "sip:192.0.2.1";
        t_relay();
    }
    """

/// Alice calls bob, who has not answered yet.
private struct Call {
    let scene: LocalScene
    let bob: Phone
    let open: Phone.PendingRequest

    init() throws {
        self.scene = try LocalScene("", script)
        self.bob = self.scene.stage.phone("bob")
        self.scene.request("INVITE", "bob")
        self.open = try #require(self.bob.openRequest())
        self.scene.clear()
    }

    /// Hands a reply to the INVITE to the server, changed by `change`, from bob's address.
    func reply(_ status: Int, _ change: (inout PlainMessage) -> Void = { _ in }) {
        var message = self.bob.reply(to: self.open, status)
        change(&message)
        self.arrive(message)
    }

    func arrive(_ message: PlainMessage, from address: SocketAddress? = nil) {
        guard let socket = self.scene.stage.server.sockets.first else { return }
        self.scene.stage.arrive(message.bytes, from: address ?? self.bob.address, nil, on: socket)
    }

    var inUse: Int { self.scene.stage.server.counter("tmx", "inuse_transactions") ?? -1 }
    func counter(_ name: String) -> Int { self.scene.stage.server.counter("tmx", name) ?? -1 }

    var branch: String { self.open.request.branch }

    /// What the server keeps for all transactions, and how many messages it has sent since the last `clear`.
    func cost() throws -> Cost {
        let module = try #require(self.scene.stage.server.program.modules.compactMap { $0 as? Transactions }.first)
        return Cost(kept: module.footprint, sent: self.scene.messages.count)
    }

    struct Cost: Equatable {
        var kept: Transactions.Footprint
        var sent: Int
    }
}

extension PlainMessage {
    fileprivate mutating func setBranch(_ branch: String, _ old: String) {
        guard let index = self.fields.firstIndex(where: { PlainMessage.isSame($0.name, "Via") }) else { return }
        let via = self.fields[index]
        self.fields[index] = .init(via.name, via.value.replacing(old, with: branch))
    }
}

@Suite("tm: messages that no honest peer sends")
struct BadInputTests {
    @Test func `a reply without Via, or with one that is not ours, goes nowhere`() throws {
        let call = try Call()
        call.reply(200) { $0.fields.removeAll { PlainMessage.isSame($0.name, "Via") } }
        call.reply(200) { message in
            message.fields.removeAll { PlainMessage.isSame($0.name, "Via") }
            message.fields.insert(.init("Via", "SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKother"), at: 0)
        }
        #expect(call.scene.sent == [])
        #expect(call.counter("2xx_transactions") == 0)
        #expect(call.inUse == 1)
    }

    @Test(arguments: ["1 BYE", "1 ACK", "1 CANCEL", "1 OPTIONS"])
    func `a reply to another method does not answer the call`(_ sequence: String) throws {
        let call = try Call()
        call.reply(200) { $0.set("CSeq", sequence) }
        #expect(call.counter("2xx_transactions") == 0)
        call.reply(486)
        #expect(call.counter("4xx_transactions") == 1)
    }

    @Test func `ten thousand guesses of a branch find no transaction`() throws {
        let call = try Call()
        let received = call.counter("rpl_received")
        guard let socket = call.scene.stage.server.sockets.first else { return }
        var bytes = call.bob.reply(to: call.open, 200).bytes.bytes
        let secret =
            try #require(
                bytes.indices.first { bytes[$0...].starts(with: Array(call.branch.utf8)) }) + 20
        let right = Array(bytes[secret..<secret + 16])
        var dice = SeededGenerator(seed: 1)
        let before = try call.cost()
        for _ in 0..<10_000 {
            // The right stripe and handle, as an eavesdropper of another call might know them, and another secret.
            for index in secret..<secret + 16 { bytes[index] = Array("0123456789abcdef".utf8)[dice.below(16)] }
            guard bytes[secret..<secret + 16] != right[...] else { continue }
            call.scene.stage.server.receive(ByteString(bytes), from: call.bob.address, on: socket)
        }
        #expect(call.counter("rpl_received") == received)
        #expect(call.inUse == 1)
        // A guess leaves nothing; it goes on by its next Via, as a reply of any stranger.
        let after = try call.cost()
        #expect(after.kept == before.kept)
        #expect(after.sent <= before.sent + 10_000)
    }

    @Test func `a reply with our Via twice, or a hundred times, goes round no longer than a spiral`() throws {
        for count in [2, 50, 100, 1000] {
            let call = try Call()
            call.reply(183) { message in
                guard let own = message.fields.first(where: { PlainMessage.isSame($0.name, "Via") }) else { return }
                for _ in 1..<count { message.fields.insert(own, at: 0) }
            }
            #expect(call.scene.messages.count <= 1)
            #expect(call.inUse == 1)
            call.scene.clear()
            // The same without a transaction: each Via is a hop.
            call.reply(183) { message in
                guard let own = message.fields.first(where: { PlainMessage.isSame($0.name, "Via") }) else { return }
                message.fields.removeAll { PlainMessage.isSame($0.name, "Via") }
                let stray = own.value.replacing(call.branch, with: "z9hG4bKstray")
                for _ in 0..<count { message.fields.insert(.init("Via", stray), at: 0) }
            }
            #expect(call.scene.messages.count <= 70)
            #expect(call.scene.messages.isEmpty == (count > 70))
            #expect(call.inUse == 1)
        }
    }

    @Test(arguments: ["z9hG4bK", "z9hG4bK.", "z9hG4bKzzzz.00000001", "x", ""])
    func `a broken branch is no transaction's`(_ branch: String) throws {
        let call = try Call()
        let received = call.counter("rpl_received")
        call.reply(200) { $0.setBranch(branch, call.branch) }
        #expect(call.counter("rpl_received") == received)
        #expect(call.inUse == 1)
    }

    @Test(arguments: ["1", "1f", "ff"]) func `a branch that was never sent has no reply`(_ number: String) throws {
        let call = try Call()
        call.reply(200) { $0.setBranch(String(call.branch.dropLast()) + number, call.branch) }
        #expect(call.counter("2xx_transactions") == 0)
        #expect(call.inUse == 1)
    }

    @Test func `endless provisional replies keep nothing, and do not keep the call for ever`() throws {
        let call = try Call()
        guard let socket = call.scene.stage.server.sockets.first,
            let module = call.scene.stage.server.program.modules.compactMap({ $0 as? Transactions }).first
        else { return }
        let bytes = call.bob.reply(to: call.open, 183).bytes
        call.scene.stage.server.receive(bytes, from: call.bob.address, on: socket)
        let first = module.footprint
        for _ in 0..<200 {
            call.scene.clear()
            for _ in 0..<10 { call.scene.stage.server.receive(bytes, from: call.bob.address, on: socket) }
            let now = module.footprint
            // One message out for one that came in, no more.
            #expect(call.scene.messages.count <= 10)
            #expect(now.transactions <= 1 && now.branches <= 1 && now.timers <= 4 && now.bytes <= 2 * first.bytes)
            call.scene.clear()
            call.scene.stage.advance(by: .seconds(2))
        }
        #expect(call.inUse == 0)
        #expect(module.footprint == Transactions.Footprint())
    }

    @Test func `a second refusal with another tag is acknowledged and goes no further`() throws {
        let call = try Call()
        call.reply(486)
        call.scene.clear()
        let kept = try call.cost().kept
        for index in 0..<100 { call.reply(603) { $0.set("To", "<sip:bob@127.0.0.1>;tag=forged\(index)") } }
        #expect(try call.cost().kept == kept)
        #expect(call.scene.sent.allSatisfy { $0.hasPrefix("ACK") })
        #expect(call.scene.sent.count == 100)
        #expect(call.inUse == 1)
    }

    @Test func `replies after the end make no transaction`() throws {
        let call = try Call()
        call.reply(486)
        call.scene.stage.advance(by: .seconds(60))
        #expect(call.inUse == 0)
        let received = call.counter("rpl_received")
        for status in [100, 183, 200, 302, 486, 603, 699] { call.reply(status) }
        #expect(call.counter("rpl_received") == received)
        #expect(call.inUse == 0)
    }

    @Test(arguments: ["ACK", "CANCEL"]) func `what belongs to no INVITE leaves nothing behind`(_ method: String) throws
    {
        let scene = try LocalScene("", script)
        let alice = scene.stage.phone("alice")
        let module = try #require(scene.stage.server.program.modules.compactMap { $0 as? Transactions }.first)
        for _ in 0..<1000 { scene.stage.send(alice.request(method, "sip:bob@127.0.0.1"), from: alice) }
        #expect(scene.sent == [])
        #expect(module.footprint == Transactions.Footprint())
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 0)
    }

    @Test func `requests with one branch and different calls are different transactions`() throws {
        let scene = try LocalScene("", script)
        let alice = scene.stage.phone("alice")
        for index in 0..<100 {
            var message = alice.request("OPTIONS", "sip:bob@127.0.0.1")
            message.set("Via", "SIP/2.0/UDP \(alice.address);branch=z9hG4bKsame")
            message.set("Call-ID", "collision-\(index)")
            scene.stage.send(message, from: alice)
        }
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 100)
        scene.stage.advance(by: .seconds(60))
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 0)
    }

    @Test func `ever new branches of one call fill one chain and no more, and other calls are served`() throws {
        let scene = try LocalScene("", script)
        _ = scene.stage.phone("bob")
        let alice = scene.stage.phone("alice")
        for index in 0..<2 * TransactionStripe.chainLimit {
            var message = alice.request("OPTIONS", "sip:bob@127.0.0.1")
            message.set("Via", "SIP/2.0/UDP \(alice.address);branch=z9hG4bKown\(index)")
            message.set("Call-ID", "always-this")
            message.set("CSeq", "1 OPTIONS")
            scene.stage.send(message, from: alice)
        }
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == TransactionStripe.chainLimit)
        scene.clear()
        scene.request("OPTIONS", "bob")
        #expect(scene.sent == ["OPTIONS to bob"])
        scene.stage.advance(by: .seconds(60))
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 0)
    }
}
