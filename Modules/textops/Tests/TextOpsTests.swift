import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import textops

@Suite("textops")
struct TextOpsTests {
    static let invite = """
        INVITE sip:bob@example.com SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:25002;branch=z9hG4bK1;rport
        From: "Alice" <sip:alice@atlanta.com>;tag=ft1
        To: <sip:bob@biloxi.com>
        i: c1@h
        CSeq: 7 INVITE
        X-A: one
        X-A: two
        x-b: b1
        Supported: path, gruu
        Privacy: id;header
        Content-Type: text/plain
        Content-Length: 13

        hello world

        """

    static func route(_ text: String = invite) throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(TextOps.self)
        return (bench, try bench.receive(text))
    }

    /// The message as it would leave, line by line.
    static func lines(_ route: RouteContext) -> [String] {
        let buffer = ByteBuffer()
        MessageWriter.write(route.message, route.edits, into: buffer)
        return ByteString(buffer.span).string.replacingCRLF.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    @Test(arguments: [
        ("INVITE", 1), ("ACK|INVITE", 1), ("ACK | INVITE", 1), ("ACK|BYE", -1), ("invite", 1), ("FOO", -1),
        ("OPTIONS", -1),
    ])
    func `methods in a list`(_ methods: String, _ expected: Int) throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("is_method", methods, in: route) == expected)
    }

    @Test func `a method without a number is compared as text, and stands alone`() throws {
        let (bench, route) = try Self.route("FOO sip:b@c SIP/2.0\nVia: SIP/2.0/UDP h\nCSeq: 1 FOO\n")
        #expect(try bench.call("is_method", "FOO", in: route) == 1)
        #expect(try bench.call("is_method", "BAR", in: route) == -1)
        #expect(throws: ArgumentError.self) { try bench.call("is_method", "INVITE|FOO", in: route) }
        #expect(throws: ArgumentError.self) { try bench.call("is_method", "", in: route) }
    }

    @Test func `of a reply the method in CSeq counts`() throws {
        let (bench, route) = try Self.route("SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\nCSeq: 1 BYE\n")
        #expect(try bench.call("is_method", "BYE", in: route) == 1)
    }

    @Test func `header fields are added where they are wanted`() throws {
        let (bench, route) = try Self.route()
        for (function, text, anchor) in [
            ("append_hf", "P-End: x\r\n", nil), ("append_hf", "P-After: x\r\n", "Call-ID"),
            ("append_hf", "P-End2: x\r\n", "None"),
            ("insert_hf", "P-First: x\r\n", nil), ("insert_hf", "P-Before: x\r\n", "Call-ID"),
            ("insert_hf", "P-First2: x\r\n", "None"),
        ] as [(String, String, String?)] {
            if let anchor {
                #expect(try bench.call(function, text, anchor, in: route) == 1)
            } else {
                #expect(try bench.call(function, text, in: route) == 1)
            }
        }
        #expect(try bench.call("append_urihf", "P-URI: ", "\r\n", in: route) == 1)
        let lines = Self.lines(route)
        #expect(
            Array(lines[1...3]) == [
                "P-First: x", "P-First2: x", "Via: SIP/2.0/UDP 127.0.0.1:25002;branch=z9hG4bK1;rport",
            ])
        #expect(Array(lines[6...8]) == ["P-Before: x", "i: c1@h", "P-After: x"])
        #expect(Array(lines[17...20]) == ["P-End: x", "P-End2: x", "P-URI: sip:bob@example.com", ""])
    }

    @Test func `all fields with a name go, and reading still shows them`() throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("remove_hf", "x-a", in: route) == 1)
        #expect(try bench.call("remove_hf", "X-None", in: route) == -1)
        #expect(try bench.call("is_present_hf", "X-A", in: route) == 1)
        #expect(!Self.lines(route).contains { $0.hasPrefix("X-A") })
        let count = route.edits.count
        #expect(try bench.call("remove_hf", "X-A", in: route) == 1)
        #expect(route.edits.count == count)
    }

    @Test(arguments: [
        ("remove_hf_re", ["^x-"], ["X-A: one", "X-A: two", "x-b: b1"]),
        ("remove_hf_exp", ["^x-", "^x-b"], ["X-A: one", "X-A: two"]),
        ("remove_hf_idx", ["X-A", "-1"], ["X-A: two"]), ("remove_hf_idx", ["X-A", "0"], ["X-A: one"]),
        ("remove_hf_match", ["X-A", "eq", "two"], ["X-A: two"]), ("remove_hf_match", ["X-A", "in", "n"], ["X-A: one"]),
        ("remove_hf_match", ["X-A", "re", "^t"], ["X-A: two"]),
        ("remove_hf_match", ["X-A", "ne", "two"], ["X-A: one"]),
        ("remove_hf", ["Call-ID"], ["i: c1@h"]),
    ])
    func `fields go by expression, number and value`(_ function: String, _ arguments: [String], _ gone: [String]) throws
    {
        let (bench, route) = try Self.route()
        let before = Self.lines(route)
        let code =
            switch arguments.count {
            case 1: try bench.call(function, arguments[0], in: route)
            case 2: try bench.call(function, arguments[0], arguments[1], in: route)
            default: try bench.call(function, arguments[0], arguments[1], arguments[2], in: route)
            }
        #expect(code == 1)
        let after = Self.lines(route)
        #expect(before.filter { !after.contains($0) } == gone)
    }

    @Test(arguments: [
        ("search", "^x-b", 1), ("search", "X-A:.*two", 1), ("search", "one.*two", -1), ("search_body", "HELLO", 1),
        ("search_body", "INVITE", -1), ("is_present_hf_re", "^supp", 1), ("is_present_hf_re", "^Z", -1),
    ])
    func `expressions ignore case and look at lines`(_ function: String, _ pattern: String, _ expected: Int) throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call(function, pattern, in: route) == expected)
    }

    @Test(arguments: [("a", 1), ("f", -1), ("l", 1)])
    func `one of several fields can be searched`(_ which: String, _ expected: Int) throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("search_hf", "X-A", "two", which, in: route) == expected)
    }

    @Test func `a body that grows takes Content-Length along`() throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("replace_body", "world", "WORLD!!", in: route) == 1)
        #expect(Self.lines(route).contains("hello WORLD!!"))
        #expect(Self.lines(route).contains("Content-Length: 15"))
    }

    @Test func `replacing works on all matches, the first, and plain texts`() throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("replace_all", "o", "0", in: route) == 1)
        #expect(Self.lines(route).contains("hell0 w0rld"))
        route.edits.removeAll()
        #expect(try bench.call("replace", "c1@h", "c2@h", in: route) == 1)
        #expect(Self.lines(route).contains("i: c2@h"))
        route.edits.removeAll()
        #expect(try bench.call("replace_body_str", "l", "L", "a", in: route) == 1)
        #expect(Self.lines(route).contains("heLLo worLd"))
        route.edits.removeAll()
        #expect(try bench.call("replace_body_str", "l", "L", "f", in: route) == 1)
        #expect(Self.lines(route).contains("heLlo world"))
        #expect(try bench.call("replace_body_str", "zz", "L", "f", in: route) == -1)
        #expect(try bench.call("search_append", "Supported: path", ", extra", in: route) == 1)
        #expect(Self.lines(route).contains("Supported: path, extra, gruu"))
    }

    @Test func `body and type are set together`() throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("set_body", "v=0", "application/sdp", in: route) == 1)
        #expect(Self.lines(route).suffix(4) == ["Content-Length: 3", "Content-Type: application/sdp", "", "v=0"])
        #expect(try bench.call("set_reply_body", "busy", "text/plain", in: route) == 1)
        let body = route.replyBody
        #expect(body.count == 4)
        #expect(route.replyBodyType == "text/plain")
    }

    @Test(arguments: [
        ("m=audio 1 RTP/AVP 0\n", -1), ("m=audio 1 RTP/AVP 0\na=sendrecv\n", -1),
        ("m=audio 1 RTP/AVP 0\na=sendonly\n", 2),
        ("a=inactive\nm=audio 1 RTP/AVP 0\n", 2), ("m=audio 1 RTP/AVP 0\nc=IN IP4 0.0.0.0\n", 1),
        ("c=IN IP4 0.0.0.0\nm=audio 1 RTP/AVP 0\nc=IN IP4 1.2.3.4\n", -1), ("m=video 1 RTP/AVP 31\na=inactive\n", -1),
        ("m=audio 1 RTP/AVP 0\nm=audio 2 RTP/AVP 0\na=inactive", 2), ("", -1), ("m", -1),
    ])
    func `audio on hold`(_ description: String, _ expected: Int) throws {
        let (bench, route) = try Self.route(
            Self.invite.replacing(
                "Content-Length: 13", with: "Content-Length: \(description.replacing("\n", with: "\r\n").utf8.count)"
            )
            .replacing("hello world\n", with: description))
        #expect(try bench.call("is_audio_on_hold", in: route) == expected)
    }

    @Test func `a body needs a text and a type`() throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("set_body", "", "text/plain", in: route) == -1)
        #expect(try bench.call("set_body", "text", "", in: route) == -1)
        #expect(try bench.call("set_reply_body", "", "text/plain", in: route) == -1)
    }

    @Test(arguments: [
        ("cmp_str", "a", "A", -1), ("cmp_istr", "a", "A", 1), ("starts_with", "abc", "ab", 1),
        ("starts_with", "", "ab", -1),
        ("starts_with", "abc", "", 1), ("starts_with_i", "abc", "AB", 1), ("starts_with_i", "a", "ab", -1),
        ("ends_with", "abc", "bc", 1),
        ("ends_with", "bc", "abc", -1), ("str_find", "abc", "b", 2), ("str_find", "abc", "x", -1),
        ("str_ifind", "aBc", "b", 2),
        ("str_any_in", "abc", "xc", 1), ("str_all_in", "abc", "abcd", 1), ("str_all_in", "abx", "abcd", -1),
        ("glob", "4930", "49*", 1),
        ("search_str", "abc", "B", 1),
    ])
    func `texts are compared`(_ function: String, _ one: String, _ two: String, _ expected: Int) throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call(function, one, two, in: route) == expected)
    }

    @Test(arguments: [
        ("in_list", "a", "b,a , c", 1), ("in_list", "a", "ab,c", -1), ("in_list_prefix", "abc", "x,ab", 1),
        ("in_list_prefix", "abc", "abcd", -1),
    ])
    func `members of lists`(_ function: String, _ text: String, _ list: String, _ expected: Int) throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call(function, text, list, ",", in: route) == expected)
    }

    @Test func `kinds of privacy, groups of expressions, parameters of Via`() throws {
        let (bench, route) = try Self.route()
        #expect(try bench.call("is_privacy", "header", in: route) == 1)
        #expect(try bench.call("is_privacy", "user", in: route) == -1)
        #expect(try bench.call("regex_substring", "abc123def", "([a-z]+)([0-9]+)", "2", "3", "$avp(r)", in: route) == 1)
        #expect(route.text(route.attributes.value(.text("r"))) == "123")
        #expect(try bench.call("via_param_rm", "rport", "1", in: route) == 1)
        #expect(Self.lines(route)[1] == "Via: SIP/2.0/UDP 127.0.0.1:25002;branch=z9hG4bK1")
    }

    @Test func `Date is written in GMT`() {
        #expect(DateHeader.line(seconds: 1_289_690_940) == "Date: Sat, 13 Nov 2010 23:29:00 GMT\r\n")
    }
}

