import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import registrar

@Suite("registrar: lookup (RFC 3261 §16.5)")
struct LookupTests {
    static func request(_ user: String = "alice", method: String = "INVITE") -> String {
        """
        \(method) sip:\(user)@x.com SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKq
        From: <sip:bob@x.com>;tag=f1
        To: <sip:alice@x.com>
        Call-ID: call1
        CSeq: 1 \(method)

        """
    }

    static func registered() throws -> RegistrarBench {
        var phone = try RegistrarBench([
            ("received_avp", .text("$avp(R)")), ("use_path", .int(1)), ("path_mode", .int(0)),
        ])
        _ = try phone.register(["<sip:alice@127.0.0.1:5070>;q=0.3"], "60") { route in
            route.attributes.push(.text("R"), .text("sip:9.9.9.9:1234;transport=udp"))
            route.target.flags = 1 << 6
        }
        _ = try phone.register(["<sip:alice@127.0.0.1:5071>;q=0.9"], "60")
        _ = try phone.register(["<sip:alice@1.1.1.1>;methods=\"SUBSCRIBE\""], "60")
        _ = try phone.register(["<sip:alice@2.2.2.2>;q=0.5"], "60", extra: "Path: <sip:p1;lr>, <sip:p2;lr>\n")
        return phone
    }

    @Test func `the best contact becomes the target, the others branches`() throws {
        let phone = try Self.registered()
        let route = try phone.bench.receive(Self.request())
        route.target.destinationURI = "sip:old"
        #expect(try phone.bench.call("lookup", "location", in: route) == 1)
        #expect(route.text(route.requestURI).string == "sip:alice@127.0.0.1:5071")
        #expect(route.target.destinationURI == nil)
        #expect(route.target.q == 900)
        #expect(route.target.socket == phone.bench.sockets[0])
        #expect(route.target.ruid.string.hasPrefix("uloc-"))
        #expect(route.branches.map { $0.uri?.string } == ["sip:alice@2.2.2.2", "sip:alice@127.0.0.1:5070"])
        #expect(route.branches.map { $0.destinationURI?.string } == ["sip:p1;lr", "sip:9.9.9.9:1234;transport=udp"])
        #expect(route.branches[0].path.string == "<sip:p1;lr>, <sip:p2;lr>")
        #expect(route.branches.map(\.flags) == [0, 1 << 6])
    }

    @Test func `a contact is reached over the connection that it registered over`() throws {
        var phone = try RegistrarBench()
        let tcp = phone.bench.sockets[1]
        let connection = ConnectionID(rawValue: 7)
        _ = try phone.register(["<sip:alice@phone.invalid;transport=tcp>"], "60") { route in
            route.arrival.socket = tcp
            route.arrival.connection = connection
        }
        let route = try phone.bench.receive(Self.request())
        #expect(try phone.bench.call("lookup", "location", in: route) == 1)
        #expect(route.target.connection == connection)
        // Sent elsewhere it is another matter.
        route.setRequestURI("sip:other@192.0.2.7")
        #expect(route.target.connection == .none)
    }

    @Test func `who is not registered, and who does not take the method`() throws {
        var phone = try RegistrarBench()
        let route = try phone.bench.receive(Self.request())
        #expect(try phone.bench.call("lookup", "location", in: route) == -1)
        _ = try phone.register(["<sip:n@1.1.1.1>"], "60", extra: "Allow: MESSAGE, ACK\n")
        #expect(try phone.bench.call("lookup", "location", in: route) == -2)
        #expect(route.target.uri == nil)
        #expect(
            try phone.bench.call("lookup", "location", in: try phone.bench.receive(Self.request(method: "MESSAGE")))
                == 1)
        #expect(try phone.bench.call("lookup", "location", "foo", in: route) == -3)
        phone.bench.worker.advance(seconds: 60)
        #expect(try phone.bench.call("lookup", "location", in: route) == -1)
    }

    @Test func `a GRUU finds the contacts of its instance alone`() throws {
        var phone = try RegistrarBench()
        _ = try phone.register(["<sip:a@1.1.1.1>;+sip.instance=\"<urn:uuid:1>\""], "60")
        _ = try phone.register(["<sip:a@2.2.2.2>"], "60")
        let route = try phone.bench.receive(Self.request())
        #expect(try phone.bench.call("lookup", "location", "sip:alice@x.com;gr=urn:uuid:1", in: route) == 1)
        #expect(route.target.uri?.string == "sip:a@1.1.1.1")
        #expect(route.branches.isEmpty)
        #expect(try phone.bench.call("lookup", "location", "sip:alice@x.com;gr=urn:uuid:2", in: route) == -1)
        #expect(try phone.bench.call("lookup", "location", "sip:alice@x.com;gr", in: route) == -3)
    }

    @Test func `append_branches off takes the best only`() throws {
        var phone = try RegistrarBench([("append_branches", .int(0))])
        _ = try phone.register(["<sip:a@1.1.1.1>", "<sip:a@2.2.2.2>;q=0.1"], "60")
        let route = try phone.bench.receive(Self.request())
        #expect(try phone.bench.call("lookup", "location", in: route) == 1)
        #expect(route.target.uri?.string == "sip:a@2.2.2.2")
        #expect(route.branches.isEmpty)
    }

    @Test func `lookup_to_dset leaves the Request-URI, lookup_branches looks up every user`() throws {
        var phone = try RegistrarBench()
        _ = try phone.register(["<sip:a@1.1.1.1>"], "60")
        _ = try phone.register(["<sip:b@2.2.2.2>"], "60", user: "bob")
        let route = try phone.bench.receive(Self.request())
        #expect(try phone.bench.call("lookup_to_dset", "location", "sip:bob@x.com", in: route) == 1)
        #expect(route.target.uri == nil)
        #expect(route.branches.map { $0.uri?.string } == ["sip:b@2.2.2.2"])
        let other = try phone.bench.receive(Self.request())
        other.branches = [BranchTarget(uri: "sip:bob@x.com"), BranchTarget(uri: "sip:nobody@x.com")]
        #expect(try phone.bench.call("lookup_branches", "location", in: other) == 1)
        #expect(other.target.uri?.string == "sip:a@1.1.1.1")
        #expect(other.branches.map { $0.uri?.string } == ["sip:b@2.2.2.2", "sip:nobody@x.com"])
    }

    @Test func `unregister`() throws {
        let phone = try Self.registered()
        let route = try phone.bench.receive(Self.request())
        #expect(try phone.bench.call("registered", "location", in: route) == 1)
        _ = try phone.bench.call("lookup", "location", in: route)
        let ruid = route.target.ruid.string
        #expect(try phone.bench.call("unregister", "location", "sip:alice@x.com", "nosuch", in: route) == -3)
        #expect(try phone.bench.call("unregister", "location", "sip:alice@x.com", ruid, in: route) == 1)
        #expect(try phone.bench.call("unregister", "location", "sip:alice@x.com", ruid, in: route) == -3)
        #expect(try phone.bench.call("unregister", "location", "foo", in: route) == -1)
        #expect(try phone.bench.call("unregister", "location", "sip:alice@x.com", in: route) == 1)
        #expect(try phone.bench.call("registered", "location", "sip:alice@x.com", in: route) == -1)
        #expect(try phone.bench.call("unregister", "location", "sip:alice@x.com", in: route) == 1)
    }

    @Test func `what is not built yet is refused`() throws {
        #expect(throws: ArgumentError.self) { try RegistrarBench([("event_callback", .text("x"))]) }
        #expect(throws: ArgumentError.self) { try RegistrarBench(location: [("db_mode", .int(5))]) }
    }
}
