import Bytes
import ModuleKit
import SIPTesting
import Testing
import usrloc

@testable import registrar

@Suite("registrar: bad input")
struct RegistrarBadInputTests {
    @Test func `a thousand contacts in one REGISTER`() throws {
        var phone = try RegistrarBench()
        let contacts = (0..<1000).map { "<sip:a@10.0.\($0 / 250).\($0 % 250)>" }
        let reply = try phone.register([contacts.joined(separator: ", ")], "600")
        #expect(reply.hasPrefix("1 200 OK"))
        #expect(reply.components(separatedBy: ";expires=600") == 1000)
        #expect(try phone.register([contacts.joined(separator: ", ")], "600").hasPrefix("2 200 OK"))
        #expect(try phone.register(["*"], "0") == "3 200 OK")
    }

    @Test func `a thousand contacts where a few are allowed`() throws {
        var phone = try RegistrarBench([("max_contacts", .int(5))])
        let contacts = (0..<1000).map { "<sip:a@10.0.\($0 / 250).\($0 % 250)>" }
        let reply = try phone.register([contacts.joined(separator: ", ")], "600")
        #expect(reply == "-2 503 Service Unavailable\nP-Registrar-Error: Too many registered contacts")
        #expect(try phone.register([]) == "4 200 OK")
    }

    @Test(arguments: [
        "99999999999999999999999", "-1", "-99999999999", "0x7fffffff", "1e9", "1.5", "now", "\"", "4294967295", "\u{0}",
    ])
    func `an expiry that is none, or past all bounds`(value: String) throws {
        var phone = try RegistrarBench()
        for reply in [
            try phone.register(["<sip:a@1.1.1.1>;expires=\(value)"]),
            try phone.register(["<sip:a@1.1.1.1>"], value),
        ] {
            #expect(reply.contains(" 200 ") || reply.contains(" 400 "))
            // Never more than max_expires.
            let seconds = reply.components("expires=")
            #expect(seconds.allSatisfy { $0 <= 3600 })
        }
    }

    @Test(arguments: [
        "", ",", ",,,,", "*,*", "*;*", "<*>", "<", ">", "<>", "\"", "\"\\", "<sip:", "<sip:>", "sip:", ":", "<:>", ";",
        "<sip:a@1.1.1.1>;", "<sip:a@1.1.1.1>;;;;", "<sip:a@1.1.1.1>;=", "<sip:a@1.1.1.1>;+sip.instance",
        "<sip:a@1.1.1.1>;+sip.instance=", "<sip:a@1.1.1.1>;+sip.instance=\"", "<sip:a@1.1.1.1>;+sip.instance=\"<\"",
        "<sip:a@1.1.1.1>;+sip.instance=\"<>\"", "<sip:a@1.1.1.1>;reg-id=99999999999999999999", "\u{0}",
        "<sip:\u{0}@1.1.1.1>", "<sip:a@1.1.1.1>;q=\u{0}", "<sip:a@[::1>", "<sip:a@[>",
    ])
    func `contacts of every broken shape`(value: String) throws {
        for gruu in [0, 1] {
            var phone = try RegistrarBench([("gruu_enabled", .int(gruu)), ("outbound_mode", .int(1))])
            let reply = try phone.register([value], "600", extra: "Supported: gruu, outbound\n")
            #expect(reply.contains(" 200 ") || reply.contains(" 400 "))
            _ = try phone.register([], extra: "Supported: gruu\n")
            #expect(try phone.register(["*"], "0").hasPrefix("3 200 OK"))
        }
    }

    @Test(arguments: [
        "uloc-", "uloc--", "uloc-1-2-3", "uloc-1-2-3-", "uloc-1-2-3-ffffffffffffffff", "uloc-1-2-3-zz",
        "uloc-1-2-3-00000000000000000000", "x", "",
    ])
    func `temporary GRUUs that nobody was given`(user: String) throws {
        var phone = try RegistrarBench([("gruu_enabled", .int(1))])
        _ = try phone.register(["<sip:a@1.1.1.1>;+sip.instance=\"<urn:uuid:1>\""], "60", extra: "Supported: gruu\n")
        let route = try phone.bench.receive(
            LookupTests.request().replacing("sip:alice@x.com SIP", with: "sip:\(user)@x.com;gr SIP"))
        #expect(try phone.bench.call("lookup", "location", in: route) < 0)
    }
}

extension String {
    /// How many parts `separator` makes.
    fileprivate func components(separatedBy separator: String) -> Int { self.split(separator: separator).count }

    /// Numbers behind each `mark`.
    fileprivate func components(_ mark: String) -> [Int] {
        self.split(separator: mark).dropFirst().compactMap { Int($0.prefix { $0.isNumber }) }
    }
}
