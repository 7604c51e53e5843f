import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import path
import rr

@testable import outbound

@Suite("outbound: flow tokens (RFC 5626)")
struct OutboundTests {
    static func bench(_ parameters: [(String, ParameterValue)] = []) throws -> ModuleBench {
        let bench = ModuleBench(sockets: ["udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"])
        try bench.load(RecordRouting.self)
        try bench.load(Outbound.self, parameters)
        try bench.load(PathFields.self)
        return bench
    }

    static func request(_ method: String, _ lines: String, tag: String = "") -> String {
        """
        \(method) sip:example.org SIP/2.0
        Via: SIP/2.0/TCP 192.0.2.7:5070;branch=z9hG4bK1
        From: <sip:alice@example.org>;tag=a1
        To: <sip:alice@example.org>\(tag)
        Call-ID: c1
        CSeq: 1 \(method)
        \(lines)

        """
    }

    static let phone = """
        Supported: path, outbound
        Contact: <sip:a@192.0.2.7:5070;transport=tcp>;reg-id=1;+sip.instance="<urn:x>"
        """

    /// The fields of that name that the request leaves with.
    static func fields(_ name: String, _ route: RouteContext, _ bench: ModuleBench) -> [String] {
        let top = ByteBuffer(capacity: 256)
        route.writeTopHeaders(outgoing: bench.sockets[1], into: top)
        let buffer = ByteBuffer(capacity: 1024)
        buffer.append(top.span)
        MessageWriter.write(route.message, route.edits, into: buffer)
        return ByteString(buffer.span).string.replacing("\r\n", with: "\n").split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(name + ":") }
    }

    static func token(_ field: String) -> String {
        String(field.split(separator: ":", maxSplits: 2).last?.split(separator: "@").first ?? "")
    }

    @Test func `a REGISTER of a phone gets a token and ob in Path`() throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.request("REGISTER", Self.phone), from: "192.0.2.7:5070", on: 1)
        #expect(try bench.call("add_path", in: route) == 1)
        let path = try #require(Self.fields("Path", route, bench).first)
        #expect(path.hasSuffix("@127.0.0.1:5060;transport=tcp;lr;ob>"))
        #expect(Self.token(path).count == 31)
    }

    @Test(arguments: [
        phone.replacing("outbound", with: "gruu"), phone.replacing(";reg-id=1", with: ""),
        phone.replacing("+sip.instance", with: "x"), "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2\n" + phone,
    ])
    func `a REGISTER of others does not`(lines: String) throws {
        let bench = try Self.bench()
        let route = try bench.receive(Self.request("REGISTER", lines), from: "192.0.2.7:5070", on: 1)
        _ = try bench.call("add_path", in: route)
        #expect(Self.fields("Path", route, bench) == ["Path: <sip:127.0.0.1:5060;transport=tcp;lr>"])
    }

    @Test func `flags decide`() throws {
        let bench = try Self.bench([("force_outbound_flag", .int(3)), ("force_no_outbound_flag", .int(4))])
        let forced = try bench.receive(Self.request("REGISTER", "X: y"), from: "192.0.2.7:5070", on: 1)
        forced.flags = 1 << 3
        _ = try bench.call("add_path", in: forced)
        #expect(Self.fields("Path", forced, bench).first?.contains(";ob") == true)
        let forbidden = try bench.receive(Self.request("REGISTER", Self.phone), from: "192.0.2.7:5070", on: 1)
        forbidden.flags = 1 << 4
        _ = try bench.call("add_path", in: forbidden)
        #expect(Self.fields("Path", forbidden, bench).first?.contains(";ob") == false)
    }

    /// A token for the flow of 192.0.2.7:5070 over TCP.
    private static func phoneToken(_ bench: ModuleBench) throws -> String {
        let route = try bench.receive(
            Self.request("INVITE", "Contact: <sip:a@192.0.2.7;ob>"), from: "192.0.2.7:5070", on: 1)
        #expect(try bench.call("record_route", in: route) == 1)
        let field = try #require(Self.fields("Record-Route", route, bench).first)
        return Self.token(field)
    }

    @Test func `requests for the phone go over its flow`() throws {
        let bench = try Self.bench()
        let token = try Self.phoneToken(bench)
        let back = try bench.receive(
            Self.request("BYE", "Route: <sip:\(token)@127.0.0.1:5060;transport=tcp;lr>", tag: ";tag=b"),
            from: "198.51.100.1:5060")
        #expect(try bench.call("check_flow_token", in: back) == 1)
        #expect(try bench.call("loose_route", in: back) == 2)
        #expect(back.target.destinationURI?.string == "sip:192.0.2.7:5070;transport=tcp")
        #expect(back.target.socket == bench.sockets[1])
        #expect(back.options.contains(.forwardNoConnect))
    }

    @Test func `requests of the phone follow the route set`() throws {
        let bench = try Self.bench()
        let token = try Self.phoneToken(bench)
        let own = try bench.receive(
            Self.request(
                "BYE", "Route: <sip:\(token)@127.0.0.1:5060;transport=tcp;lr>, <sip:203.0.113.1;lr>", tag: ";tag=b"),
            from: "192.0.2.7:5070", on: 1)
        #expect(try bench.call("loose_route", in: own) == 1)
        #expect(own.target.destinationURI?.string == "sip:203.0.113.1;lr")
    }

    @Test func `a token that was changed is refused, unless the mode says not to look`() throws {
        let bench = try Self.bench()
        let token = try Self.phoneToken(bench)
        let changed = (token.first == "A" ? "B" : "A") + token.dropFirst()
        let text = Self.request("BYE", "Route: <sip:\(changed)@127.0.0.1:5060;transport=tcp;lr>", tag: ";tag=b")
        let route = try bench.receive(text, from: "198.51.100.1:5060")
        #expect(try bench.call("check_flow_token", in: route) == -2)
        #expect(try bench.call("loose_route", in: route) == -2)
        let other = try bench.receive(text, from: "198.51.100.1:5060")
        #expect(try bench.call("loose_route_mode", "2", in: other) == 1)
        let user = try bench.receive(
            Self.request("BYE", "Route: <sip:bob@127.0.0.1:5060;transport=tcp;lr>", tag: ";tag=b"))
        #expect(try bench.call("check_flow_token", in: user) == -1)
        #expect(try bench.call("loose_route", in: user) == 1)
    }

    @Test func `another key makes another token`() throws {
        let one = FlowSeal(key: "one")
        let two = FlowSeal(key: "two")
        let addresses = ["[2001:db8::1]:5060", "192.0.2.1:5061"].map { text -> SocketAddress in
            let parts = text.split(separator: ":")
            let port = UInt16(parts.last ?? "0") ?? 0
            let host = text.dropLast("\(port)".count + 1).trimmingPrefix("[").replacing("]", with: "")
            return SocketAddress(ip: IPAddress(String(host)) ?? .anyIPv4, port: port)
        }
        for address in addresses {
            let flow = Flow(transport: .ws, local: address, remote: address)
            let token = try #require(one.token(flow))
            let range = ByteRange(start: 0, count: token.count)
            let own = one.read(token.span, range)
            #expect(own == .flow(flow))
            let foreign = two.read(token.span, range)
            #expect(foreign == .forged)
        }
    }
}
