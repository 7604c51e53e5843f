import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import usrloc

@testable import registrar

@Suite("registrar: what scripts read of contacts")
struct FetchTests {
    private func registered(_ parameters: [(String, ParameterValue)] = []) throws -> RegistrarBench {
        var phone = try RegistrarBench(parameters, location: [("xavp_contact", .text("ulattrs"))])
        var fields = NamedStacks()
        fields.push("own", .int(7))
        _ = try phone.register(["<sip:a@1.1.1.1:5071>;q=0.3"], "60") { route in
            route.attributes.xavp.push("ulattrs", .fields(fields))
        }
        _ = try phone.register(["<sip:b@2.2.2.2>;q=0.9"], "60")
        return phone
    }

    @Test func `contacts as xavps`() throws {
        let phone = try self.registered()
        let route = try phone.bench.receive(LookupTests.request())
        #expect(try phone.bench.call("lookup_xavp", "location", "sip:alice@x.com", "user", "contact", in: route) == 1)
        let xavp = route.attributes.xavp
        #expect(route.int(xavp.fields("user")?.value("count") ?? .null) == 2)
        #expect(route.text(xavp.fields("user")?.value("aor") ?? .null) == "alice")
        #expect(route.text(xavp.fields("contact", at: 0)?.value("addr") ?? .null) == "sip:b@2.2.2.2")
        #expect(route.text(xavp.fields("contact", at: 1)?.value("addr") ?? .null) == "sip:a@1.1.1.1:5071")
        #expect(route.int(xavp.fields("contact", at: 1)?.fields("xavp")?.value("own") ?? .null) == 7)
        #expect(try phone.bench.call("lookup_xavp", "location", "sip:bob@x.com", "user", "contact", in: route) == -1)
    }

    @Test func `requests from where a user registered`() throws {
        let phone = try self.registered()
        func ask(_ source: String, _ mode: String, user: String = "alice") throws -> Int {
            let route = try phone.bench.receive(LookupTests.request(), from: source)
            return try phone.bench.call("reg_from_user", "location", "sip:\(user)@x.com", mode, in: route)
        }
        #expect(try ask("1.1.1.1:5071", "0") == 1)
        #expect(try ask("1.1.1.1:5072", "0") == -1)
        #expect(try ask("1.1.1.1:5072", "1") == 1)
        #expect(try ask("1.1.1.1:5072", "2") == 1)
        #expect(try ask("3.3.3.3:5060", "1") == -1)
        #expect(try ask("1.1.1.1:5071", "0", user: "bob") == -1)
    }

    @Test func `expired contacts are found where that is wanted`() throws {
        let phone = try self.registered([("use_expired_contacts", .int(1))])
        phone.bench.worker.advance(seconds: 61)
        let route = try phone.bench.receive(LookupTests.request())
        #expect(try phone.bench.call("lookup", "location", in: route) == 1)
        let strict = try self.registered()
        strict.bench.worker.advance(seconds: 61)
        let other = try strict.bench.receive(LookupTests.request())
        #expect(try strict.bench.call("lookup", "location", in: other) == -1)
    }

    @Test func `a binding ends with its connection where that is wanted`() throws {
        let bench = ModuleBench()
        try bench.load(UserLocation.self, [("handle_lost_tcp", .int(1))])
        let location = try bench.module(UserLocation.self)
        let table = location.location("location")
        let (call, uri) = (ByteString("1"), ByteString("sip:a@h"))
        let text = uri + call
        var registration = Registration(callID: ByteRange(start: uri.count, count: call.count), cSeq: 1)
        registration.connection = ConnectionID(rawValue: 5)
        let updates = FlatStore<BindingUpdate>(capacity: 1)
        updates.append(BindingUpdate(uri: ByteRange(start: 0, count: uri.count), expires: 600))
        let name = ByteString("alice")
        _ = table.register(
            name.span, text.span, updates, registration, received: ByteString().span, rules: location.rules,
            now: bench.worker.now, listing: nil, into: ByteBuffer(capacity: 1))
        location.note(registration.connection, table, name.span)
        func end(_ number: UInt64) throws {
            let peer = SocketAddress(ip: try #require(IPAddress("192.0.2.1")), port: 5060)
            let closed = ClosedConnection(
                id: ConnectionID(rawValue: number), peer: peer, socket: bench.sockets[1], ending: .closed)
            location.hooks.connectionClosed?(bench.worker, closed)
        }
        try end(6)
        #expect(table.contactCount == 1)
        try end(5)
        #expect(table.contactCount == 0)
    }
}
