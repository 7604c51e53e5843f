import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import corex

@Suite("corex: flags, files, variables, commands")
struct CorexInternalsTests {
    @Test func `internal flags by name and number`() throws {
        let (bench, route) = try CorexTests.bench()
        #expect(try bench.call("msg_iflag_is_set", "USE_UAC_FROM", in: route) == -2)
        #expect(try bench.call("msg_iflag_set", "USE_UAC_FROM", in: route) == 1)
        #expect(try bench.call("msg_iflag_is_set", "USE_UAC_FROM", in: route) == 1)
        #expect(try bench.call("msg_iflag_is_set", "0", in: route) == 1)
        #expect(try bench.call("msg_iflag_is_set", "USE_UAC_TO", in: route) == -2)
        #expect(try bench.call("msg_iflag_reset", "USE_UAC_FROM", in: route) == 1)
        #expect(try bench.call("msg_iflag_is_set", "USE_UAC_FROM", in: route) == -2)
        for name in ["msg_iflag_set", "msg_iflag_reset", "msg_iflag_is_set"] {
            #expect(try bench.call(name, "FOO", in: route) == -1)
            #expect(try bench.call(name, "32", in: route) == -1)
        }
    }

    @Test func `files are written and read`() throws {
        let (bench, route) = try CorexTests.bench()
        let path = "/tmp/apus-corex-\(UInt64.random(in: .min ... .max))"
        defer { SystemOutput.removeFile(path) }
        #expect(try bench.call("file_write", path, "Data of $ru", in: route) == 1)
        #expect(try bench.call("file_read", path, "$avp(d)", in: route) == 1)
        #expect(route.text(route.attributes.value(.text("d"))) == "Data of sip:a@b")
        #expect(try bench.call("file_write", path, "", in: route) == -1)
        #expect(try bench.call("file_write", "/nonexistent/file", "x", in: route) == -1)
        #expect(try bench.call("file_read", "/nonexistent/file", "$avp(e)", in: route) == -1)
        #expect(try bench.call("file_read", "/dev/null", "$avp(e)", in: route) == -1)
        #expect(route.attributes.value(.text("e")).isNull)
    }

    @Test(arguments: [
        ("l/udp:127.0.0.1:5060/listen", "udp:127.0.0.1:5060"), ("l/tcp:127.0.0.1:5060/l", "tcp:127.0.0.1:5060"),
        ("l/udp:127.0.0.1:5060/name", ""), ("l/udp:127.0.0.1:5060/advertise", ""), ("i/1/listen", "tcp:127.0.0.1:5060"),
        ("n/none/listen", nil), ("a/udp:192.0.2.1:5060/name", nil),
    ])
    func `a socket by one attribute, another attribute of it`(_ question: String, _ expected: String?) throws {
        let (bench, route) = try CorexTests.bench()
        let value = try bench.read("lsock", question, in: route)
        #expect((value.isNull ? nil : route.text(value).string) == expected)
    }

    @Test(arguments: ["", "l", "l/x", "x/udp:127.0.0.1:5060/listen", "l/udp:127.0.0.1:5060/x", "listen/x/name", "l//"])
    func `a question that means nothing is refused when the script is loaded`(_ question: String) throws {
        let (bench, route) = try CorexTests.bench()
        #expect(throws: ArgumentError.self) { try bench.read("lsock", question, in: route) }
    }

    @Test func `a question out of a variable that means nothing gives no text`() throws {
        let (bench, route) = try CorexTests.bench()
        #expect(route.text(try bench.read("lsock", "l/$avp(s)/name", in: route)).isEmpty)
        route.attributes.push(.text("s"), .bytes("udp:127.0.0.1:5060"))
        #expect(route.text(try bench.read("lsock", "l/$avp(s)/listen", in: route)) == "udp:127.0.0.1:5060")
    }

