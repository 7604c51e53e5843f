import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import rr

@testable import path

@Suite("path: registrations remember the proxies they came through (RFC 3327)")
struct PathFieldsTests {
    static let register = """
        REGISTER sip:example.org SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bK1
        From: <sip:alice@example.org>;tag=a1
        To: <sip:alice@example.org>
        Call-ID: c1
        CSeq: 1 REGISTER
        Subject: last

        """

    static func bench(_ parameters: [(String, ParameterValue)] = []) throws -> ModuleBench {
        let bench = ModuleBench(sockets: ["udp:127.0.0.1:5060", "tcp:127.0.0.1:5060", "udp:[::1]:5060"])
        try bench.load(RecordRouting.self)
        try bench.load(PathFields.self, parameters)
        return bench
    }

    /// The Path fields that the request leaves with by that socket.
    static func paths(_ route: RouteContext, outgoing: ListenSocket) -> [String] {
        let mark = route.edits.mark()
        let top = ByteBuffer(capacity: 256)
        route.writeTopHeaders(outgoing: outgoing, into: top)
        let buffer = ByteBuffer(capacity: 1024)
        MessageWriter.write(route.message, route.edits, into: buffer)
        route.edits.rollback(to: mark)
        return ByteString(buffer.span).string.replacingCRLF.split(separator: "\n").map(String.init).filter {
            $0.hasPrefix("Path:")
        }
    }

