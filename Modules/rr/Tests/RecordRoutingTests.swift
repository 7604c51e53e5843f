import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import rr

@Suite("rr: Record-Route")
struct RecordRouteTests {
    static let invite = """
        INVITE sip:bob@192.0.2.9 SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
        From: <sip:alice@example.org>;tag=a1
        To: <sip:bob@example.org>
        Call-ID: c1
        CSeq: 1 INVITE

        """

    static func bench(_ parameters: [(String, ParameterValue)] = []) throws -> ModuleBench {
        let bench = ModuleBench(sockets: [
            "udp:127.0.0.1:5060", "tcp:127.0.0.1:5060", "udp:[::1]:5060", "udp:127.0.0.1:5080",
        ])
        try bench.load(RecordRouting.self, parameters)
        return bench
    }

    static func top(_ route: RouteContext, outgoing: ListenSocket) -> String {
        let buffer = ByteBuffer(capacity: 256)
        route.writeTopHeaders(outgoing: outgoing, into: buffer)
        return ByteString(buffer.span).string.replacingCRLF
    }

    @Test func `one field when the request leaves as it came`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.invite)
        #expect(try bench.call("record_route", in: route) == 1)
        #expect(Self.top(route, outgoing: bench.sockets[0]) == "Record-Route: <sip:127.0.0.1:5060;lr;ftag=a1>\n")
    }

    @Test(arguments: [
        (1, "<sip:127.0.0.1:5060;transport=tcp;r2=on;lr;ftag=a1>"), (2, "<sip:[::1]:5060;r2=on;lr;ftag=a1>"),
        (3, "<sip:127.0.0.1:5080;r2=on;lr;ftag=a1>"),
    ])
    func `two fields when it leaves by another socket`(socket: Int, field: String) throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.invite)
        _ = try bench.call("record_route", in: route)
        #expect(
            Self.top(route, outgoing: bench.sockets[socket])
                == "Record-Route: \(field)\nRecord-Route: <sip:127.0.0.1:5060;r2=on;lr;ftag=a1>\n")
    }

    @Test func `from TCP to UDP the TCP side is the lower one`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.invite, on: 1)
        _ = try bench.call("record_route", ";foo=bar", in: route)
        _ = try bench.call("add_rr_param", ";nat=yes", in: route)
        #expect(
            Self.top(route, outgoing: bench.sockets[0]) == """
                Record-Route: <sip:127.0.0.1:5060;r2=on;lr;ftag=a1;foo=bar;nat=yes>
                Record-Route: <sip:127.0.0.1:5060;transport=tcp;r2=on;lr;ftag=a1;foo=bar;nat=yes>

                """)
    }

    @Test func `parameters of the stock file`() throws {
        let bench = try Self.bench([
            ("enable_full_lr", .int(1)), ("append_fromtag", .int(0)), ("add_username", .int(1)),
        ])
        let route = try bench.receive(Self.invite)
        _ = try bench.call("add_rr_param", "x=y", in: route)
        #expect(Self.top(route, outgoing: bench.sockets[0]) == "")
        _ = try bench.call("record_route", in: route)
        #expect(Self.top(route, outgoing: bench.sockets[0]) == "Record-Route: <sip:bob@127.0.0.1:5060;lr=on;x=y>\n")
    }

    @Test func `a second call fails, and what was decided can be taken back`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.invite)
        #expect(try bench.call("record_route", in: route) == 1)
        #expect(try bench.call("record_route", in: route) == -1)
        #expect(try bench.call("remove_record_route", in: route) == 1)
        #expect(Self.top(route, outgoing: bench.sockets[0]) == "")
        #expect(try bench.call("record_route", in: route) == 1)
    }

    @Test func `preset and advertised addresses`() throws {
        let bench = try Self.bench()
        var route = try bench.receive(Self.invite)
        _ = try bench.call("record_route_preset", "1.2.3.4:5090;transport=tcp;r2=on", "5.6.7.8:5091;r2=on", in: route)
        #expect(
            Self.top(route, outgoing: bench.sockets[0]) == """
                Record-Route: <sip:1.2.3.4:5090;transport=tcp;r2=on;ftag=a1;lr>
                Record-Route: <sip:5.6.7.8:5091;r2=on;ftag=a1;lr>

                """)
        route = try bench.receive(Self.invite)
        _ = try bench.call("record_route_advertised_address", "my.host.org:5070", in: route)
        #expect(Self.top(route, outgoing: bench.sockets[2]) == "Record-Route: <sip:my.host.org:5070;ftag=a1;lr>\n")
        #expect(
            Self.top(route, outgoing: bench.sockets[1]) == """
                Record-Route: <sip:my.host.org:5070;transport=tcp;r2=on;ftag=a1;lr>
                Record-Route: <sip:my.host.org:5070;transport=udp;r2=on;ftag=a1;lr>

                """)
    }

    @Test func `a branch's change is undone by putting the value back`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.invite)
        _ = try bench.call("record_route", in: route)
        let before = route.recordRoutes
        _ = try bench.call("add_rr_param", ";b=1", in: route)
        #expect(Self.top(route, outgoing: bench.sockets[0]).contains(";b=1"))
        route.recordRoutes = before
        #expect(!Self.top(route, outgoing: bench.sockets[0]).contains(";b=1"))
    }

    @Test func `parameters that were added before a preset stand before lr`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.invite)
        _ = try bench.call("add_rr_param", ";before=1", in: route)
        _ = try bench.call("record_route_preset", "1.2.3.4", in: route)
        _ = try bench.call("add_rr_param", ";after=1", in: route)
        #expect(
            Self.top(route, outgoing: bench.sockets[0])
                == "Record-Route: <sip:1.2.3.4;ftag=a1;before=1;lr;after=1>\n")
    }

    @Test(arguments: [(0, 1), (1, 1), (2, 2)])
    func `enable_double_rr 2 writes two fields always`(_ mode: Int, _ count: Int) throws {
        let bench = try Self.bench([("enable_double_rr", .int(mode))])
        let route = try bench.receive(Self.invite)
        _ = try bench.call("record_route", in: route)
        #expect(Self.top(route, outgoing: bench.sockets[0]).split(separator: "\n").count == count)
        #expect(Self.top(route, outgoing: bench.sockets[1]).split(separator: "\n").count == (mode == 0 ? 1 : 2))
    }

    @Test func `the user comes from the AVP where it has a value`() throws {
        let bench = try Self.bench([("custom_user_avp", .text("$avp(rr)")), ("add_username", .int(1))])
        var route = try bench.receive(Self.invite)
        _ = try bench.call("record_route", in: route)
        #expect(Self.top(route, outgoing: bench.sockets[0]).contains("<sip:bob@127.0.0.1:5060;"))
        route = try bench.receive(Self.invite.replacing("INVITE sip:", with: "INVITE sips:"))
        route.attributes.push(.text("rr"), .bytes("own"))
        _ = try bench.call("record_route", in: route)
        #expect(Self.top(route, outgoing: bench.sockets[0]).contains("<sips:own@127.0.0.1:5060;"))
    }

    @Test func `an advertised address of the script is for the side that the request leaves to`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.invite)
        route.advertisedHost = "192.0.2.5"
        _ = try bench.call("record_route", in: route)
        #expect(Self.top(route, outgoing: bench.sockets[0]) == "Record-Route: <sip:127.0.0.1:5060;lr;ftag=a1>\n")
        #expect(
            Self.top(route, outgoing: bench.sockets[3]) == """
                Record-Route: <sip:192.0.2.5:5080;r2=on;lr;ftag=a1>
                Record-Route: <sip:127.0.0.1:5060;r2=on;lr;ftag=a1>

                """)
    }
}