    @Test func `commands for aliases and memory`() throws {
        let (bench, _) = try CorexTests.bench()
        bench.aliases = [HostAlias(host: "example.org", port: 5060, transport: .udp), HostAlias(host: "any.org")]
        #expect(
            try bench.call("corex.list_aliases", []) == [
                .structure(["PROTO": .string("udp"), "ADDR": .string("example.org"), "PORT": .int(5060)]),
                .structure(["PROTO": .string("*"), "ADDR": .string("any.org"), "PORT": .string("*")]),
            ])
        guard case .structure(let members) = try #require(try bench.call("shm.stats", []).first) else {
            Issue.record("no figures")
            return
        }
        #expect(members.map(\.name) == ["total", "free", "used", "real_used", "max_used", "fragments"])
        #expect(try bench.call("corex.shm_summary", []) == [])
        #expect(try bench.call("corex.pkg_summary", [.string("idx"), .int(1)]) == [])
        #expect(throws: RPCFault(400, "Selector and value not provided")) { try bench.call("corex.pkg_summary", []) }
        #expect(throws: RPCFault(500, "Unsupported selector type")) {
            try bench.call("corex.pkg_summary", [.string("foo"), .int(1)])
        }
        #expect(bench.log.count == 2)
    }
}

@Suite("corex: names of this server and of others")
struct CorexNameTests {
    private func isMyself(
        _ parameter: String, _ host: String, _ port: Int = 0, _ transport: TransportProtocol? = nil
    )
        throws -> Bool
    {
        let domain = try DomainWithSubdomains(ByteString(parameter))
        let text = ByteString(host)
        return domain.matches(text.span, ByteRange(start: 0, count: text.count), port, transport)
    }

    @Test(arguments: [
        ("example.org", "example.org", true), ("example.org", "a.b.EXAMPLE.org", true),
        ("example.org", "badexample.org", false), ("example.org", "example.org.evil", false),
        ("example.org", "org", false), ("example.org", "", false),
    ])
    func `a domain and what is below it`(_ parameter: String, _ host: String, _ expected: Bool) throws {
        #expect(try self.isMyself(parameter, host) == expected)
    }

    @Test func `port and protocol narrow it`() throws {
        #expect(try self.isMyself("udp:example.org:5080", "x.example.org", 5080, .udp))
        #expect(try self.isMyself("udp:example.org:5080", "x.example.org", 0, nil))
        #expect(try !self.isMyself("udp:example.org:5080", "x.example.org", 5060, .udp))
        #expect(try !self.isMyself("udp:example.org:5080", "x.example.org", 5080, .tcp))
        #expect(try self.isMyself("example.org:5080", "example.org", 5080, .tcp))
        #expect(try self.isMyself("tcp:example.org", "example.org", 5099, .tcp))
    }

    @Test(arguments: ["", ":", "udp:", "xyz:example.org:5060", "example.org:x", "example.org:99999", ".org", "a:b:c:d"])
    func `what is no domain is refused`(_ parameter: String) {
        #expect(throws: ArgumentError.self) { try DomainWithSubdomains(ByteString(parameter)) }
    }

    @Test func `the module tells the server`() throws {
        let bench = ModuleBench()
        try bench.load(Corex.self, [("alias_subdomains", .text("example.org"))])
        let host: ByteString = "a.example.org"
        let knows = try #require(bench.program.hooks.isMyself.first)
        let isKnown = knows(host.span, ByteRange(start: 0, count: host.count), 5060, .udp)
        #expect(isKnown)
    }

    @Test func `addresses known from the start`() throws {
        let path = "/tmp/apus-corex-\(UInt64.random(in: .min ... .max))"
        #expect(SystemOutput.writeFile(path, "# comment\n\ntype=AAAA;name=two.org;addr=2001:db8::2\r\n"))
        defer { SystemOutput.removeFile(path) }
        let bench = ModuleBench()
        let module = try bench.load(
            Corex.self,
            [
                ("dns_cache", .text("type=A;name=one.org;addr=192.0.2.1;ttl=60;flags=0")),
                ("dns_cache", .text("type = a; name = one.org; addr = 192.0.2.2; flags = 2")),
                ("dns_cache", .text("type=A;name=none.org;flags=1")),
                (
                    "dns_cache",
                    .text("type=SRV;name=_sip._udp.three.org;rrname=One.org;port=5070;priority=1;weight=2")
                ), ("dns_file", .text(ByteString(path))),
            ])
        try module.hooks.started?(bench)
        func known(_ type: DNSRecordType, _ name: ByteString) -> [String]? {
            bench.hostRecords[DNSQuestion(type, name)]?.compactMap { $0.address?.description }
        }
        #expect(known(.a, "one.org") == ["192.0.2.1", "192.0.2.2"])
        #expect(known(.aaaa, "two.org") == ["2001:db8::2"])
        #expect(known(.a, "none.org") == [])
        #expect(
            bench.hostRecords[DNSQuestion(.srv, "_sip._udp.three.org")] == [
                .service(ServiceRecord(priority: 1, weight: 2, port: 5070, target: "one.org"))
            ])
    }

    @Test(arguments: [
        "", "type=A", "type=A;name=x", "type=A;name=x;addr=::1", "type=AAAA;name=x;addr=192.0.2.1",
        "type=A;name=x;addr=host.org", "type=SRV;name=x;addr=y", "type=MX;name=x", "junk", "name=x;addr=192.0.2.1",
    ])
    func `records that are none are refused`(_ text: String) {
        #expect(throws: ArgumentError.self) { try PreloadedRecord(ByteString(text)) }
    }

    @Test func `a file that cannot be read stops the start`() throws {
        let bench = ModuleBench()
        let module = try bench.load(Corex.self, [("dns_file", .text("/nonexistent"))])
        #expect(throws: ModuleError.self) { try module.hooks.started?(bench) }
    }
}

