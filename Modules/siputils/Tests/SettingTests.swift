import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import siputils

@Suite("siputils: settings, kinds of message, URIs in variables")
struct SettingTests {
    private func bench(_ parameters: [(String, ParameterValue)], _ first: String) throws -> (ModuleBench, RouteContext)
    {
        let bench = ModuleBench()
        try bench.load(PseudoVariables.self)
        try bench.load(SIPUtils.self, parameters)
        let route = try bench.receive(
            "\(first)\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:b@c>\n"
                + "Call-ID: c1\nCSeq: 1 OPTIONS\n")
        return (bench, route)
    }

    @Test func `the answer to OPTIONS says what the parameters say`() throws {
        let (bench, route) = try self.bench(
            [
                ("options_accept", .text("application/own")), ("options_accept_encoding", .text("own-coding")),
                ("options_accept_language", .text("de")), ("options_support", .text("path")),
            ], "OPTIONS sip:127.0.0.1 SIP/2.0")
        #expect(try bench.call("options_reply", in: route) == 1)
        let reply = try #require(bench.sent.first)
        for line in [
            "Accept: application/own", "Accept-Encoding: own-coding", "Accept-Language: de", "Supported: path",
        ] {
            #expect(reply.contains(line + "\n"), "\(line)")
        }
    }

    @Test func `e164_max_len is the longest number, its plus included`() throws {
        let (bench, route) = try self.bench([("e164_max_len", .int(6))], "OPTIONS sip:127.0.0.1 SIP/2.0")
        #expect(try bench.call("is_e164", "+12345", in: route) == 1)
        #expect(try bench.call("is_e164", "+123456", in: route) == -1)
    }

    @Test func `a message is a request or a reply, and SIP`() throws {
        let (bench, request) = try self.bench([], "OPTIONS sip:127.0.0.1 SIP/2.0")
        let reply = try bench.receive(
            "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:b@c>\n"
                + "Call-ID: c1\nCSeq: 1 OPTIONS\n")
        for (name, ofRequest, ofReply) in [
            ("is_request", 1, -1), ("is_reply", -1, 1), ("is_sip", 1, 1), ("is_http", -1, -1),
            ("sip_parse_headers", 1, 1),
        ] {
            #expect(try bench.call(name, in: request) == ofRequest, "\(name)")
            #expect(try bench.call(name, in: reply) == ofReply, "\(name)")
        }
    }

    @Test(arguments: [
        ("set_uri_user", "sip:a@b:5070;x=1", "new", 1, "sip:new@b:5070;x=1"),
        ("set_uri_user", "sip:b:5070", "new", 1, "sip:new@b:5070"),
        ("set_uri_host", "sip:a@b:5070;x=1", "c.example", 1, "sip:a@c.example:5070;x=1"),
        ("set_uri_user", "junk", "new", -1, "junk"),
    ])
    func `a URI in a variable gets another user or host`(
        _ name: String, _ uri: String, _ part: String, _ code: Int, _ result: String
    ) throws {
        let (bench, route) = try self.bench([], "OPTIONS sip:127.0.0.1 SIP/2.0")
        let variable = try bench.compiler.variable("$var(uri)")
        #expect(variable.write(.bytes(ByteString(uri)), in: route))
        #expect(try bench.call(name, "$var(uri)", part, in: route) == code)
        #expect(route.text(variable.read(in: route)).string == result)
    }
}
