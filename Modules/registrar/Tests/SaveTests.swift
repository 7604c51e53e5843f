import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import sl
import usrloc

@testable import registrar

/// A registrar on the bench and a phone that registers with it.
struct RegistrarBench {
    let bench: ModuleBench
    var cSeq = 0

    init(_ parameters: [(String, ParameterValue)] = [], location: [(String, ParameterValue)] = []) throws {
        self.bench = ModuleBench()
        try self.bench.load(StatelessReplies.self)
        try self.bench.load(UserLocation.self, location)
        try self.bench.load(
            Registrar.self,
            [("method_filtering", .int(1)), ("max_expires", .int(3600)), ("gruu_enabled", .int(0))] + parameters)
    }

    static func request(
        _ contacts: [String], expires: String? = nil, user: String = "alice", callID: String = "reg1", cSeq: Int,
        extra: String = "", to: String? = nil
    ) -> String {
        """
        REGISTER sip:x.com SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK\(cSeq)
        From: <sip:\(user)@x.com>;tag=f1
        To: \(to ?? "<sip:\(user)@x.com>")
        Call-ID: \(callID)
        CSeq: \(cSeq) REGISTER
        \(contacts.map { "Contact: \($0)\n" }.joined())\(expires.map { "Expires: \($0)\n" } ?? "")\(extra)Content-Length: 0

        """
    }

    /// Registers and gives the code of `save`, the status and the lines of the reply that matter.
    mutating func register(
        _ contacts: [String], _ expires: String? = nil, user: String = "alice", callID: String = "reg1",
        cSeq: Int? = nil,
        extra: String = "", to: String? = nil, flags: String = "0", prepare: (RouteContext) -> Void = { _ in }
    ) throws -> String {
        self.cSeq += 1
        let text = Self.request(
            contacts, expires: expires, user: user, callID: callID, cSeq: cSeq ?? self.cSeq, extra: extra, to: to)
        let route = try self.bench.receive(text)
        prepare(route)
        let before = self.bench.worker.sent.count
        let code = try self.bench.call("save", "location", flags, in: route)
        guard self.bench.worker.sent.count > before, let reply = self.bench.sent.last else { return "\(code)" }
        let copied = ["Via:", "From:", "To:", "Call-ID:", "CSeq:", "Server:", "Content-Length:"]
        let lines = reply.split(separator: "\n").filter { line in !copied.contains { line.hasPrefix($0) } }
        return "\(code) " + lines.joined(separator: "\n").replacing("SIP/2.0 ", with: "")
    }
}

@Suite("registrar: save (RFC 3261 §10.3), as recorded from Kamailio 5.6.3")
struct SaveTests {
    let a = "<sip:alice@127.0.0.1:5070>"
    let b = "<sip:alice@127.0.0.1:5071>"

