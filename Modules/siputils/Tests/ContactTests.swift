import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import siputils

/// What Kamailio 5.6.3 makes of the same Contact.
@Suite("siputils: hidden contacts")
struct ContactTests {
    static let contacts = #""A" <sip:alice:pw@10.0.0.1:5062;transport=tcp;ob>;expires=60, <sip:carol@10.0.0.2>"#

    static func bench(
        _ contact: String? = contacts, uri: String = "sip:bob@example.com"
    ) throws
        -> (ModuleBench, RouteContext)
    {
        let bench = ModuleBench()
        try bench.load(SIPUtils.self)
        let line = contact.map { "Contact: \($0)\n" } ?? ""
        return (
            bench,
            try bench.receive("INVITE \(uri) SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 INVITE\n\(line)")
        )
    }

    static func contact(_ route: RouteContext) -> String {
        let out = ByteBuffer()
        MessageWriter.write(route.message, route.edits, into: out)
        let lines = ByteString(out.span).string.replacingCRLF.split(separator: "\n")
        return lines.filter { $0.hasPrefix("Contact: ") }.map { String($0.dropFirst(9)) }.joined(separator: " | ")
    }

    @Test func `the URIs are hidden in the user part`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("encode_contact", "enc", "9.9.9.9", in: route) == 1)
        #expect(
            Self.contact(route)
                == #""A" <sip:enc*alice*pw*10.0.0.1*5062*tcp@9.9.9.9>;expires=60, <sip:enc*carol**10.0.0.2**@9.9.9.9>"#)
    }

    @Test func `the separator is a parameter`() throws {
        let bench = ModuleBench()
        try bench.load(SIPUtils.self, [("contact_flds_separator", .text("-"))])
        let route = try bench.receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h\nContact: sip:u@10.0.0.1;q=0.5\n")
        #expect(try bench.call("encode_contact", "p", "h.example", in: route) == 1)
        #expect(Self.contact(route) == "<sip:p-u--10.0.0.1--@h.example>;q=0.5")
    }

    @Test(arguments: [
        ("sip:enc*alice*pw*10.0.0.1*5062*tcp@9.9.9.9", 1, "sip:alice:pw@10.0.0.1:5062;transport=tcp"),
        ("sip:enc*alice**10.0.0.1**@9.9.9.9", 1, "sip:alice@10.0.0.1"),
        ("sip:enc***10.0.0.1**@9.9.9.9", 1, "sip:10.0.0.1"),
        ("sip:junk@9.9.9.9", -26, "sip:junk@9.9.9.9"), ("sip:9.9.9.9", -23, "sip:9.9.9.9"),
        ("sip:p*a*b@9.9.9.9", -26, "sip:p*a*b@9.9.9.9"), ("sip:p*a*b***@9.9.9.9", -26, "sip:p*a*b***@9.9.9.9"),
        ("sip:p*a**h*x*@9.9.9.9", -26, "sip:p*a**h*x*@9.9.9.9"),
    ])
    func `the Request-URI is found again`(uri: String, code: Int, expected: String) throws {
        let (bench, route) = try Self.bench(uri: uri)
        #expect(try bench.call("decode_contact", in: route) == code)
        #expect(route.text(route.requestURI).string == expected)
    }

    @Test func `Contact is found again, all of it or nothing`() throws {
        let (bench, route) = try Self.bench(
            "<sip:e*a**10.0.0.1**@9.9.9.9>;q=1, <sip:e*b**10.0.0.2*5070*@9.9.9.9>")
        #expect(try bench.call("decode_contact_header", in: route) == 1)
        #expect(Self.contact(route) == "<sip:a@10.0.0.1>;q=1, <sip:b@10.0.0.2:5070>")
        let (other, mixed) = try Self.bench("<sip:e*a**10.0.0.1**@9.9.9.9>, <sip:carol@10.0.0.2>")
        #expect(try other.call("decode_contact_header", in: mixed) == -26)
        #expect(Self.contact(mixed) == "<sip:e*a**10.0.0.1**@9.9.9.9>, <sip:carol@10.0.0.2>")
    }

    @Test func `without Contact nothing can be encoded, a star stays`() throws {
        let (bench, route) = try Self.bench(nil)
        #expect(try bench.call("encode_contact", "e", "h", in: route) == -1)
        #expect(try bench.call("decode_contact_header", in: route) == -1)
        #expect(try bench.call("contact_param_encode", "np", "sip:7.7.7.7", in: route) == 1)
        let (other, star) = try Self.bench("*")
        #expect(try other.call("encode_contact", "e", "h", in: star) == 1)
        #expect(Self.contact(star) == "*")
        let (third, broken) = try Self.bench("<sip:a@b")
        #expect(try third.call("encode_contact", "e", "h", in: broken) == -1)
    }

    @Test func `a parameter holds the URI that was there`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("contact_param_encode", "np", "sip:7.7.7.7:5060", in: route) == 1)
        let hidden = "c2lwOmFsaWNlOnB3QDEwLjAuMC4xOjUwNjI7dHJhbnNwb3J0PXRjcDtvYg"
        let contact =
            "\"A\" <sip:7.7.7.7:5060;np=\(hidden)>;expires=60, <sip:7.7.7.7:5060;np=c2lwOmNhcm9sQDEwLjAuMC4y>"
        #expect(Self.contact(route) == contact)
        let (other, encoded) = try Self.bench(contact)
        #expect(try other.call("contact_param_check", "np", in: encoded) == 1)
        #expect(try other.call("contact_param_check", "no", in: encoded) == -1)
        #expect(try other.call("contact_param_decode", "np", in: encoded) == 1)
        #expect(Self.contact(encoded) == Self.contacts)
        let (third, again) = try Self.bench(contact)
        #expect(try third.call("contact_param_rm", "np", in: again) == 1)
        #expect(Self.contact(again) == "\"A\" <sip:7.7.7.7:5060>;expires=60, <sip:7.7.7.7:5060>")
        #expect(try bench.call("contact_param_encode", "np", "junk", in: route) == -1)
        #expect(try bench.call("contact_param_encode", "", "sip:7.7.7.7", in: route) == -1)
    }

    @Test func `the hidden URI may carry the source as alias`() throws {
        let (bench, route) = try Self.bench("<sip:carol@10.0.0.2>")
        #expect(try bench.call("contact_param_encode_alias", "np", "sip:7.7.7.7", in: route) == 1)
        let (other, encoded) = try Self.bench(Self.contact(route))
        #expect(try other.call("contact_param_decode", "np", in: encoded) == 1)
        #expect(Self.contact(encoded) == "<sip:carol@10.0.0.2;alias=127.0.0.1~5070~1>")
    }

    @Test func `what is not hidden stays`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("contact_param_decode", "ob", in: route) == 1)
        #expect(try bench.call("contact_param_rm", "no", in: route) == 1)
        #expect(Self.contact(route) == Self.contacts)
        #expect(try bench.call("contact_param_rm", "ob", in: route) == 1)
        #expect(Self.contact(route) == Self.contacts.replacingOB)
    }

    @Test(arguments: ["contact_param_decode_ruri", "contact_param_decode_uri"])
    func `the Request-URI's parameter becomes the Request-URI`(function: String) throws {
        for (uri, code, expected) in [
            ("sip:7.7.7.7;np=c2lwOmNhcm9sQDEwLjAuMC4y", 1, "sip:carol@10.0.0.2"), ("sip:7.7.7.7", -1, "sip:7.7.7.7"),
            ("sip:7.7.7.7;np", -1, "sip:7.7.7.7;np"), ("sip:7.7.7.7;np=!!", -1, "sip:7.7.7.7;np=!!"),
            ("sip:7.7.7.7;np=anVuaw", -1, "sip:7.7.7.7;np=anVuaw"),
            // sip:a b@c
            ("sip:7.7.7.7;np=c2lwOmEgYkBj", -1, "sip:7.7.7.7;np=c2lwOmEgYkBj"),
        ] {
            let (bench, route) = try Self.bench(uri: uri)
            #expect(try bench.call(function, "np", in: route) == code)
            #expect(route.text(route.requestURI).string == expected)
        }
    }
}

extension String {
    fileprivate var replacingOB: String {
        guard let range = self.firstRange(of: ";ob") else { return self }
        return String(self[..<range.lowerBound]) + String(self[range.upperBound...])
    }
}
