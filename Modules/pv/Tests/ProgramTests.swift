import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import pv

@Suite("pv: message, errors, sending, parameters, RPC")
struct ProgramTests {
    static func note(
        _ text: String, _ body: String = "", settings: String = "", message: String = NoteBench.request
    )
        throws -> String
    {
        try NoteBench.notes(
            "\(body) note(\"\(text)\");", settings: settings, message: message,
            modules: [ModuleType(PseudoVariables.self)]
        ).last ?? ""
    }

    static let short = "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n\nbody\n"

    @Test func `pieces of the message end before line ends`() throws {
        #expect(
            try Self.note(
                "$(msg(hdrs){s.len}) $(msg(fline){s.len}) $(msg(fpart){s.len}) $(msg(lpart){s.len}) $(msg(body){s.len}) $ml",
                message: Self.short) == "51 23 76 61 6 86")
    }

    @Test func `bytes of the message can be read and changed`() throws {
        #expect(
            try Self.note(
                "$msgbuf(0)$msgbuf(1) $msgbuf(9999) $msgbuf(x) $msgbuf($var(i))", "$var(i) = 4;", message: Self.short)
                == "OP <null> <null> O")
        #expect(try Self.note("$rm", "$msgbuf(0) = \"X\";", message: Self.short) == "XPTIONS")
        #expect(try Self.note("$rm", "$msgbuf(9999) = \"X\"; $msgbuf(1) = \"\";", message: Self.short) == "OPTIONS")
    }

    @Test func `messages are numbered by their worker`() throws {
        let bench = ModuleBench()
        try bench.load(PseudoVariables.self)
        let route = try bench.receive(Self.short)
        for expected in ["1", "2", "3"] {
            route.reset(arrival: route.arrival, program: bench.program)
            #expect(route.text(try bench.read("mi", in: route)).string == expected)
        }
    }

    @Test func `what is wrong with the message is told`() throws {
        let text = "$err.class $err.level [$err.info] $err.rcode [$err.rreason]"
        #expect(try Self.note(text) == "<null> <null> [<null>] <null> [<null>]")
        #expect(try Self.note(text, message: Self.short) == "1 2 [error parsing Call-ID] 400 [Bad Call-ID]")
        #expect(try Self.note(text, "$ru = \"junk junk\";") == "1 2 [error parsing Request-URI] 400 [Bad Request-URI]")
        #expect(
            try Self.note("$err.level $err.info", message: "OPTIONS sip:a@b SIP/2.0\nCSeq: 1 OPTIONS\n")
                == "3 error parsing Via")
    }

    @Test func `address families are numbers`() throws {
        #expect(try Self.note("$af(INET) $af(inet6)") == "2 10")
        #expect(throws: ScriptBench.Refused.self) { try Self.note("$af(x)") }
    }

    @Test func `outside onsend_route nothing is being sent`() throws {
        #expect(
            try Self.note("$snd(ip) $sndto(port) $sndfrom(sproto) $rcv(buf) $recv(len)")
                == "<null> <null> <null> <null> <null>")
        for variable in ["$snd(x)", "$sndfrom(x)", "$rcv(x)", "$rcv(bufat)", "$snd"] {
            #expect(throws: ScriptBench.Refused.self) { try Self.note(variable) }
        }
    }

    @Test func `inside onsend_route it is told where the message goes`() throws {
        let bench = ModuleBench()
        try bench.load(PseudoVariables.self)
        let route = try bench.receive(Self.short)
        let address = SocketAddress(ip: try #require(IPAddress("192.0.2.7")), port: 5080)
        route.setState(
            Departure(
                destination: Destination(transport: .tcp, address: address), socket: bench.sockets[1], bytes: "OPTIONS")
        )
        func text(_ name: String, _ key: String) throws -> String {
            route.text(try bench.read(name, key, in: route)).string
        }
        #expect(
            try ["ip", "port", "proto", "sproto", "af", "buf", "len"].map { try text("snd", $0) }
                == ["192.0.2.7", "5080", "2", "tcp", "2", "OPTIONS", "7"])
        #expect(try ["ip", "port", "sproto"].map { try text("sndfrom", $0) } == ["127.0.0.1", "5060", "tcp"])
        #expect(try text("sndto", "ip") == "192.0.2.7")
    }

    @Test func `bytes that came in can be read and changed`() throws {
        let bench = ModuleBench()
        try bench.load(PseudoVariables.self)
        let route = try bench.receive(Self.short)
        let received = ReceivedBytes(buffer: ByteBuffer("A\r\nB"), arrival: route.arrival)
        route.setState(received)
        func text(_ key: String) throws -> String { route.text(try bench.read("rcv", key, in: route)).string }
        #expect(
            try [
                "buf", "len", "safe", "srcip", "srcport", "rcvip", "rcvport", "proto", "sproto", "af", "bufat[3]",
                "hexat[1]", "bufat[4]",
            ]
            .map(text)
                == ["A\r\nB", "4", "A..B", "127.0.0.1", "5070", "127.0.0.1", "5060", "1", "udp", "2", "B", "0d", ""])
        #expect(try VariableTests.access(bench, "rcv", "bufat[0]").write?(route, .none, .text("Z")) == true)
        #expect(try VariableTests.access(bench, "rcv", "hexat[3]").write?(route, .none, .text("21")) == true)
        #expect(try VariableTests.access(bench, "rcv", "hexat[3]").write?(route, .none, .text("zz")) == false)
        #expect(try VariableTests.access(bench, "rcv", "bufat[4]").write?(route, .none, .text("Z")) == false)
        #expect(try text("buf") == "Z\r\n!")
    }

    @Test func `overload control is read from Via`() throws {
        let message = """
            OPTIONS sip:a@b SIP/2.0
            Via: SIP/2.0/UDP h;branch=z9hG4bK1;oc=20;oc-algo="loss";oc-validity=500;oc-seq=1282321615.782
            CSeq: 1 OPTIONS

            """
        #expect(
            try Self.note("$via0(oc) $via0(ocval) $via0(ocalgo) $via0(ocvalidity) $via0(ocseq)", message: message)
                == "1 20 loss 500 1282321615.782")
        #expect(
            try Self.note("$via0(oc) $via0(ocval) $via0(ocalgo) $via0(ocseq) $via1(oc)")
                == "0 <null> <null> <null> <null>")
    }

    @Test func `attributes may have names of their own`() throws {
        let settings = #"modparam("pv", "avp_aliases", "uuid=i:5; email=s:mail;plain=name")"#
        #expect(
            try Self.note(
                "$avp(i:5) $avp(mail) $avp(name) $cnt($avp(uuid))",
                "$avp(uuid) = 1; $avp(uuid) = 2; $avp(email) = \"m\"; $avp(plain) = 3;", settings: settings)
                == "2 m 3 2")
        for text in ["x", "=i:5", "a="] {
            #expect(throws: ArgumentError.self) { try AttributeAlias.parse(ByteString(text)) }
        }
    }

    @Test func `shared variables are read and set by RPC`() throws {
        let bench = ModuleBench()
        try bench.load(PseudoVariables.self, [("shvset", .text("a=i:5")), ("shvset", .text("b=s:txt"))])
        func structure(_ name: String, _ type: String, _ value: RPCValue) -> RPCValue {
            .structure(["name": .string(name), "type": .string(type), "value": value])
        }
        #expect(try bench.call("pv.shvGet", [.string("a")]) == [structure("a", "int", .int(5))])
        #expect(
            try bench.call("pv.shvGet", [])
                == [
                    .structure([
                        "items": .structure([
                            "shv": structure("a", "int", .int(5)), "shv": structure("b", "string", .string("txt")),
                        ])
                    ])
                ])
        #expect(
            try bench.call("pv.shvSet", [.string("a"), .string("str"), .string("x")]) == [
                .string("Ok. Variable set to new value.")
            ])
        #expect(try bench.call("pv.shvGet", [.string("a")]) == [structure("a", "string", .string("x"))])
        #expect(throws: RPCFault(404, "Variable not found")) { try bench.call("pv.shvGet", [.string("no")]) }
        #expect(throws: RPCFault(404, "Variable not found")) {
            try bench.call("pv.shvSet", [.string("no"), .string("int"), .int(1)])
        }
        #expect(throws: RPCFault(500, "Missing parameter type (Parameters: varname type value)")) {
            try bench.call("pv.shvSet", [.string("a")])
        }
        #expect(throws: RPCFault(500, "Unknown parameter type (Types: int or str)")) {
            try bench.call("pv.shvSet", [.string("a"), .string("foo"), .int(1)])
        }
    }
}
