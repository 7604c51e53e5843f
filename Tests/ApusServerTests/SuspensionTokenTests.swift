import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import ApusServer

@Suite("Suspended scripts: waking")
struct SuspensionTokenTests {
    private let loaded: LoadedServer
    private let context: HeldContext

    init() throws {
        self.loaded = try LoadedServer("auto_aliases=no\nlisten=udp:127.0.0.1:5060\nrequest_route { exit; }\n")
        let configuration = try #require(self.loaded.configuration)
        let worker = Worker(
            index: 0, lane: 0, server: self.loaded.server,
            situation: Situation(configuration, descriptors: []))
        let socket = try #require(self.loaded.server.sockets.sockets.first)
        self.context = HeldContext(
            takingFrom: RouteContext(
                message: Message(buffer: ByteBuffer(capacity: 64)),
                arrival: Arrival(source: socket.address, socket: socket, time: .zero), worker: worker,
                program: configuration.program))
    }

    @Test func `a wake-up before parking comes back from parking`() {
        let token = SuspensionToken(server: self.loaded.server)
        token.resume(ResumeResult(code: 7))
        #expect(token.park(self.context, at: .zero)?.code == 7)
        #expect(token.take(wakingWith: ResumeResult(code: 1)) === self.context)
    }

    @Test func `the first of two early wake-ups counts`() {
        let token = SuspensionToken(server: self.loaded.server)
        token.resume(ResumeResult(code: 1))
        token.resume(ResumeResult(code: 2))
        #expect(token.park(self.context, at: .zero)?.code == 1)
    }

    @Test func `parking waits when nobody woke it`() {
        let token = SuspensionToken(server: self.loaded.server)
        #expect(token.park(self.context, at: .zero) == nil)
    }

    @Test func `the context is given out once`() {
        let token = SuspensionToken(server: self.loaded.server)
        _ = token.park(self.context, at: .zero)
        #expect(token.take(wakingWith: ResumeResult(code: 1)) === self.context)
        #expect(token.take(wakingWith: ResumeResult(code: 1)) == nil)
        token.resume(ResumeResult(code: 3))
        #expect(token.take(wakingWith: ResumeResult(code: 1)) == nil)
    }

    @Test func `nothing can be taken before parking`() {
        #expect(SuspensionToken(server: self.loaded.server).take(wakingWith: ResumeResult(code: 1)) == nil)
    }
}
