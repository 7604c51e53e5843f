import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import core

@Suite("core: changing the Request-URI")
struct RequestURITests {
    static func route(_ uri: String) throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(Core.self)
        let route = try bench.receive(
            """
            INVITE \(uri) SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
            From: <sip:alice@example.org>;tag=a1
            To: <sip:bob@example.org>
            Call-ID: c1
            CSeq: 1 INVITE

            """
        )
        return (bench, route)
    }

    static let full = "sip:bob:pw@example.com:5070;transport=tcp;user=phone?X=1"

    @Test(arguments: [
        ("sethost", "h.com", "sip:bob:pw@h.com:5070;transport=tcp;user=phone?X=1"),
        ("sethostport", "h.com:99", "sip:bob:pw@h.com:99;transport=tcp;user=phone?X=1"),
        ("sethostport", "h.com", "sip:bob:pw@h.com;transport=tcp;user=phone?X=1"),
        ("sethostporttrans", "h.com:98;transport=udp", "sip:bob:pw@h.com:98;transport=udp;user=phone?X=1"),
        ("sethostporttrans", "h.com", "sip:bob:pw@h.com;user=phone?X=1"),
        ("setuser", "u", "sip:u:pw@example.com:5070;transport=tcp;user=phone?X=1"),
        ("setuser", "", "sip:example.com:5070;transport=tcp;user=phone?X=1"),
        ("setuserpass", "u2:p2", "sip:u2:p2@example.com:5070;transport=tcp;user=phone?X=1"),
        ("setuserpass", "u2", "sip:u2@example.com:5070;transport=tcp;user=phone?X=1"),
        ("setport", "77", "sip:bob:pw@example.com:77;transport=tcp;user=phone?X=1"),
        ("setport", "", "sip:bob:pw@example.com;transport=tcp;user=phone?X=1"),
        ("prefix", "00", "sip:00bob:pw@example.com:5070;transport=tcp;user=phone?X=1"),
        ("strip", "1", "sip:ob:pw@example.com:5070;transport=tcp;user=phone?X=1"),
        ("strip", "3", "sip:example.com:5070;transport=tcp;user=phone?X=1"),
        ("strip", "9", "sip:example.com:5070;transport=tcp;user=phone?X=1"),
        ("strip_tail", "1", "sip:bo:pw@example.com:5070;transport=tcp;user=phone?X=1"),
        ("strip_tail", "9", "sip:example.com:5070;transport=tcp;user=phone?X=1"),
        ("seturi", "sip:a@b.c", "sip:a@b.c"),
    ])
    func `a setter changes its part and nothing else`(_ function: String, _ argument: String, _ expected: String) throws
    {
        let (bench, route) = try Self.route(Self.full)
        #expect(try bench.call(function, argument, in: route) == 1)
        #expect(route.text(route.requestURI).string == expected)
    }

    @Test(arguments: [
        ("prefix", "00", "sip:b.c", "sip:00@b.c"),
        ("setuser", "zz", "sip:b.c", "sip:zz@b.c"),
        ("setport", "12", "sip:b.c;user=phone?A=b", "sip:b.c:12;user=phone?A=b"),
        ("sethostporttrans", "q.r;transport=tls", "sip:b.c;transport=tcp?A=b", "sip:q.r;transport=tls?A=b"),
        ("setuser", "456", "tel:+123;x=1", "tel:456;x=1"),
        ("sethost", "h.h", "tel:+123;x=1", "sip:+123;x=1@h.h;user=phone"),
        ("prefix", "9", "tel:+123;x=1", "tel:9+123;x=1"),
        ("strip", "1", "tel:+123;x=1", "tel:123;x=1"),
    ])
    func `short URIs and telephone numbers can be changed`(
        _ function: String, _ argument: String, _ uri: String, _ expected: String
    ) throws {
        let (bench, route) = try Self.route(uri)
        #expect(try bench.call(function, argument, in: route) == 1)
        #expect(route.text(route.requestURI).string == expected)
    }

    @Test func `a URI that is none cannot be changed in part`() throws {
        let (bench, route) = try Self.route("sip:a@b")
        route.setRequestURI("garbage")
        #expect(try bench.call("sethost", "h", in: route) == -1)
        #expect(route.text(route.requestURI).string == "garbage")
        #expect(try bench.call("revert_uri", in: route) == 1)
        #expect(route.text(route.requestURI).string == "sip:a@b")
    }

    @Test(arguments: [
        ("sip:a@b.c", "sip:a@b.c;user=phone"), ("sip:b.c?A=b", "sip:b.c;user=phone?A=b"),
        ("sip:a@b;user=phone", "sip:a@b;user=phone"),
    ])
    func `userphone adds its parameter once`(_ uri: String, _ expected: String) throws {
        let (bench, route) = try Self.route(uri)
        #expect(try bench.call("userphone", in: route) == 1)
        #expect(route.text(route.requestURI).string == expected)
    }

    @Test func `the user of a received URI is read without copying`() throws {
        let (_, route) = try Self.route("sip:bob@example.com")
        guard case .slice(let range) = route.requestURIPart({ $0.user }) else {
            Issue.record("not a range of the message")
            return
        }
        #expect(route.copy(range).string == "bob")
    }

    @Test func `flags are set, tested and cleared`() throws {
        let (bench, route) = try Self.route("sip:a@b")
        #expect(try bench.call("isflagset", "31", in: route) == -1)
        #expect(try bench.call("setflag", "31", in: route) == 1)
        #expect(try bench.call("isflagset", "31", in: route) == 1)
        #expect(route.flags == 1 << 31)
        #expect(try bench.call("resetflag", "31", in: route) == 1)
        #expect(route.flags == 0)
        #expect(throws: ArgumentError.self) { try bench.call("setflag", "32", in: route) }
        #expect(throws: ArgumentError.self) { try bench.call("setflag", "nobody", in: route) }
    }

    @Test func `branches are removed by number`() throws {
        let (bench, route) = try Self.route("sip:a@b")
        route.branches = ["sip:1@b", "sip:2@b", "sip:3@b"].map { BranchTarget(uri: $0) }
        #expect(try bench.call("remove_branch", "0", in: route) == 1)
        #expect(route.branches.map(\.uri) == ["sip:2@b", "sip:3@b"])
        #expect(try bench.call("remove_branch", in: route) == 1)
        #expect(route.branches.map(\.uri) == ["sip:2@b"])
        #expect(try bench.call("remove_branch", "5", in: route) == -1)
    }
}