@Suite("corex: forwarding and the wire")
struct CorexWireTests {
    private static let request = """
        OPTIONS sip:a@192.0.2.1 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.5;rport;branch=z9hG4bK1
        v: SIP/2.0/UDP 192.0.2.6;branch=z9hG4bK0
        From: <sip:x@y>;tag=1
        To: <sip:a@b>
        Call-ID: c
        CSeq: 1 OPTIONS

        """

    @Test func `forwarding as a client leaves one Via`() throws {
        let bench = ModuleBench()
        try bench.load(Corex.self)
        let route = try bench.receive(Self.request)
        #expect(try bench.call("forward_uac", in: route) == 1)
        #expect(try bench.call("forward_uac_uri", "sip:192.0.2.9:5070", "2", in: route) == 1)
        #expect(try bench.call("forward_uac_uri", "junk", in: route) == -1)
        #expect(bench.worker.sent.map(\.destination.address.description) == ["192.0.2.1:5060", "192.0.2.9:5070"])
        for sent in bench.sent {
            let vias = sent.split(separator: "\n").filter { $0.lowercased().hasPrefix("v") }
            #expect(vias.count == 1)
            #expect(vias[0].hasPrefix("Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK"))
            #expect(!sent.contains("received"))
        }
        #expect(route.edits.isEmpty)
    }

    @Test func `our Via says which server it is, when the script wants that`() throws {
        let bench = ModuleBench()
        bench.settings.serverID = 7
        try bench.load(Corex.self)
        let route = try bench.receive(Self.request)
        #expect(try bench.call("via_add_srvid", "1", in: route) == 1)
        #expect(StatelessForwarder.forwardRequest(route).isSuccess)
        #expect(try bench.call("via_add_srvid", "0", in: route) == 1)
        #expect(StatelessForwarder.forwardRequest(route).isSuccess)
        #expect(try bench.call("via_add_srvid", "x", in: route) == -1)
        #expect(bench.sent[0].contains(";srvid=7\n"))
        #expect(!bench.sent[1].contains("srvid"))
    }

    @Test func `our Via has what the script put into xavps`() throws {
        let bench = ModuleBench()
        bench.settings.xavpViaParams = "params"
        bench.settings.xavpViaFields = "fields"
        try bench.load(Corex.self)
        let route = try bench.receive(Self.request)
        var params = NamedStacks()
        for (name, value) in [("a", .int(5)), ("b", .bytes("x;y")), ("c", .bytes("z"))] as [(ByteString, Value)] {
            params.push(name, value)
        }
        route.attributes.xavp.push("params", .fields(params))
        var fields = NamedStacks()
        fields.push("address", .bytes("sip.example.org"))
        fields.push("port", .bytes("5080"))
        route.attributes.xavp.push("fields", .fields(fields))
        #expect(StatelessForwarder.forwardRequest(route).isSuccess)
        #expect(try bench.call("via_add_xavp_params", "1", in: route) == 1)
        #expect(try bench.call("via_use_xavp_fields", "1", in: route) == 1)
        #expect(StatelessForwarder.forwardRequest(route).isSuccess)
        #expect(bench.sent[0].contains("Via: SIP/2.0/UDP 127.0.0.1:5060;branch="))
        #expect(!bench.sent[0].contains(";c=z"))
        #expect(bench.sent[1].contains("Via: SIP/2.0/UDP sip.example.org:5080;branch="))
        #expect(bench.sent[1].contains(";c=z;a=5\n"))
    }