@Suite("textops: /expression/replacement/flags")
struct SubstitutionTests {
    static func apply(_ substitution: String, _ text: String) throws -> String? {
        let (bench, route) = try TextOpsTests.route()
        let made = try Substitution(ByteString(substitution), bench.compiler)
        let bytes = ByteString(text)
        return made.apply(to: bytes.span, in: route)?.string
    }

    @Test(arguments: [
        ("/b(.)d/<\\1>/g", "abcdef", "a<c>ef"), ("/a/X/", "aaa", "Xaa"), ("/a/X/g", "aaa", "XXX"),
        ("/A/X/", "aaa", nil),
        ("/A/X/ig", "aaa", "XXX"), ("#a/b#c\\#d#", "a/b", "c#d"), ("/a/[\\0]/", "a", "[a]"), ("/x*/-/g", "ab", "-a-b-"),
        ("/a.b/X/", "a\nb", nil), ("/a.b/X/s", "a\nb", "X"), ("/^b/X/", "a\nb", "a\nX"), ("/a/x\\ny/", "a", "x\ny"),
        ("/(a)|(b)/<\\2>/g", "ab", "<><b>"),
    ])
    func `replaces`(_ substitution: String, _ text: String, _ expected: String?) throws {
        #expect(try Self.apply(substitution, text) == expected)
    }