    @Test func `add, refresh, query, order, remove`() throws {
        var phone = try RegistrarBench()
        #expect(try phone.register([]) == "4 200 OK")
        #expect(try phone.register([a], "600") == "1 200 OK\nContact: \(a);expires=600")
        #expect(try phone.register([a], "600") == "2 200 OK\nContact: \(a);expires=600")
        #expect(try phone.register([a], "600", cSeq: 3) == "1 200 OK\nContact: \(a);expires=600")
        #expect(
            try phone.register([a], "600", cSeq: 1)
                == "-1 400 Bad Request\nContact: \(a);expires=600\nP-Registrar-Error: Invalid CSeq number")
        #expect(try phone.register([a], "600", callID: "reg2", cSeq: 1) == "2 200 OK\nContact: \(a);expires=600")
        #expect(
            try phone.register([b + ";q=0.5"], "300") == "1 200 OK\nContact: \(b);q=0.5;expires=300, \(a);expires=600")
        let c = "<sip:alice@127.0.0.1:5072>"
        let list = "\(c);q=0.7;expires=119, \(b);q=0.5;expires=299, \(a);expires=599"
        _ = try phone.register([c + ";q=0.7;expires=120"], "300")
        phone.bench.worker.advance(seconds: 1)
        let two =
            "<sip:alice@127.0.0.1:5073>;expires=50, \"Al\" <sip:alice@127.0.0.1:5074;transport=tcp>;foo=bar;expires=7200"
        let tail = "<sip:alice@127.0.0.1:5074;transport=tcp>;expires=3600, <sip:alice@127.0.0.1:5073>;expires=60"
        #expect(try phone.register([two]) == "1 200 OK\nContact: \(list), \(tail)")
        #expect(try phone.register([]) == "4 200 OK\nContact: \(list), \(tail)")
        #expect(
            try phone.register([a + ";expires=0"]).hasPrefix("3 200 OK\nContact: \(c);q=0.7;expires=119, \(b);q=0.5;"))
    }

    @Test func `star`() throws {
        var phone = try RegistrarBench()
        _ = try phone.register([a], "600")
        let wrong = "-1 400 Bad Request\nP-Registrar-Error: * used in contact and expires is not zero"
        #expect(try phone.register(["*"]) == wrong)
        #expect(try phone.register(["*"], "10") == wrong)
        let mixed = "-1 400 Bad Request\nP-Registrar-Error: * used in contact and more than 1 contact"
        #expect(try phone.register(["*", a], "0") == mixed)
        #expect(try phone.register([a, "*"], "0") == mixed)
        #expect(try phone.register(["*"], "0") == "3 200 OK")
        #expect(try phone.register([]) == "4 200 OK")
    }

    @Test(arguments: [
        ("1", "1"), ("1.0", "1"), ("0", "0"), ("0.0", "0"), (".5", "0.5"), ("0.123", "0.123"), ("0.1234", "0.123"),
    ])
    func `q is read leniently`(given: String, listed: String) throws {
        var phone = try RegistrarBench()
        #expect(try phone.register([a + ";q=" + given], "60") == "1 200 OK\nContact: \(a);q=\(listed);expires=60")
    }

    @Test func `an empty q is none`() throws {
        var phone = try RegistrarBench()
        #expect(try phone.register([a + ";q="], "60") == "1 200 OK\nContact: \(a);expires=60")
    }

    @Test(arguments: ["abc", "1.5", "2", "11"])
    func `a q that is none is refused`(given: String) throws {
        var phone = try RegistrarBench()
        #expect(
            try phone.register([a + ";q=" + given], "60")
                == "-1 400 Bad Request\nP-Registrar-Error: Invalid q param in contact")
    }

    @Test(
        arguments: [
            ("", "abc", 3600), (";expires=abc", "60", 3600), (";expires=99999999999", "60", 3600),
            (";expires=-5", "60", 3600),
            ("", "5", 60), ("", nil, 3600), (";expires=\"70\"", nil, 70), (";expires=33;q=0.2", "100", 60),
        ] as [(String, String?, Int)])
    func `lifetimes are clamped`(parameter: String, header: String?, granted: Int) throws {
        var phone = try RegistrarBench()
        let reply = try phone.register([a + parameter], header)
        #expect(reply.hasSuffix(";expires=\(granted)"))
    }

    @Test func `what cannot be kept is refused`() throws {
        var phone = try RegistrarBench()
        #expect(try phone.register(["<<>>"], "60") == "-1 400 Bad Request\nP-Registrar-Error: Contact parse error")
        #expect(try phone.register([""], "60") == "-1 400 Bad Request\nP-Registrar-Error: Contact parse error")
        let long = String(repeating: "a", count: 600)
        #expect(
            try phone.register(["<sip:a@1.2.3.4;x=\(long)>"], "60")
                == "-1 400 Bad Request\nP-Registrar-Error: Contact/received too long")
        #expect(
            try phone.register([a], "60", callID: String(repeating: "c", count: 300))
                == "-1 400 Bad Request\nP-Registrar-Error: Callid too long")
        #expect(
            try phone.register([a], "60", user: String(repeating: "u", count: 300))
                == "-1 500 Server Internal Error\nP-Registrar-Error: Address Of Record too long")
        #expect(phone.bench.counters.value("registrar", "rejected_regs") == 5)
    }

    @Test func `users are told apart without regard to case and escapes`() throws {
        var phone = try RegistrarBench()
        _ = try phone.register([a], "60", to: "<sip:ALICE@X.com>")
        #expect(try phone.register([], to: "<sip:al%69ce@x.com>") == "4 200 OK\nContact: \(a);expires=60")
        #expect(try phone.register([], to: "sip:alice@other.com") == "4 200 OK\nContact: \(a);expires=60")
        var strict = try RegistrarBench([("case_sensitive", .int(1))], location: [("use_domain", .int(1))])
        _ = try strict.register([a], "60", to: "<sip:ALICE@X.com>")
        #expect(try strict.register([], to: "<sip:alice@x.com>") == "4 200 OK")
        #expect(try strict.register([], to: "<sip:ALICE@y.com>") == "4 200 OK")
        #expect(try strict.register([], to: "<sip:ALICE@x.com>") == "4 200 OK\nContact: \(a);expires=60")
    }

    @Test func `instances and flows`() throws {
        var phone = try RegistrarBench()
        let id = "+sip.instance=\"<urn:uuid:1>\""
        func contact(_ port: Int, _ rest: String) -> String { "<sip:alice@1.1.1.1:\(port)>;\(rest)" }
        _ = try phone.register([contact(1, id)], "60")
        let second = try phone.register([contact(2, id)], "60")
        #expect(second == "2 200 OK\nContact: <sip:alice@1.1.1.1:2>;expires=60;\(id)")
        let third = try phone.register([contact(3, id + ";reg-id=1")], "60")
        #expect(
            third
                == "1 200 OK\nContact: <sip:alice@1.1.1.1:2>;expires=60;\(id), <sip:alice@1.1.1.1:3>;expires=60;\(id);reg-id=1"
        )
    }

    @Test func `received comes from the contact or from the variable`() throws {
        var phone = try RegistrarBench([("received_avp", .text("$avp(RECEIVED)"))])
        let set = { (route: RouteContext) in route.attributes.push(.text("RECEIVED"), .text("sip:9.9.9.9:1234")) }
        #expect(
            try phone.register([a], "60", prepare: set)
                == "1 200 OK\nContact: \(a);expires=60;received=\"sip:9.9.9.9:1234\"")
        #expect(
            try phone.register([a + ";received=\"sip:8.8.8.8\""], "60", prepare: set)
                == "2 200 OK\nContact: \(a);expires=60;received=\"sip:8.8.8.8\"")
        #expect(try phone.register([a], "60") == "2 200 OK\nContact: \(a);expires=60")
    }

    @Test func `no more than max_contacts`() throws {
        var phone = try RegistrarBench([("max_contacts", .int(2)), ("retry_after", .int(30))])
        let c = "<sip:c@1.1.1.1>"
        _ = try phone.register([a], "60")
        _ = try phone.register([b], "60")
        let full =
            "Contact: \(a);expires=60, \(b);expires=60\nP-Registrar-Error: Too many registered contacts\nRetry-After: 30"
        #expect(try phone.register([c], "60") == "-2 503 Service Unavailable\n\(full)")
        #expect(try phone.register([a], "60").hasPrefix("2 200 OK"))
        #expect(
            try phone.register([a + ";expires=0", c], "60") == "1 200 OK\nContact: \(b);expires=60, \(c);expires=60")
        #expect(
            try phone.register([a, b, c], "60", user: "bob").hasPrefix("-2 503 Service Unavailable\nP-Registrar-Error"))
        phone.bench.worker.advance(seconds: 60)
        #expect(try phone.register([a], "60") == "1 200 OK\nContact: \(a);expires=60")
    }

    @Test func `too brief an interval is refused when asked to`() throws {
        var phone = try RegistrarBench([("min_expires_mode", .int(1))])
        #expect(
            try phone.register([a], "10")
                == "-1 423 Interval Too Brief\nMin-Expires: 60\nP-Registrar-Error: Interval too brief")
        #expect(try phone.register([a], "60").hasPrefix("1 200 OK"))
    }

    @Test func `flags: no reply, prepared headers, one contact`() throws {
        var phone = try RegistrarBench()
        var prepared: RouteContext?
        #expect(try phone.register([a], "60", flags: "0x02") { prepared = $0 } == "1")
        #expect(prepared?.replyHeaders.count == 0)
        #expect(try phone.register([b], "60", flags: "18") { prepared = $0 } == "1")
        #expect((prepared?.replyHeaders.count ?? 0) > 60)
        #expect(
            try phone.register(["<sip:c@1.1.1.1>"], "60", flags: "4") == "1 200 OK\nContact: <sip:c@1.1.1.1>;expires=60"
        )
    }

    @Test(
        arguments: [(0, true, nil), (1, false, nil), (1, true, "P"), (2, true, "P"), (2, false, "420")]
            as [(Int, Bool, String?)])
    func `Path`(mode: Int, isSupported: Bool, outcome: String?) throws {
        var phone = try RegistrarBench([("use_path", .int(1)), ("path_mode", .int(mode))])
        let path = "Path: <sip:p1;lr>\nPath: <sip:p2;lr;ob>, <sip:p3;lr>\n"
        let reply = try phone.register([a], "60", extra: path + (isSupported ? "Supported: path, gruu\n" : ""))
        let echoed = "Path: <sip:p1;lr>,<sip:p2;lr;ob>, <sip:p3;lr>"
        switch outcome {
        case nil: #expect(reply == "1 200 OK\nContact: \(a);expires=60")
        case "P": #expect(reply == "1 200 OK\nContact: \(a);expires=60\n\(echoed)")
        default:
            #expect(
                reply
                    == "-1 420 Bad Extension\nUnsupported: path\n\(echoed)\nP-Registrar-Error: No support for found Path indicated"
            )
        }
        #expect(
            try phone.register([b], "60", extra: "Path: foo\nSupported: path\n").hasSuffix(
                "P-Registrar-Error: Path parse error"))
    }

    @Test func `another address of record, and a table of its own`() throws {
        let phone = try RegistrarBench()
        let route = try phone.bench.receive(RegistrarBench.request([a], expires: "60", cSeq: 1))
        #expect(try phone.bench.call("save", "others", "0", "sip:carol@x.com", in: route) == 1)
        #expect(try phone.bench.call("registered", "others", "sip:carol@x.com", in: route) == 1)
        #expect(try phone.bench.call("registered", "others", "sip:alice@x.com", in: route) == -1)
        #expect(try phone.bench.call("registered", "location", "sip:carol@x.com", in: route) == -1)
    }
}
