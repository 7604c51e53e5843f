import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import textops

@Suite("textops: bodies of several parts")
struct PartTests {
    static let parts = """
        INVITE sip:b@example.com SIP/2.0
        Via: SIP/2.0/UDP h;branch=z9hG4bK1
        CSeq: 1 INVITE
        MIME-Version: 1.0
        Content-Type: multipart/mixed;boundary=bnd1
        Content-Length: 220

        --bnd1
        Content-Type: application/sdp

        v=0
        o=a
        --bnd1
        Content-Type: text/plain
        Content-Disposition: render

        hello text
        second

        --bnd1
        c: application/x-foo; a=b

        foo
        --bnd1--

        """
    static let single = """
        INVITE sip:b@example.com SIP/2.0
        Via: SIP/2.0/UDP h;branch=z9hG4bK1
        CSeq: 1 INVITE
        Content-Type: text/plain
        Content-Length: 7

        hello

        """
    static let empty = "INVITE sip:b@example.com SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 INVITE\n"

    static func bench(_ text: String) throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(TextOps.self)
        return (bench, try bench.receive(text))
    }

    /// The code, and the message from Content-Type on as it would be sent, with plain line ends.
    static func result(_ text: String, _ name: String, _ arguments: String...) throws -> (Int, String) {
        let (bench, route) = try Self.bench(text)
        let code: Int
        switch arguments.count {
        case 0: code = try bench.call(name, in: route)
        case 1: code = try bench.call(name, arguments[0], in: route)
        case 2: code = try bench.call(name, arguments[0], arguments[1], in: route)
        default: code = try bench.call(name, arguments[0], arguments[1], arguments[2], in: route)
        }
        return (code, Self.sent(route))
    }

    static func sent(_ route: RouteContext) -> String {
        let out = ByteBuffer()
        MessageWriter.write(route.message, route.edits, into: out)
        let text = ByteString(out.span).string.replacingCRLF
        guard let start = text.firstRange(of: "CSeq: 1 INVITE\n") else { return text }
        return String(text[start.upperBound...])
    }

    static func read(_ text: String, _ name: String, _ type: String) throws -> String? {
        let (bench, route) = try Self.bench(text)
        guard try bench.call(name, type, "$avp(x)", in: route) == 1 else { return nil }
        return route.text(route.attributes.value(.text("x"))).string
    }

    @Test(arguments: [
        ("application/sdp", "v=0\r\no=a"), ("TEXT/plain", "hello text\r\nsecond\r\n"), ("application/x-foo", "foo"),
        ("text", nil), ("no/such", nil), ("", nil),
    ])
    func `a part is found by its type`(type: String, expected: String?) throws {
        #expect(try Self.read(Self.parts, "get_body_part", type) == expected)
    }

    @Test func `the raw part has its header fields`() throws {
        #expect(
            try Self.read(Self.parts, "get_body_part_raw", "text/plain")
                == "Content-Type: text/plain\r\nContent-Disposition: render\r\n\r\nhello text\r\nsecond\r\n")
        #expect(try Self.read(Self.parts, "get_body_part_raw", "no/such") == nil)
    }

    @Test func `a body that is no list of parts counts as one`() throws {
        #expect(try Self.read(Self.single, "get_body_part", "text/plain") == "hello\r\n")
        #expect(try Self.read(Self.single, "get_body_part", "text/html") == nil)
        #expect(try Self.read(Self.empty, "get_body_part", "text/plain") == nil)
    }

    @Test func `a part is removed with its delimiter`() throws {
        let (code, text) = try Self.result(Self.parts, "remove_body_part", "text/plain")
        #expect(code == 1)
        #expect(
            text == """
                MIME-Version: 1.0
                Content-Type: multipart/mixed;boundary=bnd1
                Content-Length: 103

                --bnd1
                Content-Type: application/sdp

                v=0
                o=a
                --bnd1
                c: application/x-foo; a=b

                foo
                --bnd1--

                """)
        #expect(try Self.result(Self.parts, "remove_body_part", "no/such").0 == -1)
        #expect(try Self.result(Self.single, "remove_body_part", "text/plain").0 == -1)
    }

    @Test func `filtering leaves the content of one part`() throws {
        let (code, text) = try Self.result(Self.parts, "filter_body", "application/sdp")
        #expect(code == 1)
        #expect(text.hasSuffix("\n\nv=0\no=a"))
        #expect(try Self.result(Self.parts, "filter_body", "no/such").0 == -1)
        #expect(try Self.result(Self.single, "filter_body", "text/plain").0 == -1)
        #expect(try Self.result(Self.empty, "filter_body", "text/plain").0 == -1)
    }

    @Test func `a new part comes before the closing delimiter`() throws {
        let (code, text) = try Self.result(Self.parts, "append_body_part", "new part", "text/x", "signal")
        #expect(code == 1)
        #expect(
            text.hasSuffix(
                "foo\n--bnd1\nContent-Type: text/x\nContent-Disposition: signal\n\nnew part\n--bnd1--\n"))
        #expect(try Self.result(Self.parts, "append_body_part_hex", "6162", "text/x").1.contains("\n\nab\n--bnd1--\n"))
        #expect(try Self.result(Self.parts, "append_body_part_hex", "6g", "text/x").0 == -1)
        #expect(try Self.result(Self.parts, "append_body_part", "", "text/x").0 == -1)
        #expect(try Self.result(Self.parts, "append_body_part", "x", "").0 == -1)
        #expect(try Self.result(Self.single, "append_body_part", "x", "text/x").0 == -1)
    }

    @Test(arguments: ["--bnd1\n", "--bnd1", ""])
    func `a closing delimiter that is missing is added`(end: String) throws {
        let open = Self.parts.replacingLast("--bnd1--\n", with: end)
        let (code, text) = try Self.result(open, "append_body_part", "new", "text/x")
        #expect(code == 1)
        #expect(text.hasSuffix("foo\n--bnd1\nContent-Type: text/x\n\nnew\n--bnd1--\n") || end.isEmpty)
        #expect(text.hasSuffix("foo\n\n--bnd1\nContent-Type: text/x\n\nnew\n--bnd1--\n") || !end.isEmpty)
    }

    @Test func `a body becomes one of several parts`() throws {
        let (code, text) = try Self.result(Self.single, "set_body_multipart")
        #expect(code == 1)
        #expect(
            text == """
                Content-Length: 81
                Content-Type: multipart/mixed;boundary="unique-boundary-1"
                Mime-Version: 1.0

                --unique-boundary-1
                Content-Type: text/plain

                hello

                --unique-boundary-1--

                """)
        #expect(try Self.result(Self.single, "set_body_multipart", "b2").1.hasSuffix("\n--b2--\n"))
        let given = try Self.result(Self.single, "set_body_multipart", "txt", "text/x", "bb")
        #expect(given.0 == 1)
        #expect(given.1.hasSuffix("\n\n--bb\nContent-Type: text/x\n\ntxt\n--bb--\n"))
        #expect(try Self.result(Self.empty, "set_body_multipart", "txt", "text/x").0 == 1)
        #expect(try Self.result(Self.empty, "set_body_multipart").0 == -1)
        #expect(try Self.result(Self.single, "set_body_multipart", "", "text/x").0 == -1)
        let known = try Self.result(Self.parts, "set_body_multipart")
        #expect(known.0 == 1)
        #expect(known.1.contains("boundary=bnd1"))
    }

    @Test(arguments: [
        "multipart/mixed", "multipart/mixed;boundary=", "multipart/mixed;boundary=\"\"",
        "multipart/mixed;boundary=other",
        "multi", "multipart/mixed;boundary=\"bnd1",
    ])
    func `what names no boundary has no parts`(type: String) throws {
        let text = Self.parts.replacingLast("multipart/mixed;boundary=bnd1", with: type)
        #expect(try Self.read(text, "get_body_part", "application/sdp") == nil)
        #expect(try Self.result(text, "filter_body", "application/sdp").0 == -1)
    }

    @Test(arguments: ["--bnd1", "--bnd1--", "--bnd1\n--bnd1\n--bnd1--", "--bnd1\n\n", "--bnd1\nContent-Type", "x"])
    func `odd bodies are read to their end`(body: String) throws {
        let text = "INVITE sip:b@e SIP/2.0\nVia: SIP/2.0/UDP h\nContent-Type: multipart/mixed;boundary=bnd1\n\n\(body)"
        let (bench, route) = try Self.bench(text)
        #expect(try bench.call("remove_body_part", "text/plain", in: route) == -1)
        #expect(try bench.call("append_body_part", "a", "text/plain", in: route) == 1)
        #expect(Self.sent(route).hasSuffix("--bnd1--\n") || body.contains("--bnd1--"))
    }
}

extension String {
    /// The text with the last `part` of it exchanged.
    fileprivate func replacingLast(_ part: String, with other: String) -> String {
        guard let range = self.ranges(of: part).last else { return self }
        return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
