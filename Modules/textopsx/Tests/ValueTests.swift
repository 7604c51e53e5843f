import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import textopsx

/// What Kamailio 5.6.3 makes of the same header fields.
@Suite("textopsx: single values of header fields")
struct ValueTests {
    static let message = """
        INVITE sip:b@example.com SIP/2.0
        Via: SIP/2.0/UDP h;branch=z9hG4bK1
        CSeq: 1 INVITE
        X-T: a;p=1;q="two", b;p=2
        X-T: c
        X-V: one, two , three
        Supported: path,gruu
        Allow: INVITE
        Allow: ACK, BYE
        Authorization: Digest username="u", realm="r", nonce=n, uri="sip:x,y"
        X-E: \u{20}
        """

    static func bench() throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(TextOpsX.self)
        return (bench, try bench.receive(Self.message))
    }

    /// The code, and the header fields that begin like `prefix` as they would be sent.
    static func result(_ prefix: String, _ name: String, _ arguments: String...) throws -> String {
        let (bench, route) = try Self.bench()
        let code =
            arguments.count == 1
            ? try bench.call(name, arguments[0], in: route)
            : try bench.call(name, arguments[0], arguments[1], in: route)
        let out = ByteBuffer()
        MessageWriter.write(route.message, route.edits, into: out)
        let lines = ByteString(out.span).string.replacingCRLF.split(separator: "\n").filter { $0.hasPrefix(prefix) }
        let values = lines.map { line -> Substring in
            var value = line.dropFirst(prefix.count + 1)
            if value.first == " " { value = value.dropFirst() }
            while value.last == " " { value = value.dropLast() }
            return value
        }
        return "\(code) " + values.joined(separator: " | ")
    }

    static let first = #"a;p=1;q="two", b;p=2"#

    @Test(arguments: [
        ("X-T", "1 \(first) | c | new"), ("X-T[0]", "1 \(first) | c,new"),
        ("X-T[1]", #"1 a;p=1;q="two",new, b;p=2 | c"#), ("X-T[2]", "1 \(first),new | c"),
        ("X-T[3]", "1 \(first) | c,new"),
        ("X-T[-1]", "1 \(first) | c,new"), ("X-T[-2]", "1 \(first),new | c"), ("X-T[9]", "1 \(first) | c | new"),
        ("x-t", "1 \(first) | c"),
    ])
    func `appended`(place: String, expected: String) throws {
        #expect(try Self.result("X-T", "append_hf_value", place, "new") == expected)
    }

    @Test(arguments: [
        ("X-T", "1 new | \(first) | c"), ("X-T[0]", "1 new,\(first) | c"), ("X-T[1]", "1 new,\(first) | c"),
        ("X-T[2]", #"1 a;p=1;q="two",new, b;p=2 | c"#), ("X-T[9]", "-1 \(first) | c"),
        ("X-T[-1]", "1 \(first) | new,c"),
    ])
    func `inserted`(place: String, expected: String) throws {
        #expect(try Self.result("X-T", "insert_hf_value", place, "new") == expected)
    }

    @Test func `what is not there yet comes last`() throws {
        #expect(try Self.result("X-N", "append_hf_value", "X-N", "new") == "1 new")
        #expect(try Self.result("X-N", "insert_hf_value", "X-N", "new") == "1 new")
    }

    @Test(arguments: [
        ("X-T", "1  b;p=2 | c"), ("X-T[0]", "1  b;p=2 | c"), ("X-T[1]", "1  b;p=2 | c"),
        ("X-T[2]", #"1 a;p=1;q="two" | c"#), ("X-T[3]", "1 \(first)"), ("X-T[*]", "1 "),
        ("X-T.p", #"1 a;q="two", b;p=2 | c"#), ("X-T[0].q", "1 a;p=1, b;p=2 | c"), ("X-T[*].p", #"1 a;q="two", b | c"#),
        ("X-T[1].P", #"1 a;q="two", b;p=2 | c"#), ("X-T[0].no", "-1 \(first) | c"), ("X-T[9]", "-1 \(first) | c"),
        ("X-N", "-1 \(first) | c"), ("X-N[*]", "-1 \(first) | c"),
    ])
    func `removed`(place: String, expected: String) throws {
        #expect(try Self.result("X-T", "remove_hf_value", place) == expected)
    }

    @Test(arguments: [
        ("X-T", "1 new, b;p=2 | c"), ("X-T[1]", "1 new, b;p=2 | c"), ("X-T[3]", "1 \(first) | new"),
        ("X-T.p", #"1 a;p=new;q="two", b;p=2 | c"#), ("X-T[0].q", "1 a;p=1;q=new, b;p=2 | c"),
        ("X-T[0].z", #"1 a;p=1;q="two";z=new, b;p=2 | c"#), ("X-T[*].p", #"1 a;p=new;q="two", b;p=new | c;p=new"#),
        ("X-N", "-1 \(first) | c"), ("X-N.p", "-1 \(first) | c"), ("X-T[9].p", "-1 \(first) | c"),
    ])
    func `assigned`(place: String, expected: String) throws {
        #expect(try Self.result("X-T", "assign_hf_value", place, "new") == expected)
    }

    @Test func `an empty value makes a parameter without one`() throws {
        #expect(try Self.result("X-T", "assign_hf_value", "X-T.p", "") == #"1 a;p;q="two", b;p=2 | c"#)
        #expect(try Self.result("X-T", "assign_hf_value", "X-T[3].z", "") == "1 \(Self.first) | c;z")
    }

    @Test(arguments: [
        (
            "username", #"Digest realm="r", nonce=n, uri="sip:x,y""#,
            #"Digest username=new, realm="r", nonce=n, uri="sip:x,y""#
        ),
        (
            "realm", #"Digest username="u", nonce=n, uri="sip:x,y""#,
            #"Digest username="u", realm=new, nonce=n, uri="sip:x,y""#
        ),
        ("URI", #"Digest username="u", realm="r", nonce=n"#, #"Digest username="u", realm="r", nonce=n, URI=new"#),
    ])
    func `parameters of credentials`(name: String, removed: String, assigned: String) throws {
        #expect(try Self.result("Authorization", "remove_hf_value2", "Authorization.\(name)") == "1 \(removed)")
        #expect(try Self.result("Authorization", "assign_hf_value2", "Authorization.\(name)", "new") == "1 \(assigned)")
    }

    @Test func `parameters that credentials lack`() throws {
        let whole = #"Digest username="u", realm="r", nonce=n, uri="sip:x,y""#
        #expect(try Self.result("Authorization", "remove_hf_value2", "Authorization.no") == "-1 \(whole)")
        #expect(try Self.result("Authorization", "assign_hf_value2", "Authorization.no", "1") == "1 \(whole),no=1")
        #expect(try Self.result("X-N", "assign_hf_value2", "X-N.no", "1") == "-1 ")
        #expect(try Self.result("X-N", "remove_hf_value2", "X-N.no") == "-1 ")
        #expect(try Self.result("X-E", "assign_hf_value2", "X-E.a", "1") == "1 a=1")
    }

    @Test func `sets of words`() throws {
        #expect(try Self.result("Supported", "include_hf_value", "Supported", "PATH") == "1 path,gruu")
        #expect(try Self.result("Supported", "include_hf_value", "Supported", "timer") == "1 path,gruu,timer")
        #expect(try Self.result("Allow", "include_hf_value", "Allow", "OPTIONS") == "1 INVITE,OPTIONS | ACK, BYE")
        #expect(try Self.result("X-N", "include_hf_value", "X-N", "new") == "1 new")
        #expect(try Self.result("X-E", "include_hf_value", "X-E", "new") == "1 new")
        #expect(try Self.result("Supported", "exclude_hf_value", "Supported", "path") == "1 gruu")
        #expect(try Self.result("Supported", "exclude_hf_value", "Supported", "no") == "1 path,gruu")
        #expect(try Self.result("Allow", "exclude_hf_value", "Allow", "BYE") == "1 INVITE | ACK")
        #expect(try Self.result("Allow", "exclude_hf_value", "Allow", "invite") == "1 ACK, BYE")
        #expect(try Self.result("X-V", "exclude_hf_value", "X-V", "two") == "1 one, three")
        #expect(try Self.result("X-V", "hf_value_exists", "X-V", "TWO").hasPrefix("1 "))
        #expect(try Self.result("X-V", "hf_value_exists", "X-V", "tw").hasPrefix("-1 "))
        #expect(try Self.result("X-T", "hf_value_exists", "X-T", "b").hasPrefix("-1 "))
        #expect(try Self.result("X-N", "hf_value_exists", "X-N", "b").hasPrefix("-1 "))
    }

    @Test(arguments: ["", "[1]", "X-T[", "X-T[a]", "X-T[1", "X-T.", "X-T[1]x", "X T.", "X-T[99999999999999999999]"])
    func `what is no place is refused`(text: String) {
        #expect(throws: ArgumentError.self) { try ValuePlace(ByteString(text)) }
    }

    @Test func `where a parameter makes no sense it is refused`() throws {
        #expect(throws: ArgumentError.self) { try Self.result("X-T", "append_hf_value", "X-T.p", "new") }
        #expect(throws: ArgumentError.self) { try Self.result("X-T", "insert_hf_value", "X-T[*]", "new") }
        #expect(throws: ArgumentError.self) { try Self.result("X-T", "assign_hf_value", "X-T[*]", "new") }
        #expect(throws: ArgumentError.self) { try Self.result("X-T", "remove_hf_value2", "X-T") }
    }
}

@Suite("textopsx: msg_changed_route")
struct ChangedRouteTests {
    static let request = """
        MESSAGE sip:b@example.com SIP/2.0
        Via: SIP/2.0/UDP h;branch=z9hG4bK1
        CSeq: 1 MESSAGE
        Subject: one
        Content-Type: text/plain
        Content-Length: 5

        hello
        """

    static func bench() throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(TextOpsX.self)
        bench.program.routes = ["CHANGED"]
        return (bench, try bench.receive(Self.request))
    }

    static func outcome(_ name: String, _ bench: ModuleBench, _ route: RouteContext) throws -> Outcome {
        let module = try bench.module(TextOpsX.self)
        let body = try #require(module.functions.first { $0.name == "msg_changed_route" }?.body)
        return body(route, Arguments([.constant(ByteString(name), nil)]))
    }

    @Test func `the route reads the changed message, what follows the old one`() throws {
        let (bench, route) = try Self.bench()
        route.setRequestURI("sip:new@example.com")
        #expect(try bench.call("remove_body", in: route) == 1)
        let edits = route.edits.count
        guard case .run(let call) = try Self.outcome("CHANGED", bench, route) else {
            Issue.record("no route is run")
            return
        }
        #expect(call.route == RouteID(index: 0))
        #expect(route.copy(route.message.requestURI) == "sip:new@example.com")
        #expect(route.message.body.count == 0)
        #expect(route.edits.isEmpty)
        #expect(try bench.call("append_hf_value", "X-Lost", "1", in: route) == 1)
        guard case .code(1) = call.then(route, RouteResult(code: 5)) else {
            Issue.record("the script does not go on")
            return
        }
        #expect(route.copy(route.message.requestURI) == "sip:b@example.com")
        #expect(route.copy(route.message.body) == "hello")
        #expect(route.target.uri == "sip:new@example.com")
        #expect(route.edits.count == edits)
    }

    @Test func `exit in the route ends the script`() throws {
        let (bench, route) = try Self.bench()
        guard case .run(let call) = try Self.outcome("CHANGED", bench, route),
            case .code(0) = call.then(route, RouteResult(code: 0, isStopped: true))
        else {
            Issue.record("the script goes on")
            return
        }
    }

    @Test func `a route that does not exist is not run`() throws {
        let (bench, route) = try Self.bench()
        guard case .code(-1) = try Self.outcome("NONE", bench, route) else {
            Issue.record("a route is run")
            return
        }
    }

    @Test func `changes that break the message run nothing`() throws {
        let (bench, route) = try Self.bench()
        route.edits.delete(ByteRange(0, 20))
        guard case .code(-1) = try Self.outcome("CHANGED", bench, route) else {
            Issue.record("a route is run")
            return
        }
        #expect(route.copy(route.message.requestURI) == "sip:b@example.com")
    }
}
