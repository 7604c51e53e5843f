import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import registrar
import sl
import usrloc

@Suite("Hostile texts: registrations")
struct HostileRegistrationTests {
    private func load(_ scene: StoredScene, _ mode: Int) throws -> UserLocation {
        try scene.bench.load(StatelessReplies.self)
        let location = try scene.bench.load(
            UserLocation.self,
            [
                scene.setting, ("db_mode", .int(mode)), ("preload", .text("location")), ("use_domain", .int(1)),
                ("xavp_contact", .text("ua")),
            ])
        try scene.bench.load(Registrar.self)
        try location.hooks.started?(scene.bench)
        return location
    }

    private func request(_ user: String, _ domain: String, _ own: String, contact: Bool, _ cSeq: Int) -> String {
        """
        REGISTER sip:\(domain) SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK\(cSeq)
        From: <sip:\(user)@\(domain)>;tag=1
        To: <sip:\(user)@\(domain)>
        Call-ID: c\(own)
        CSeq: \(cSeq) REGISTER
        \(contact ? "Contact: <sip:\(user)\(own)@1.1.1.1>;+sip.instance=\"<\(own)>\"\n" : "")Expires: 600
        User-Agent: \(own) agent
        Content-Length: 0

        """
    }

    /// Saves a binding and gives the status of the reply with its Contact field.
    private func save(_ scene: StoredScene, _ text: String, _ value: ByteString? = nil) throws -> String {
        let route = try scene.bench.receive(text)
        if let value {
            var fields = NamedStacks()
            fields.push("note", .bytes(value))
            route.attributes.xavp.push("ua", .fields(fields))
        }
        _ = try scene.bench.call("save", "location", in: route)
        return (scene.bench.sent.last ?? "").split(separator: "\n")
            .filter { $0.hasPrefix("SIP/2.0") || $0.hasPrefix("Contact") }.joined(separator: "|")
    }

    @Test(arguments: [1, 2, 3])
    func `whatever a phone calls itself is stored and found as it is`(mode: Int) throws {
        let scene = try StoredScene(.location, .locationAttrs)
        let location = try self.load(scene, mode)
        var expected: [[DatabaseValue]] = []
        for (number, text) in HostileTexts.users.enumerated() {
            let own = HostileTexts.plain(text, without: ",;?:[]")
            let user = HostileTexts.escaped(text)
            #expect(
                try self.save(scene, self.request(user, "d.org", own, contact: true, number + 1), text).hasPrefix(
                    "SIP/2.0 200"))
            expected.append([
                .string(ByteString(text.bytes.map(\.lowercased))), "d.org",
                .string(ByteString("sip:\(user)\(own)@1.1.1.1")),
                .string(ByteString("c\(own)")), .string(ByteString(own.isEmpty ? "agent" : "\(own) agent")),
                .string(ByteString("<\(own)>")),
            ])
        }
        for task in location.hooks.periodic where task.name == "usrloc journal" { task.body(scene.bench.worker) }
        let stored = try scene.rows("location", ["username", "domain", "contact", "callid", "user_agent", "instance"])
        #expect(Set(stored.map { $0.map(\.text) }) == Set(expected.map { $0.map(\.text) }))
        #expect(
            Set(try scene.rows("location_attrs", ["avalue"]).map { $0[0].text ?? "" }) == Set(HostileTexts.users))
        #expect(try scene.isUnharmed)
        try scene.restart()
        _ = try self.load(scene, mode)
        for (number, text) in HostileTexts.users.enumerated() {
            let user = HostileTexts.escaped(text)
            let own = HostileTexts.plain(text, without: ",;?:[]")
            let answer = try self.save(scene, self.request(user, "d.org", own, contact: false, number + 1))
            #expect(answer.contains("<sip:\(user)\(own)@1.1.1.1>;"))
        }
        #expect(try scene.isUnharmed)
    }

    @Test(arguments: [1, 3])
    func `hostile domains and contacts are refused, or kept as they are`(mode: Int) throws {
        let scene = try StoredScene(.location, .locationAttrs)
        _ = try self.load(scene, mode)
        for (number, text) in HostileTexts.printable.enumerated() {
            let domain = String(decoding: text.bytes, as: UTF8.self)
            for request in [
                self.request("u\(number)", domain, "x", contact: true, 1),
                self.request("v\(number)", "d.org", domain, contact: true, 1),
            ] {
                guard let answer = try? self.save(scene, request) else { continue }
                #expect(answer.hasPrefix("SIP/2.0 200") || answer.hasPrefix("SIP/2.0 400"))
            }
        }
        #expect(try scene.isUnharmed)
    }
}
