import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import sl

@Suite("sl: replies without a transaction")
struct StatelessRepliesTests {
    static func request(
        _ method: String = "INVITE", via: String = "SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1", extra: String = "",
        toTag: String = ""
    ) -> String {
        """
        \(method) sip:bob@127.0.0.1 SIP/2.0
        Via: \(via)
        From: <sip:alice@example.org>;tag=a1
        To: <sip:bob@example.org>\(toTag)
        Call-ID: c1
        CSeq: 1 \(method)
        \(extra)Content-Length: 0

        """
    }

    static func bench() throws -> (ModuleBench, StatelessReplies) {
        let bench = ModuleBench()
        bench.settings.serverHeader = "Server: test"
        return (bench, try bench.load(StatelessReplies.self))
    }

    /// The reply with its To tag masked.
    static func masked(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for index in lines.indices where lines[index].hasPrefix("To:") {
            if let tag = lines[index].firstRange(of: ";tag=") {
                lines[index] = lines[index][..<tag.upperBound] + "\(lines[index][tag.upperBound...].count)"
            }
        }
        return lines.joined(separator: "\n")
    }

    @Test func `a reply copies the fields in the order of the request and ends with Server and length`() throws {
        let (bench, _) = try Self.bench()
        let route = try bench.receive(Self.request())
        #expect(try bench.call("sl_send_reply", "404", "Not Found", in: route) == 1)
        #expect(
            bench.sent.map(Self.masked) == [
                """
                SIP/2.0 404 Not Found
                Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
                From: <sip:alice@example.org>;tag=a1
                To: <sip:bob@example.org>;tag=41
                Call-ID: c1
                CSeq: 1 INVITE
                Server: test
                Content-Length: 0


                """
            ])
    }

    @Test func `sip_warning tells where the request came from`() throws {
        let bench = ModuleBench()
        bench.settings.addsWarning = true
        _ = try bench.load(StatelessReplies.self)
        let route = try bench.receive(Self.request())
        _ = try bench.call("sl_send_reply", "404", "Not Found", in: route)
        let line = bench.sent[0].split(separator: "\n").first { $0.hasPrefix("Warning:") } ?? ""
        #expect(line.hasPrefix("Warning: 392 127.0.0.1:5060 \"Noisy feedback tells:  pid="))
        #expect(
            line.hasSuffix(
                " req_src_ip=127.0.0.1 req_src_port=5070 in_uri=sip:bob@127.0.0.1 out_uri=sip:bob@127.0.0.1 via_cnt==1\""
            ))
    }

    @Test func `100 gets no tag`() throws {
        let (bench, _) = try Self.bench()
        _ = try bench.call("sl_reply", "100", "Trying", in: try bench.receive(Self.request()))
        #expect(bench.sent[0].contains("To: <sip:bob@example.org>\n"))
    }

    @Test func `rport is filled in and received is added behind the Via`() throws {
        let (bench, _) = try Self.bench()
        let route = try bench.receive(Self.request(via: "SIP/2.0/UDP 192.0.2.9:9;rport;branch=z9hG4bK1"))
        _ = try bench.call("sl_send_reply", "200", "OK", in: route)
        #expect(bench.sent[0].contains("Via: SIP/2.0/UDP 192.0.2.9:9;rport=5070;branch=z9hG4bK1;received=127.0.0.1\n"))
        #expect(bench.worker.sent[0].destination.address.description == "127.0.0.1:5070")
    }

    @Test func `without rport the reply goes to the port in the Via`() throws {
        let (bench, _) = try Self.bench()
        let route = try bench.receive(Self.request(via: "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1"))
        _ = try bench.call("sl_send_reply", "200", "OK", in: route)
        #expect(bench.worker.sent[0].destination.address.description == "127.0.0.1:9")
        let other = try bench.receive(Self.request(via: "SIP/2.0/UDP 127.0.0.1;maddr=192.0.2.7;branch=z9hG4bK1"))
        _ = try bench.call("sl_send_reply", "200", "OK", in: other)
        #expect(bench.worker.sent[1].destination.address.description == "127.0.0.1:5060")
    }

    @Test func `over TCP it goes down the same connection`() throws {
        let (bench, _) = try Self.bench()
        let text = Self.request(via: "SIP/2.0/TCP 192.0.2.9:5090;branch=z9hG4bK1")
        let route = try bench.receive(text, on: 1, connection: 7)
        route.options.insert(.replyNoConnect)
        _ = try bench.call("send_reply_mode", "403", "Forbidden", "2", in: route)
        let destination = bench.worker.sent[0].destination
        #expect(destination.connection == ConnectionID(rawValue: 7))
        #expect(destination.mayConnect == false)
        #expect(destination.closesAfter)
        #expect(destination.address.description == "127.0.0.1:5090")
    }

    @Test func `a retransmission gets the same tag, and the ACK that brings it is absorbed`() throws {
        let (bench, module) = try Self.bench()
        for _ in 0..<2 {
            _ = try bench.call("sl_send_reply", "404", "Not Found", in: try bench.receive(Self.request()))
        }
        #expect(bench.sent[0] == bench.sent[1])
        let tag = bench.sent[0].split(separator: "\n").first { $0.hasPrefix("To:") }?.split(separator: "=")[1] ?? ""
        let absorb = try #require(module.hooks.requestArrived)
        #expect(absorb(try bench.receive(Self.request("ACK", toTag: ";tag=\(tag)"))))
        #expect(!absorb(try bench.receive(Self.request("ACK", toTag: ";tag=\(tag.dropLast())x"))))
        #expect(!absorb(try bench.receive(Self.request("BYE", toTag: ";tag=\(tag)"))))
        let other = Self.request("ACK", via: "SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK2", toTag: ";tag=\(tag)")
        #expect(!absorb(try bench.receive(other)))
        #expect(bench.counters.value("sl", "received_ACKs") == 1)
        #expect(bench.counters.value("sl", "404_replies") == 2)
    }

    @Test func `an ACK is never answered`() throws {
        let (bench, _) = try Self.bench()
        #expect(try bench.call("sl_send_reply", "404", "Not Found", in: try bench.receive(Self.request("ACK"))) == -1)
        #expect(bench.sent.isEmpty)
        #expect(bench.counters.value("sl", "failures") == 1)
    }

    @Test func `a redirect lists the changed Request-URI and the branches`() throws {
        let (bench, _) = try Self.bench()
        let route = try bench.receive(Self.request())
        route.setRequestURI("sip:a@b.com")
        route.branches = [BranchTarget(uri: "sip:c@d.com"), BranchTarget(uri: "sip:e@f.com")]
        route.branches[1].q = 500
        _ = try bench.call("sl_send_reply", "302", "Moved", in: route)
        #expect(bench.sent[0].contains("\nContact: <sip:a@b.com>, <sip:c@d.com>, <sip:e@f.com>;q=0.5\nServer: test\n"))
        #expect(route.replyHeaders.count == 0)
    }

    @Test func `the script's headers and body go out, Record-Route only where a dialog can begin`() throws {
        let (bench, _) = try Self.bench()
        let route = try bench.receive(Self.request(extra: "Record-Route: <sip:192.0.2.1;lr>\n"))
        route.replyHeaders.append("X-A: b\r\n")
        route.replyBody.append("hello")
        route.replyBodyType = "text/plain"
        for code in ["180", "200", "183", "404"] { _ = try bench.call("sl_send_reply", code, "X", in: route) }
        #expect(bench.sent.map { $0.contains("\nRecord-Route: <sip:192.0.2.1;lr>\n") } == [true, true, true, false])
        #expect(bench.sent[1].hasSuffix("X-A: b\nContent-Type: text/plain\nServer: test\nContent-Length: 5\n\nhello"))
    }

    @Test func `a code that is none gives the default reply`() throws {
        let (bench, _) = try Self.bench()
        _ = try bench.call("sl_send_reply", "77", "OK", in: try bench.receive(Self.request()))
        #expect(bench.sent[0].hasPrefix("SIP/2.0 500 Internal Server Error\n"))
    }

    @Test func `an internal failure is told with its number`() throws {
        let (bench, _) = try Self.bench()
        let route = try bench.receive(Self.request())
        _ = try bench.call("sl_reply_error", in: route)
        route.noteFailure(.unresolvable)
        _ = try bench.call("send_reply_error", in: route)
        #expect(bench.sent[0].hasPrefix("SIP/2.0 500 I'm terribly sorry, server error occurred (1/SL)\n"))
        #expect(bench.sent[1].hasPrefix("SIP/2.0 478 Unresolvable destination (478/SL)\n"))
    }

    @Test func `event routes run on what was sent and on what was absorbed`() throws {
        let (bench, module) = try Self.bench()
        bench.program.routes = ["x", "sl:local-response", "sl:filtered-ack"]
        _ = try bench.call("sl_send_reply", "404", "Not Found", in: try bench.receive(Self.request()))
        #expect(bench.worker.scheduled.map(\.call.route.index) == [1])
        #expect(bench.worker.scheduled[0].context.message.statusCode == 404)
        let tag = bench.sent[0].split(separator: "\n").first { $0.hasPrefix("To:") }?.split(separator: "=")[1] ?? ""
        #expect(module.hooks.requestArrived?(try bench.receive(Self.request("ACK", toTag: ";tag=\(tag)"))) == true)
        #expect(bench.worker.scheduled.map(\.call.route.index) == [1, 2])
    }

    @Test func `sl.stats counts by code`() throws {
        let (bench, _) = try Self.bench()
        for code in ["200", "404", "486"] {
            _ = try bench.call("sl_send_reply", code, "X", in: try bench.receive(Self.request()))
        }
        guard case .structure(let members)? = try bench.call("sl.stats", []).first else {
            Issue.record("no structure")
            return
        }
        #expect(members.count == 19)
        #expect(members.filter { $0.value != .int(0) }.map(\.name) == ["200", "404", "4xx"])
    }

    static let reply = """
        SIP/2.0 180 Ringing
        Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK0
        From: <sip:alice@example.org>;tag=a1
        To: <sip:bob@example.org>;tag=b1
        Call-ID: c1
        CSeq: 1 INVITE
        Content-Length: 0

        """

    @Test(arguments: [
        ([], "SIP/2.0 180 Ringing"), (["183"], "SIP/2.0 183 Ringing"),
        (["183", "On its way"], "SIP/2.0 183 On its way"),
        (["100", ""], "SIP/2.0 100 "),
    ])
    func `a reply is sent on with another code of its class`(_ arguments: [String], _ line: String) throws {
        let (bench, _) = try Self.bench()
        let route = try bench.receive(Self.reply)
        guard case .code(1) = try bench.perform("sl_forward_reply", arguments, in: route) else {
            Issue.record("not sent")
            return
        }
        #expect(bench.sent.first?.hasPrefix(line + "\nVia: SIP/2.0/UDP 127.0.0.1:5070;") == true)
        #expect(bench.worker.sent.first?.destination.address.port == 5070)
        // The reply itself is as it was.
        #expect(route.edits.isEmpty)
    }

    @Test(arguments: [["200"], ["x"], ["99"], ["700"], ["183", "a\r\nb"]])
    func `a code of another class, or a phrase of two lines, is refused`(_ arguments: [String]) throws {
        let (bench, _) = try Self.bench()
        guard case .code(-1) = try bench.perform("sl_forward_reply", arguments, in: try bench.receive(Self.reply))
        else {
            Issue.record("not refused")
            return
        }
        #expect(bench.sent.isEmpty)
    }

    @Test func `a reply without a phrase gets one, and one without a second Via goes nowhere`() throws {
        let (bench, _) = try Self.bench()
        let route = try bench.receive(Self.reply.replacing("SIP/2.0 180 Ringing", with: "SIP/2.0 180 "))
        #expect(try bench.call("sl_forward_reply", "181", "Own", in: route) == 1)
        #expect(bench.sent[0].hasPrefix("SIP/2.0 181 Own\n"))
        let last = Self.reply.replacing("Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK0\n", with: "")
        #expect(try bench.call("sl_forward_reply", in: try bench.receive(last)) == -1)
    }

    @Test(arguments: [
        (0, "<sip:b@192.0.2.1>, <sip:c@192.0.2.2>;q=0.5"),
        (1, "<sip:b@192.0.2.1>;flags=8, <sip:c@192.0.2.2>;q=0.5;flags=0"),
        (2, "<sip:b@192.0.2.1>, <sip:c@192.0.2.2?Route=%3csip:e%40192.0.2.9%3blr%3e>;q=0.5"),
        (3, "<sip:b@192.0.2.1>;flags=8, <sip:c@192.0.2.2?Route=%3csip:e%40192.0.2.9%3blr%3e>;q=0.5;flags=0"),
    ])
    func `rich_redirect tells flags and path`(_ mode: Int, _ contact: String) throws {
        let bench = ModuleBench()
        _ = try bench.load(StatelessReplies.self, [("rich_redirect", .int(mode))])
        let route = try bench.receive(Self.request())
        route.setRequestURI("sip:b@192.0.2.1")
        route.target.flags = 8
        var branch = BranchTarget(uri: "sip:c@192.0.2.2")
        branch.q = 500
        branch.path = "<sip:e@192.0.2.9;lr>"
        route.branches = [branch]
        _ = try bench.call("sl_send_reply", "302", "Moved", in: route)
        #expect(bench.sent.first?.contains("\nContact: \(contact)\n") == true)
    }
}