    @Test(arguments: ["", "/a/b", "/a", "/(/b/", "/a/b/x", "abc"])
    func `what is none is refused when the script is loaded`(_ text: String) {
        #expect(throws: ArgumentError.self) { try Self.apply(text, "a") }
    }

    @Test func `works on the Request-URI, its user, header fields and variables`() throws {
        let (bench, route) = try TextOpsTests.route()
        #expect(try bench.call("subst_user", "/b/X/", in: route) == 1)
        #expect(route.text(route.requestURI) == "sip:Xob@example.com")
        #expect(try bench.call("subst_uri", "/sip:(.*)@(.*)/sip:\\2@\\1/i", in: route) == 1)
        #expect(route.text(route.requestURI) == "sip:example.com@Xob")
        #expect(try bench.call("subst_uri", "/nomatch/x/", in: route) == -1)
        #expect(try bench.call("subst_v", "abcabc", "/b/X/g", "$avp(r)", in: route) == 1)
        #expect(route.text(route.attributes.value(.text("r"))) == "aXcaXc")
        #expect(try bench.call("subst_hf", "X-A", "/o/0/g", "l", in: route) == 1)
        #expect(TextOpsTests.lines(route).filter { $0.hasPrefix("X-A") } == ["X-A: one", "X-A: tw0"])
    }
}
