import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import StandardModules

@testable import ApusServer

/// A server whose DNS is a table, with a caller at 192.0.2.9; the clock is moved by hand.
final class FailoverScene: VirtualServerObserver {
    struct Sent {
        var text: String
        var destination: Destination
        var token: UInt64
        var line: String { String(text.prefix { $0 != "\r" }) }
    }

    private var made: VirtualServer?
    var server: VirtualServer {
        guard let made = self.made else { preconditionFailure("the scene has begun") }
        return made
    }
    var records: [DNSQuestion: [DNSData]] = [:]
    /// Addresses that nothing can be sent to, known at once.
    var dead: Set<String> = []
    private(set) var sent: [Sent] = []
    private(set) var log: [String] = []
    private var number = 0

    /// - Parameters:
    ///   - settings: core parameters and module parameters.
    ///   - script: the body of `request_route`, then further routes behind a `}`.
    init(_ settings: String = "", _ script: String = "t_relay(); }", failsOver: Bool = true) throws {
        let modules = ["sl", "tm", "tmx", "pv", "textops", "siputils", "xlog", "cfg_rpc"].map {
            "loadmodule \"\($0).so\"\n"
        }.joined()
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        let failover = failsOver ? "use_dns_failover=yes\n" : ""
        setup.text = (
            "test.cfg",
            """
            \(failover)listen=udp:127.0.0.1:5060
            listen=tcp:127.0.0.1:5060
            \(modules)
            modparam("tm", "fr_timer", 2000)
            \(settings)
            request_route {
                if (is_method("ACK")) { t_relay(); exit; }
                t_check_trans();
                \(script)
            """
        )
        self.made = try VirtualServer(setup, observer: self)
        self.set(.srv, "_sip._udp.gw.example", [1, 2, 3].map { srv($0, ByteString("h\($0).example")) })
        for number in 1...3 {
            self.set(.a, ByteString("h\(number).example"), [.address(IPAddress(ipv4: 0xc000_0200 + UInt32(number)))])
        }
    }

    func set(_ type: DNSRecordType, _ name: ByteString, _ data: [DNSData]) {
        self.records[DNSQuestion(type, name)] = data
    }

    private var socket: ListenSocket { self.server.sockets[0] }

    /// The caller sends a request.
    /// - Parameter socket: number of the socket that it comes in on.
    func send(_ method: String = "INVITE", _ uri: String = "sip:user@gw.example", on socket: Int = 0) {
        self.number += 1
        let text = """
            \(method) \(uri) SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKcall\(self.number)
            Max-Forwards: 70
            From: <sip:caller@example>;tag=1
            To: <\(uri)>
            Call-ID: call\(self.number)
            CSeq: 1 \(method)
            Content-Length: 0


            """
        self.server.receive(
            ByteString(Self.crlf(text)), from: SocketAddress(ip: IPAddress(ipv4: 0xc000_0209), port: 5060),
            on: self.server.sockets[socket])
    }

    /// The caller hangs up.
    func sendCancel() {
        let text = """
            CANCEL sip:user@gw.example SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKcall\(self.number)
            Max-Forwards: 70
            From: <sip:caller@example>;tag=1
            To: <sip:user@gw.example>
            Call-ID: call\(self.number)
            CSeq: 1 CANCEL
            Content-Length: 0


            """
        self.server.receive(
            ByteString(Self.crlf(text)), from: SocketAddress(ip: IPAddress(ipv4: 0xc000_0209), port: 5060),
            on: self.socket)
    }

    /// The server that the last request went to answers it.
    func reply(_ status: Int, _ headers: String = "") {
        guard let request = self.sent.last(where: { !$0.line.hasPrefix("SIP/2.0") && !$0.line.hasPrefix("ACK") }) else {
            return
        }
        let kept = request.text.split(separator: "\r\n").filter { line in
            ["Via:", "From:", "Call-ID:", "CSeq:"].contains { line.hasPrefix($0) }
        }
        let to = request.text.split(separator: "\r\n").first { $0.hasPrefix("To:") } ?? ""
        let text =
            (["SIP/2.0 \(status) Own"] + kept.map(String.init) + ["\(to);tag=2"]
            + (headers.isEmpty ? [] : [headers]) + ["Content-Length: 0", "", ""]).joined(separator: "\r\n")
        self.server.receive(ByteString(text), from: request.destination.address, on: self.socket)
    }

    func wait(milliseconds: Int) {
        let end = self.server.now + .milliseconds(milliseconds)
        while let next = self.server.nextDeadline, next < end { self.server.move(to: max(next, self.server.now)) }
        self.server.move(to: end)
    }

    /// What was sent since the last look, without repetitions and 100s: `INVITE to 192.0.2.1`.
    func seen() -> [String] {
        var lines: [String] = []
        for sent in self.sent[self.looked...] {
            let word = sent.line.split(separator: " ")
            let what = sent.line.hasPrefix("SIP/2.0") ? word[1] : word[0]
            let line = "\(what) to \(sent.destination.address.ip)"
            if what != "100", !lines.contains(line) { lines.append(line) }
        }
        self.looked = self.sent.count
        return lines
    }
    private var looked = 0

    private static func crlf(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    }

    // MARK: VirtualServerObserver

    func sent(_ bytes: ByteString, to destination: Destination, token: UInt64) -> Bool {
        guard !self.dead.contains("\(destination.address.ip)") else { return false }
        self.sent.append(Sent(text: bytes.string, destination: destination, token: token))
        return true
    }

    func logged(_ level: LogLevel, _ prefix: ByteString, _ text: ByteString) { self.log.append(text.string) }
    func ranScript(in context: RouteContext, _ state: RunState) {}
    func addresses(of name: String) -> [IPAddress] { [] }
    func records(_ question: DNSQuestion) -> DNSAnswer? {
        self.records[question].map { DNSAnswer($0, lifetime: 300) }
    }
    func asked(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) { then(.unreachable) }
    var tracer: (any ScriptTracer)? { nil }
}

func srv(_ priority: UInt16, _ target: ByteString, port: UInt16 = 5060) -> DNSData {
    .service(ServiceRecord(priority: priority, weight: 1, port: port, target: target))
}
