import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import rr

@Suite("rr: loose_route (RFC 3261 §16.4, §16.12)")
struct LooseRouteTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var routes: [String]
        var uri = "sip:lr@8.8.8.8"
        var hasToTag = true
        var code: Int
        /// Request-URI, `$du`, Route fields that are left, socket.
        var target: String? = nil
        var next: String? = nil
        var left: [String] = []
        var socket: String? = nil
        var testDescription: String { self.name }
    }

    static let me = "<sip:127.0.0.1:26000;lr>"

    static let cases: [Case] = [
        Case(name: "no Route", routes: [], code: -1),
        Case(name: "ours alone in a dialog", routes: [me], code: 1),
        Case(
            name: "ours without brackets", routes: ["sip:127.0.0.1:26000;lr"], code: -1,
            left: ["sip:127.0.0.1:26000;lr"]),
        Case(name: "ours and a comma", routes: ["\(me),"], code: -1, left: ["\(me),"]),
        Case(name: "ours alone outside of a dialog", routes: [me], hasToTag: false, code: -3),
        Case(
            name: "ours and another", routes: [me, "<sip:9.9.9.9;lr>"], code: 1, next: "sip:9.9.9.9;lr",
            left: ["<sip:9.9.9.9;lr>"]),
        Case(
            name: "ours and another in one field", routes: ["\"x\" \(me);foo=bar, \"y, z\" <sip:9.9.9.9;lr>;q=1"],
            code: 1,
            next: "sip:9.9.9.9;lr", left: ["\"y, z\" <sip:9.9.9.9;lr>;q=1"]),
        Case(
            name: "another's", routes: ["<sip:9.9.9.9;lr>"], code: 1, next: "sip:9.9.9.9;lr", left: ["<sip:9.9.9.9;lr>"]
        ),
        Case(
            name: "a strict router", routes: ["<sip:9.9.9.9>"], code: 1, target: "sip:9.9.9.9",
            left: ["<sip:lr@8.8.8.8>"]),
        Case(
            name: "ours and a strict router", routes: [me, "<sip:9.9.9.9>"], hasToTag: false, code: 1,
            target: "sip:9.9.9.9", left: ["<sip:lr@8.8.8.8>"]),
        Case(
            name: "a pair of ours", routes: ["<sip:127.0.0.1:26001;r2=on;lr>", "<sip:127.0.0.1:26000;r2=on;lr>"],
            code: 1,
            socket: "udp:127.0.0.1:26000"),
        Case(
            name: "a pair of ours in one field",
            routes: ["<sip:127.0.0.1:26001;r2=on;lr>,<sip:127.0.0.1:26000;r2=on;lr>,<sip:7.7.7.7;lr;x=y>"], code: 1,
            next: "sip:7.7.7.7;lr;x=y", left: ["<sip:7.7.7.7;lr;x=y>"], socket: "udp:127.0.0.1:26000"),
        Case(
            name: "a pair, UDP to TCP",
            routes: ["<sip:127.0.0.1:26000;r2=on;lr>, <sip:127.0.0.1:26000;transport=tcp;r2=on;lr>"], code: 1,
            socket: "tcp:127.0.0.1:26000"),
        Case(
            name: "a pair, IPv4 to IPv6", routes: ["<sip:127.0.0.1:26000;r2=on;lr>", "<sip:[::1]:26000;r2=on;lr>"],
            code: 1,
            socket: "udp:[::1]:26000"),
        Case(
            name: "two of ours that are no pair", routes: [me, "<sip:127.0.0.1:26001;lr>"], code: 1,
            next: "sip:127.0.0.1:26001;lr", left: ["<sip:127.0.0.1:26001;lr>"]),
        Case(
            name: "strict router before us", routes: ["<sip:9.9.9.9;lr>", "<sip:b@10.10.10.10:5070>"],
            uri: "sip:127.0.0.1:26000;lr=on;ftag=ft1", code: 1, target: "sip:b@10.10.10.10:5070",
            next: "sip:9.9.9.9;lr",
            left: ["<sip:9.9.9.9;lr>"]),
        Case(
            name: "strict router before us, only the contact left", routes: ["<sip:b@10.10.10.10:5070>"],
            uri: "sip:127.0.0.1:26000;lr=on;ftag=ft1", code: 1, target: "sip:b@10.10.10.10:5070"),
        Case(
            name: "strict routers on both sides", routes: ["<sip:9.9.9.9>", "<sip:b@10.10.10.10:5070>"],
            uri: "sip:127.0.0.1:26000;lr", code: 1, target: "sip:9.9.9.9", left: ["<sip:b@10.10.10.10:5070>"]),
        Case(
            name: "another port is not us", routes: ["<sip:127.0.0.1:26009;lr>"], code: 1,
            next: "sip:127.0.0.1:26009;lr", left: ["<sip:127.0.0.1:26009;lr>"]),
        Case(name: "broken field", routes: ["<sip:127.0.0.1:26000"], code: -1, left: ["<sip:127.0.0.1:26000"]),
        Case(name: "broken URI", routes: ["<foo>"], code: -1, left: ["<foo>"]),
        Case(
            name: "ours and a telephone number", routes: [me, "<tel:+12015550123>"], code: 1,
            target: "tel:+12015550123",
            left: ["<sip:lr@8.8.8.8>"]),
        Case(
            name: "strict router before us, half of a pair", routes: ["<sip:127.0.0.1:26001;r2=on;lr>"],
            uri: "sip:127.0.0.1:26000;lr;r2=on", code: -1, left: ["<sip:127.0.0.1:26001;r2=on;lr>"],
            socket: "udp:127.0.0.1:26001"),
        Case(
            name: "strict router before us, a pair",
            routes: [
                "<sip:127.0.0.1:26001;r2=on;lr>", "<sip:9.9.9.9;lr>", "<sip:b@10.10.10.10:5070>",
            ],
            uri: "sip:127.0.0.1:26000;lr;r2=on", code: 1, target: "sip:b@10.10.10.10:5070", next: "sip:9.9.9.9;lr",
            left: ["<sip:9.9.9.9;lr>"], socket: "udp:127.0.0.1:26001"),
        Case(name: "broken second", routes: [me, "<foo>"], code: -1, left: ["<foo>"]),
    ]

    static func bench() throws -> ModuleBench {
        let bench = ModuleBench(sockets: [
            "udp:127.0.0.1:26000", "udp:127.0.0.1:26001", "tcp:127.0.0.1:26000", "udp:[::1]:26000",
        ])
        try bench.load(RecordRouting.self)
        return bench
    }

    static func request(_ routes: [String], uri: String = "sip:lr@8.8.8.8", toTag: String = ";tag=t1") -> String {
        """
        BYE \(uri) SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
        \(routes.map { "Route: \($0)\n" }.joined())From: <sip:a@x.com>;tag=ft1
        To: <sip:b@x.com>\(toTag)
        Call-ID: c1
        CSeq: 1 BYE

        """
    }

    @Test(arguments: cases)
    func `follows the route set`(_ entry: Case) throws {
        let bench = try Self.bench()
        let route = try bench.receive(
            Self.request(entry.routes, uri: entry.uri, toTag: entry.hasToTag ? ";tag=t1" : ""))
        #expect(try bench.call("loose_route", in: route) == entry.code)
        #expect(route.target.uri?.string == entry.target)
        #expect(route.target.destinationURI?.string == entry.next)
        #expect(route.target.socket?.socketName.string == entry.socket)
        let buffer = ByteBuffer(capacity: 1024)
        MessageWriter.write(route.message, route.edits, into: buffer)
        let after = Message(buffer: buffer)
        #expect(after.parse() == nil)
        var left: [String] = []
        var index = after.first(.route)
        while index >= 0 {
            left.append(after.text(after.field(at: index).value).string)
            index = after.next(after: index)
        }
        #expect(left == entry.left)
        #expect(after.has(.callID))
    }

    @Test func `a preloaded Route is told from one in a dialog`() throws {
        let bench = try Self.bench()
        #expect(try bench.call("loose_route_preloaded", in: try bench.receive(Self.request([Self.me], toTag: ""))) == 1)
        #expect(try bench.call("loose_route_preloaded", in: try bench.receive(Self.request([Self.me]))) == -1)
    }

    @Test func `mode 1 leaves out the test for strict routers`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.request([Self.me], uri: "sip:127.0.0.1:26000"))
        #expect(try bench.call("loose_route_mode", "1", in: route) == 1)
        #expect(route.target.uri == nil)
    }

    @Test(arguments: [(false, "downstream", 1, "ft1", "t1"), (true, "upstream", 2, "t1", "ft1")])
    func `ftag tells the direction`(isUpstream: Bool, name: String, number: Int, from: String, to: String) throws {
        let bench = try Self.bench()
        let ftag = isUpstream ? "other" : "ft1"
        let route = try bench.receive(Self.request(["<sip:127.0.0.1:26000;lr;ftag=\(ftag);nat=yes>"]))
        for _ in 0..<2 {
            #expect(try bench.call("is_direction", "upstream", in: route) == (isUpstream ? 1 : -1))
            #expect(try bench.call("is_direction", "downstream", in: route) == (isUpstream ? -1 : 1))
            #expect(route.text(try bench.read("rdir", "name", in: route)).string == name)
            #expect(route.int(try bench.read("rdir", "id", in: route)) == number)
            #expect(route.text(try bench.read("fti", in: route)).string == from)
            #expect(route.text(try bench.read("tti", in: route)).string == to)
            #expect(try bench.call("check_route_param", "nat=yes", in: route) == 1)
            #expect(try bench.call("check_route_param", "nat=no", in: route) == -1)
            _ = try bench.call("loose_route", in: route)
        }
        #expect(try bench.call("rr_next_hop_route", in: route) == -1)
    }

    @Test func `without our Route it goes downstream and has no parameters`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.request(["<sip:9.9.9.9;lr;ftag=other>"]))
        #expect(try bench.call("is_direction", "downstream", in: route) == 1)
        #expect(try bench.call("check_route_param", "ftag", in: route) == -1)
        #expect(route.text(try bench.read("route_uri", in: route)).string == "sip:9.9.9.9;lr;ftag=other")
    }

    @Test func `an unknown direction is refused when the script is loaded`() throws {
        let bench = try Self.bench()
        #expect(throws: ArgumentError.self) {
            try bench.call("is_direction", "sideways", in: try bench.receive(Self.request([])))
        }
    }
}
