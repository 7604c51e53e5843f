import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import core

@Suite("RFC 3261 §16.11: forwarding without a transaction")
struct StatelessForwardingTests {
    static func request(
        _ method: String = "INVITE", branch: String = "z9hG4bKabc", uri: String = "sip:bob@192.0.2.9:5090"
    ) -> String {
        """
        \(method) \(uri) SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5070;branch=\(branch)
        From: <sip:alice@example.org>;tag=a1
        To: <sip:bob@example.org>
        Call-ID: c1
        CSeq: 1 \(method)

        """
    }

    static func bench() throws -> ModuleBench {
        let bench = ModuleBench()
        try bench.load(Core.self)
        return bench
    }

    /// The branch of the Via that forwarding put on top.
    static func branch(_ text: String) throws -> String {
        let line = try #require(text.split(separator: "\n").dropFirst().first)
        return String(try #require(line.split(separator: ";").first { $0.hasPrefix("branch=") }))
    }

    @Test func `a Via of our own goes on top and the sender's is completed`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.request(), from: "192.0.2.77:5071")
        #expect(try bench.call("forward", in: route) == 1)
        let lines = bench.sent[0].split(separator: "\n")
        #expect(lines[0] == "INVITE sip:bob@192.0.2.9:5090 SIP/2.0")
        #expect(lines[1].hasPrefix("Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK"))
        #expect(lines[2] == "Via: SIP/2.0/UDP 192.0.2.1:5070;received=192.0.2.77;branch=z9hG4bKabc")
        #expect(bench.worker.sent[0].destination.address.description == "192.0.2.9:5090")
        #expect(bench.counters.value("core", "fwd_requests") == 1)
    }

    @Test func `a retransmission, its CANCEL and its ACK get the same branch, another request another one`() throws {
        let bench = try Self.bench()
        for text in [
            Self.request(), Self.request(), Self.request("CANCEL"), Self.request("ACK"),
            Self.request(branch: "z9hG4bKxyz"),
        ] {
            #expect(try bench.call("forward", in: try bench.receive(text)) == 1)
        }
        let branches = try bench.sent.map { try Self.branch($0) }
        #expect(Set(branches[0..<4]).count == 1)
        #expect(branches[4] != branches[0])
    }

    @Test func `without the cookie the branch depends on tags, Call-ID, CSeq and Request-URI`() throws {
        let bench = try Self.bench()
        for text in [
            Self.request(branch: "1"), Self.request(branch: "1"), Self.request(branch: "1", uri: "sip:bob@192.0.2.10"),
            Self.request(branch: "1").replacing("c1", with: "c2"),
            Self.request(branch: "1").replacing("1 INVITE", with: "2 INVITE"),
        ] {
            #expect(try bench.call("forward", in: try bench.receive(text)) == 1)
        }
        let branches = try bench.sent.map { try Self.branch($0) }
        #expect(branches[0] == branches[1])
        #expect(Set(branches[1...]).count == 4)
    }

    @Test func `the destination URI decides before the Request-URI, an argument before both`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.request())
        route.target.destinationURI = "sip:192.0.2.50:5061"
        #expect(try bench.call("forward", in: route) == 1)
        #expect(try bench.call("forward", "192.0.2.60", "5099", in: route) == 1)
        #expect(try bench.call("forward_tcp", "192.0.2.60", in: route) == 1)
        let destinations = bench.worker.sent.map(\.destination)
        #expect(destinations.map(\.address.description) == ["192.0.2.50:5061", "192.0.2.60:5099", "192.0.2.60:5060"])
        #expect(destinations.map(\.transport) == [.udp, .udp, .tcp])
    }

    @Test func `the reply goes back by the second Via and leaves where the request came in`() throws {
        let bench = try Self.bench()
        let request = try bench.receive(Self.request(), from: "192.0.2.77:5071")
        #expect(try bench.call("forward", in: request) == 1)
        let vias = bench.sent[0].split(separator: "\n").filter { $0.hasPrefix("Via") }.joined(separator: "\n")
        let reply = try bench.receive(
            """
            SIP/2.0 200 OK
            \(vias)
            From: <sip:alice@example.org>;tag=a1
            To: <sip:bob@example.org>;tag=b1
            Call-ID: c1
            CSeq: 1 INVITE

            """,
            from: "192.0.2.9:5090"
        )
        #expect(StatelessForwarder.forwardReply(reply))
        let sent = bench.worker.sent[1]
        #expect(sent.destination.address.description == "192.0.2.77:5070")
        #expect(sent.destination.socket?.index == 0)
        #expect(
            sent.text.string.replacingCRLF.split(separator: "\n")[1]
                == "Via: SIP/2.0/UDP 192.0.2.1:5070;received=192.0.2.77;branch=z9hG4bKabc")
    }

    @Test(arguments: [
        ("SIP/2.0/UDP 192.0.2.1:5070;received=192.0.2.2;rport=6000", "192.0.2.2:6000"),
        ("SIP/2.0/UDP 192.0.2.1", "192.0.2.1:5060"),
        ("SIP/2.0/UDP 192.0.2.1;maddr=198.51.100.1", "192.0.2.1:5060"),
        ("SIP/2.0/UDP 192.0.2.1;maddr=224.0.1.75", "224.0.1.75:5060"),
        ("SIP/2.0/UDP [2001:db8::1]:5070", "[2001:db8::1]:5070"),
    ])
    func `the second Via says where a reply goes`(_ via: String, _ expected: String) throws {
        let bench = try Self.bench()
        let reply = try bench.receive(
            """
            SIP/2.0 180 Ringing
            Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK0, \(via)
            CSeq: 1 INVITE

            """
        )
        #expect(StatelessForwarder.replyDestination(reply)?.address.description == expected)
    }

    @Test(arguments: [("proxy.example", "192.0.2.50:5070"), ("nowhere.example", nil)])
    func `a reply to a host name waits until its address is known`(_ host: String, _ address: String?) throws {
        let bench = try Self.bench()
        bench.worker.asksForNames = true
        bench.hostNames["proxy.example"] = ["192.0.2.50"]
        let reply = try bench.receive(
            """
            SIP/2.0 180 Ringing
            Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK0, SIP/2.0/UDP \(host):5070
            CSeq: 1 INVITE

            """
        )
        let outcome = StatelessForwarder.forwardReplyAsking(reply) { _, isOut in isOut ? .success : .failure }
        #expect(bench.sent.isEmpty)
        guard case .suspended(let continuation?) = outcome, let result = bench.worker.token?.result else {
            Issue.record("it does not wait")
            return
        }
        guard case .code(let code) = continuation.body(reply, result) else {
            Issue.record("it waits again")
            return
        }
        #expect(code == (address == nil ? -1 : 1))
        #expect(bench.worker.sent.map { "\($0.destination.address)" } == (address.map { [$0] } ?? []))
    }

    @Test func `a reply with one Via is for this server`() throws {
        let bench = try Self.bench()
        let reply = try bench.receive(
            "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK0\nCSeq: 1 INVITE\n")
        #expect(!StatelessForwarder.forwardReply(reply))
        #expect(bench.sent.isEmpty)
    }

    @Test func `a reply finds the connection of its request, and a forged token finds none`() throws {
        let bench = try Self.bench()
        let request = try bench.receive(Self.request().replacing("UDP", with: "TCP"), on: 1, connection: 77)
        #expect(try bench.call("forward", in: request) == 1)
        let top = try #require(bench.sent[0].split(separator: "\n").dropFirst().first)
        func connection(_ via: String) throws -> ConnectionID? {
            let reply = try bench.receive("SIP/2.0 200 OK\n\(via)\nVia: SIP/2.0/TCP 192.0.2.1:5070\nCSeq: 1 INVITE\n")
            return StatelessForwarder.replyDestination(reply)?.connection
        }
        #expect(try connection(String(top)) == ConnectionID(rawValue: 77))
        #expect(try connection(String(top.replacing(";i=", with: ";i=1"))) == ConnectionID.none)
    }
}
