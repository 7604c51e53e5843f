import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import corex

@Suite("corex: flags in our Via, fields in Via of replies")
struct ViaFlagTests {
    @Test func `flags are set, travel as vbf and are taken from the top Via`() throws {
        let (bench, route) = try CorexTests.bench()
        #expect(try bench.call("msg_vbflag_is_set", "3", in: route) == -1)
        #expect(try bench.call("msg_vbflag_set", "3", in: route) == 1)
        #expect(try bench.call("msg_vbflag_set", "5", in: route) == 1)
        #expect(try bench.call("msg_vbflag_set", "32", in: route) == -1)
        #expect(try bench.call("msg_vbflag_is_set", "3", in: route) == 1)
        let options = ByteBuffer(capacity: 64)
        route.writeViaOptions(into: options)
        #expect(ByteString(options.span) == ";vbf=28")
        #expect(try bench.call("msg_vbflag_reset", "3", in: route) == 1)
        #expect(route.viaFlags == 32)
        #expect(try bench.call("msg_vbflag_parse", in: route) == -1)
        let reply = try bench.receive(
            """
            SIP/2.0 200 OK
            Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK2;vbf=28
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
            From: <sip:alice@example.org>;tag=a1
            To: <sip:bob@example.org>;tag=b1
            Call-ID: c1
            CSeq: 1 OPTIONS
            Content-Length: 0

            """)
        #expect(try bench.call("msg_vbflag_parse", in: reply) == 1)
        #expect(try bench.call("msg_vbflag_is_set", "3", in: reply) == 1)
        #expect(try bench.call("msg_vbflag_is_set", "4", in: reply) == -1)
    }

    @Test func `fields of an xavp become parameters of the top Via of a reply`() throws {
        let bench = ModuleBench()
        bench.settings.xavpViaReplyParams = "via"
        try bench.load(Corex.self)
        let route = try bench.receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
        var fields = NamedStacks()
        fields.push("x", .int(7))
        route.attributes.xavp.push("via", .fields(fields))
        #expect(try bench.call("via_reply_add_xavp_params", "1", in: route) == 1)
        let reply = ByteBuffer(capacity: 256)
        reply.append("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1\r\n")
        reply.append("From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n")
        route.completeReplyVia(in: reply)
        #expect(ByteString(reply.span).string.contains("Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1;x=7\r\n"))
    }
}
