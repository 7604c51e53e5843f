import Bytes
import Foundation
import ModuleKit
import RouteScript
import SIPMessage
import StandardModules
import Testing

@testable import ApusServer

/// What the machine does with inputs that fuzzing has found or begins with: all of `Fuzz/Crashes/script` and `Fuzz/Corpus/script`.
@Suite("Fuzz: inputs are run")
struct CrashRunTests {
    private static let fuzz = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz")
        .standardized

    static let inputs: [String] = ["Crashes/script", "Corpus/script"].flatMap { folder in
        let urls = try? FileManager.default.contentsOfDirectory(
            at: Self.fuzz.appending(path: folder), includingPropertiesForKeys: nil)
        return (urls ?? []).map { "\(folder)/\($0.lastPathComponent)" }.sorted()
    }

    private final class Silence: VirtualServerObserver {
        func sent(_ bytes: ByteString, to destination: Destination, token: UInt64) -> Bool { true }
        func logged(_ level: LogLevel, _ prefix: ByteString, _ text: ByteString) {}
        func ranScript(in context: RouteContext, _ state: RunState) {}
        func addresses(of name: String) -> [IPAddress] { [] }
        func asked(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) { then(.unreachable) }
        var tracer: (any ScriptTracer)? { nil }
    }

    private static let messages = [
        """
        INVITE sip:alice@example.org;transport=udp SIP/2.0\r
        Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1;rport\r
        Max-Forwards: 70\r
        From: "Bob" <sip:bob@example.org;x=1>;tag=1\r
        To: <sip:alice@example.org>\r
        Contact: <sip:bob@192.0.2.1:5070>;expires=60\r
        Call-ID: 1@192.0.2.1\r
        CSeq: 1 INVITE\r
        Content-Length: 0\r
        \r

        """,
        """
        SIP/2.0 183 Session Progress\r
        Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK2\r
        Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1\r
        From: <sip:bob@example.org>;tag=1\r
        To: <sip:alice@example.org>;tag=2\r
        Call-ID: 1@192.0.2.1\r
        CSeq: 1 INVITE\r
        Content-Length: 0\r
        \r

        """,
    ]

    /// The modules that the fuzzer puts in front.
    private static let head = ["pv", "xlog", "textops", "siputils"].map { "loadmodule \"\($0)\"\n" }.joined()

    @Test(arguments: CrashRunTests.inputs)
    func `an input of the fuzzer runs without a trap, or is refused`(name: String) throws {
        let bytes = try Data(contentsOf: Self.fuzz.appending(path: name))
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        setup.text = ("fuzz.cfg", Self.head + String(decoding: bytes, as: UTF8.self))
        setup.files = FileAccess.memory(["c.cfg": "$var(a) = 1;\n"], environment: ["HOME": "/root"])
        setup.scriptFuel = 20_000
        setup.listen = ["udp:127.0.0.1:5060"]
        let silence = Silence()
        guard let server = try? VirtualServer(setup, observer: silence) else { return }
        let source = SocketAddress(ip: IPAddress(ipv4: 0xc000_0201), port: 5070)
        for message in Self.messages { server.receive(ByteString(message), from: source, on: server.sockets[0]) }
        // What waits goes on.
        for _ in 0..<50 {
            guard let next = server.nextDeadline else { break }
            server.move(to: max(next, server.now))
        }
    }
}