    @Test(arguments: [
        ("add_path", [], "<sip:127.0.0.1:5060;lr>"), ("add_path", ["own"], "<sip:own@127.0.0.1:5060;lr>"),
        ("add_path", ["own", "x=y"], "<sip:own@127.0.0.1:5060;lr;x=y>"),
        ("add_path", ["", "x=y"], "<sip:127.0.0.1:5060;lr;x=y>"),
        ("add_path_received", [], "<sip:127.0.0.1:5060;lr;received=sip:192.0.2.7:5070>"),
        ("add_path_received", ["own", "x=y"], "<sip:own@127.0.0.1:5060;lr;received=sip:192.0.2.7:5070;x=y>"),
        ("add_path_advertised_address", ["edge.example"], "<sip:edge.example;lr>"),
        ("add_path_advertised_address", ["edge.example:5099", "own", "x=y"], "<sip:own@edge.example:5099;lr;x=y>"),
        (
            "add_path_received_advertised_address", ["edge.example", "own", "x=y"],
            "<sip:own@edge.example;lr;received=sip:192.0.2.7:5070;x=y>"
        ),
    ])
    func `a field names us`(_ name: String, _ arguments: [String], _ value: String) throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.register, from: "192.0.2.7:5070")
        guard case .code(1) = try bench.perform(name, arguments, in: route) else {
            Issue.record("\(name) failed")
            return
        }
        #expect(Self.paths(route, outgoing: bench.sockets[0]) == ["Path: \(value)"])
    }

    @Test func `the socket is the one that the request leaves by`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.register)
        _ = try bench.call("add_path", in: route)
        #expect(Self.paths(route, outgoing: bench.sockets[1]) == ["Path: <sip:127.0.0.1:5060;transport=tcp;lr>"])
        #expect(Self.paths(route, outgoing: bench.sockets[2]) == ["Path: <sip:[::1]:5060;lr>"])
        // Written twice, it is there once.
        #expect(Self.paths(route, outgoing: bench.sockets[2]).count == 1)
    }

    @Test func `fields stand before those of proxies nearer to the phone, in the order of the calls`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(
            Self.register.replacing("Subject: last", with: "Path: <sip:old;lr>\nSubject: last"))
        _ = try bench.call("add_path", "one", in: route)
        _ = try bench.call("add_path", "two", in: route)
        #expect(
            Self.paths(route, outgoing: bench.sockets[0]) == [
                "Path: <sip:one@127.0.0.1:5060;lr>", "Path: <sip:two@127.0.0.1:5060;lr>", "Path: <sip:old;lr>",
            ])
    }

    @Test func `enable_r2 writes both sockets, received_format 1 the short form`() throws {
        let bench = try Self.bench([
            ("enable_r2", .int(1)), ("received_format", .int(1)), ("received_name", .text("rcv")),
        ])
        let route = try bench.receive(Self.register, from: "192.0.2.7:5070", on: 1, connection: 7)
        _ = try bench.call("add_path_received", "own", in: route)
        #expect(
            Self.paths(route, outgoing: bench.sockets[0]) == [
                "Path: <sip:own@127.0.0.1:5060;lr;rcv=192.0.2.7~5070~2;r2=on>",
                "Path: <sip:own@127.0.0.1:5060;transport=tcp;lr;rcv=192.0.2.7~5070~2;r2=on>",
            ])
    }

    @Test(arguments: ["a b", "a>b", "a\r\nX: y"])
    func `what would break the field is refused`(_ user: String) throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.register)
        #expect(try bench.call("add_path", user, in: route) == -1)
        #expect(Self.paths(route, outgoing: bench.sockets[0]).isEmpty)
    }

    // MARK: The way back

    static func back(_ routes: String, tag: String = "") -> String {
        """
        MESSAGE sip:alice@192.0.2.99 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.8:5060;branch=z9hG4bK2
        Route: \(routes)
        From: <sip:bob@example.org>;tag=b1
        To: <sip:alice@example.org>\(tag)
        Call-ID: c2
        CSeq: 1 MESSAGE

        """
    }

    @Test(arguments: [
        ("<sip:127.0.0.1:5060;lr;received=sip:192.0.2.7:5070>", -3, "sip:192.0.2.7:5070"),
        ("<sip:127.0.0.1:5060;lr;received=sip:192.0.2.7:5070>, <sip:192.0.2.55;lr>", 1, "sip:192.0.2.7:5070"),
        ("<sip:127.0.0.1:5060;lr;received=192.0.2.7~5070~1>", -3, "sip:192.0.2.7:5070"),
        ("<sip:127.0.0.1:5060;lr;received=192.0.2.7~5070~2>", -3, "sip:192.0.2.7:5070;transport=tcp"),
        ("<sip:127.0.0.1:5060;lr;received=[2001:db8::7]~5070~1>", -3, "sip:[2001:db8::7]:5070"),
        (
            "<sip:127.0.0.1:5060;lr;received=sip:192.0.2.7:5070%3Btransport%3Dtcp>", -3,
            "sip:192.0.2.7:5070;transport=tcp"
        ),
        ("<sip:127.0.0.1:5060;lr;received=nonsense>", -3, nil),
        ("<sip:127.0.0.1:5060;lr;received=sip:a%0d%0ab>", -3, nil),
        ("<sip:127.0.0.1:5060;lr;received=192.0.2.7~0~1>", -3, nil),
        ("<sip:127.0.0.1:5060;lr;received=192.0.2.7~5070~9>", -3, nil),
        ("<sip:127.0.0.1:5060;lr;received=192.0.2.7~5070>", -3, nil),
        ("<sip:127.0.0.1:5060;lr;received=~~>", -3, nil),
        ("<sip:192.0.2.55;lr;received=sip:192.0.2.7:5070>", 1, "sip:192.0.2.55;lr;received=sip:192.0.2.7:5070"),
    ])
    func `loose_route follows the received parameter of our own Route`(
        _ routes: String, _ code: Int, _ next: String?
    ) throws {
        let bench = try Self.bench([("use_received", .int(1))])
        let route = try bench.receive(Self.back(routes))
        #expect(try bench.call("loose_route", in: route) == code)
        #expect(route.target.destinationURI?.string == next)
    }

    @Test func `without use_received it does not`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.back("<sip:127.0.0.1:5060;lr;received=sip:192.0.2.7:5070>"))
        #expect(try bench.call("loose_route", in: route) == -3)
        #expect(route.target.destinationURI == nil)
    }

    @Test func `use_received needs module rr`() throws {
        let bench = ModuleBench()
        #expect(throws: ModuleError.self) { try bench.load(PathFields.self, [("use_received", .int(1))]) }
        try bench.load(PathFields.self)
    }
}
