import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import textopsx

@Suite("textopsx")
struct TextOpsXTests {
    static let invite = """
        INVITE sip:bob@example.com SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:25002;branch=z9hG4bK1
        From: <sip:alice@atlanta.com>;tag=ft1
        To: <sip:bob@biloxi.com>
        Call-ID: c1@h
        CSeq: 7 INVITE
        X-A: one
        X-B: two
        Content-Type: text/plain
        Content-Length: 10

        one
        two

        """

    static func route(_ text: String = invite) throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(TextOpsX.self)
        return (bench, try bench.receive(text))
    }

    static func text(_ route: RouteContext) -> String {
        let buffer = ByteBuffer()
        MessageWriter.write(route.message, route.edits, into: buffer)
        return ByteString(buffer.span).string.replacingCRLF
    }

    @Test func `changes become what was received`() throws {
        let (bench, route) = try Self.route()
        route.edits.appendHeader(ByteString("X-New: 1\r\n"), route.message)
        route.setRequestURI("sip:zz@yy")
        #expect(!route.message.has(.userAgent))
        #expect(try bench.call("msg_apply_changes", in: route) == 1)
        #expect(route.edits.isEmpty)
        #expect(route.target.uri == nil)
        #expect(route.copy(route.message.requestURI) == "sip:zz@yy")
        #expect(route.withRequestURI { _, uri in uri?.user.length } == 2)
        let name = ByteString("x-new")
        #expect(route.message.first(named: name.span) >= 0)
        #expect(Self.text(route).contains("INVITE sip:zz@yy SIP/2.0\n"))
    }

    @Test func `changes that make no message are kept back`() throws {
        let (bench, route) = try Self.route()
        route.edits.appendHeader(ByteString("no header\r\n"), route.message)
        #expect(try bench.call("msg_apply_changes", in: route) == -1)
        #expect(route.copy(route.message.callID) == "c1@h")
        #expect(route.edits.count == 1)
    }

    @Test func `a transaction keeps its request`() throws {
        let (bench, route) = try Self.route()
        route.transaction = 1
        route.edits.appendHeader(ByteString("X-New: 1\r\n"), route.message)
        #expect(try bench.call("msg_apply_changes", in: route) == -1)
    }

    @Test func `another message takes the place of the first`() throws {
        let (bench, route) = try Self.route()
        let other = Self.invite.replacing("c1@h", with: "c2@h").replacing("\n", with: "\r\n")
        #expect(try bench.call("msg_set_buffer", other, in: route) == 1)
        #expect(route.copy(route.message.callID) == "c2@h")
        #expect(try bench.call("msg_set_buffer", "junk", in: route) == -1)
        #expect(route.copy(route.message.callID) == "c2@h")
    }

    @Test func `header fields are walked, removed and added`() throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("hf_iterator_next", "h", in: route) == -1)
        #expect(try bench.call("hf_iterator_start", "h", in: route) == 1)
        var names: [String] = []
        while try bench.call("hf_iterator_next", "h", in: route) == 1 {
            let name = route.text(try bench.read("hfitname", "h", in: route)).string
            names.append(name)
            if name == "X-A" { #expect(try bench.call("hf_iterator_rm", "h", in: route) == 1) }
            if name == "X-B" {
                #expect(route.text(try bench.read("hfitbody", "h", in: route)) == "two")
                #expect(try bench.call("hf_iterator_append", "h", "X-C: 3\r\n", in: route) == 1)
                #expect(try bench.call("hf_iterator_insert", "h", "X-0: 0\r\n", in: route) == 1)
            }
        }
        #expect(names == ["Via", "From", "To", "Call-ID", "CSeq", "X-A", "X-B", "Content-Type", "Content-Length"])
        #expect(Self.text(route).contains("CSeq: 7 INVITE\nX-0: 0\nX-B: two\nX-C: 3\n"))
        #expect(try bench.call("hf_iterator_prev", "h", in: route) == 1)
        #expect(route.text(try bench.read("hfitname", "h", in: route)) == "Content-Type")
    }

    @Test func `body lines are walked, removed and added`() throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("bl_iterator_start", "b", in: route) == 1)
        #expect(try bench.call("bl_iterator_next", "b", in: route) == 1)
        #expect(route.text(try bench.read("blitval", "b", in: route)) == "one\r\n")
        #expect(try bench.call("bl_iterator_append", "b", "more\r\n", in: route) == 1)
        #expect(try bench.call("bl_iterator_next", "b", in: route) == 1)
        #expect(try bench.call("bl_iterator_rm", "b", in: route) == 1)
        #expect(try bench.call("bl_iterator_next", "b", in: route) == -1)
        #expect(Self.text(route).hasSuffix("Content-Length: 11\n\none\nmore\n"))
    }

    @Test func `only wanted header fields stay`() throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("keep_hf", "^x-b$", in: route) == 1)
        #expect(!Self.text(route).contains("X-A"))
        #expect(Self.text(route).contains("X-B: two\nContent-Type"))
    }

    @Test func `the body goes with its type`() throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("remove_body", in: route) == 1)
        #expect(Self.text(route).hasSuffix("X-B: two\nContent-Length: 0\n\n"))
    }

    @Test(arguments: [
        (486, 480, true), (486, 603, true), (486, 200, false), (180, 183, true), (180, 200, false), (200, 202, true),
        (486, 99, false),
    ])
    func `a reply changes its code within its class`(_ from: Int, _ to: Int, _ isAllowed: Bool) throws {
        let (bench, route) = try Self.route("SIP/2.0 \(from) Busy Here\nVia: SIP/2.0/UDP h\nCSeq: 1 INVITE\n")
        #expect(try bench.call("change_reply_status", "\(to)", "Other", in: route) == (isAllowed ? 1 : -1))
        #expect(Self.text(route).hasPrefix(isAllowed ? "SIP/2.0 \(to) Other\n" : "SIP/2.0 \(from) Busy Here\n"))
    }

    @Test(arguments: [
        ("4930", "49*", true), ("4930", "4?30", true), ("4930", "48*", false), ("abc", "[a-c]bc", true),
        ("abc", "[!a]bc", false),
        ("a*c", "a\\*c", true), ("abc", "a\\*c", false), ("", "*", true), ("", "?", false), ("aXbXc", "a*X*c", true),
        ("[", "[", true),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*c", false),
    ])
    func `shell patterns`(_ text: String, _ pattern: String, _ expected: Bool) {
        #expect(ShellPattern(ByteString(pattern)).matches(ByteString(text)) == expected)
    }
}
