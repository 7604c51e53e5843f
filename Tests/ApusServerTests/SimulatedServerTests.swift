import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import StandardModules
import Testing

@testable import ApusServer

@Suite("Simulation: what is left of a server that goes")
struct SimulatedServerTests {
    private final class Nobody: VirtualServerObserver {
        var tracer: (any ScriptTracer)? { nil }
        func sent(_ bytes: ByteString, to destination: Destination, token: UInt64) -> Bool { true }
        func logged(_ level: LogLevel, _ prefix: ByteString, _ text: ByteString) {}
        func ranScript(in context: RouteContext, _ state: RunState) {}
        func addresses(of name: String) -> [IPAddress] { [] }
        func asked(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) { then(.unreachable) }
    }

    @Test func `it takes its configuration along, although contexts of messages know it`() throws {
        weak var program: Program?
        do {
            var setup = VirtualSetup(moduleTypes: StandardModules.all)
            setup.text = ("test.cfg", "loadmodule \"sl.so\"\nrequest_route { sl_send_reply(\"200\", \"OK\"); }\n")
            let observer = Nobody()
            let server = try VirtualServer(setup, observer: observer)
            program = server.program
            let socket = try #require(server.sockets.first)
            let message: ByteString = """
                OPTIONS sip:a@b SIP/2.0\r
                Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r
                From: <sip:a@b>;tag=1\r
                To: <sip:a@b>\r
                Call-ID: 1\r
                CSeq: 1 OPTIONS\r
                Content-Length: 0\r
                \r

                """
            let address = try #require(IPAddress("192.0.2.1"))
            server.receive(message, from: SocketAddress(ip: address, port: 5060), on: socket)
            #expect(program != nil)
        }
        #expect(program == nil)
    }
}