    /// A bench with event routes, and what they saw.
    private final class Scene {
        let bench = ModuleBench()
        var seen: [(event: String, isIncoming: Bool, text: String)] = []

        init(_ parameters: [(String, ParameterValue)], replacement: Value = .null) throws {
            self.bench.program.routes = ["network:msg", "corex:reply-out"]
            try self.bench.load(Corex.self, parameters)
            self.bench.worker.finishing = { [unowned self] call, context in
                let event = self.bench.program.name(of: call.route).string
                let isIncoming = (try? self.bench.call("is_incoming", in: context)) == 1
                let message = context.message
                let text = message.text(ByteRange(start: 0, count: message.length)).string
                self.seen.append((event, isIncoming, text))
                if !replacement.isNull { context.attributes.push(.text("msg"), replacement) }
                return RouteResult(code: 1)
            }
        }

        func arrive(_ text: String) throws -> String {
            let buffer = ByteBuffer(text)
            let arrival = Arrival(
                source: SocketAddress(ip: .anyIPv4, port: 1), socket: self.bench.sockets[0], time: self.bench.worker.now
            )
            for look in self.bench.program.hooks.bytesArrived {
                #expect(look(self.bench.worker, self.bench.program, buffer, arrival))
            }
            return ByteString(buffer.span).string
        }

        func leave(_ text: String) throws -> String {
            let buffer = ByteBuffer(text)
            let destination = Destination(transport: .udp, address: SocketAddress(ip: .anyIPv4, port: 1))
            for look in self.bench.program.hooks.bytesLeaving {
                #expect(look(self.bench.worker, self.bench.program, buffer, destination))
            }
            return ByteString(buffer.span).string
        }
    }

    @Test func `the route sees both ways, and may put other bytes in place`() throws {
        let scene = try Scene(
            [("nio_intercept", .int(1)), ("nio_msg_avp", .text("$avp(msg)"))], replacement: .bytes("other"))
        #expect(try scene.arrive("no message at all") == "other")
        #expect(try scene.leave("leaving") == "other")
        #expect(scene.seen.map(\.event) == ["network:msg", "network:msg"])
        #expect(scene.seen.map(\.isIncoming) == [true, false])
        #expect(scene.seen.map(\.text) == ["no message at all", "leaving"])
    }

    @Test func `without the variable everything stays as it is`() throws {
        let scene = try Scene([("nio_intercept", .int(1))], replacement: .bytes("other"))
        #expect(try scene.arrive("as it is") == "as it is")
    }

    @Test func `short messages are passed over`() throws {
        let scene = try Scene([("nio_intercept", .int(1)), ("nio_min_msg_len", .int(10))])
        _ = try scene.arrive("123456789")
        _ = try scene.arrive("1234567890")
        #expect(scene.seen.count == 1)
    }

    @Test func `nothing is intercepted unless the parameter says so, but replies are looked at`() throws {
        let scene = try Scene([])
        _ = try scene.arrive("SIP/2.0 200 OK\r\n\r\n")
        _ = try scene.leave("OPTIONS sip:a SIP/2.0\r\n\r\n")
        _ = try scene.leave("SIP/2.0 200 OK\r\n\r\n")
        #expect(scene.seen.map(\.event) == ["corex:reply-out"])
    }

    @Test func `hooks for events that no route is for are not called`() throws {
        let module = try ModuleBench().load(Corex.self, [("nio_intercept", .int(1))])
        #expect(ProgramHooks([module.hooks], events: ["htable:mod-init"]).bytesArrived.isEmpty)
        #expect(ProgramHooks([module.hooks], events: ["htable:mod-init"]).bytesLeaving.isEmpty)
        #expect(ProgramHooks([module.hooks], events: ["network:msg"]).bytesArrived.count == 1)
    }

    @Test func `a place for the other bytes that is no variable stops the start`() {
        #expect(throws: (any Error).self) {
            try ModuleBench().load(Corex.self, [("nio_msg_avp", .text("$ru"))])
        }
    }
}

extension Outcome {
    fileprivate var isSuccess: Bool {
        if case .code(1) = self { return true }
        return false
    }
}
