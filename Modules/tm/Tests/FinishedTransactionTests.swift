import Bytes
import ModuleKit
import Testing

@testable import ApusServer
@testable import Simulation
@testable import tm

/// What is left of a transaction whose final reply has gone upstream, and that it is enough.
@Suite("tm: finished transactions")
struct FinishedTransactionTests {
    private let scene: TransactionScene
    private let module: Transactions

    init() throws {
        self.scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        let modules = self.scene.stage.server.program.modules
        self.module = try #require(modules.compactMap { $0 as? Transactions }.first)
    }

    @Test(arguments: ["INVITE", "MESSAGE"]) func `only the reply stays`(_ method: String) throws {
        self.scene.send(method)
        let open = self.module.footprint
        try self.scene.reply(1, 200)
        let reply = try #require(self.scene.last("alice"))
        let finished = self.module.footprint
        #expect(finished.transactions == 1)
        #expect(finished.bytes < open.bytes)
        #expect(finished.bytes == reply.bytes.count)
    }

    @Test func `a repeated request gets the reply again`() throws {
        let request = self.scene.send("MESSAGE")
        try self.scene.reply(1, 200)
        #expect(self.scene.seen() == ["MESSAGE to one", "200 to alice"])
        self.scene.stage.send(request, from: self.scene.alice)
        #expect(self.scene.seen(repeats: true) == ["200 to alice"])
    }

    @Test func `the same branch from another host is another request`() throws {
        let request = self.scene.send("MESSAGE")
        try self.scene.reply(1, 200)
        _ = self.scene.seen()
        var other = request
        let via = try #require(other.fields.firstIndex { $0.name == "Via" })
        other.fields[via].value = other.fields[via].value.replacing("192.0.2.", with: "198.51.100.")
        try #require(other.fields[via].value != request.fields[via].value)
        self.scene.stage.send(other, from: self.scene.alice)
        #expect(self.scene.seen(repeats: true) == ["MESSAGE to one"])
    }

    @Test func `a 2xx that comes again goes on again`() throws {
        self.scene.send("INVITE")
        let phone = self.scene.phones[0]
        let pending = try #require(phone.open())
        let reply = phone.reply(to: pending, 200, nil)
        self.scene.stage.send(reply, from: phone, to: pending.socket)
        #expect(self.scene.seen(repeats: true).filter { $0 == "200 to alice" }.count == 1)
        self.scene.stage.send(reply, from: phone, to: pending.socket)
        #expect(self.scene.seen(repeats: true).filter { $0 == "200 to alice" }.count == 1)
    }

    @Test func `a refused INVITE keeps what its acknowledgement is made of`() throws {
        self.scene.send("INVITE")
        try self.scene.reply(1, 486)
        #expect(self.scene.seen().contains("ACK to one"))
        #expect(self.module.footprint.bytes > 0)
    }

    @Test func `the list names a finished transaction by its method`() throws {
        self.scene.send("MESSAGE")
        try self.scene.reply(1, 200)
        let answer = try self.scene.rpc("tm.list")
        #expect("\(answer)".contains("MESSAGE"))
    }
}
