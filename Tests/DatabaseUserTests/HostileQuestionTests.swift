import Bytes
import Database
import Digests
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import alias_db
import auth
import auth_db
import domain
import permissions
import pv
import sl
import speeddial

@Suite("Hostile texts: what modules ask")
struct HostileQuestionTests {
    private func context(_ scene: StoredScene, _ values: [String: ByteString] = [:]) throws -> RouteContext {
        let route = try scene.bench.receive(NoteBench.request)
        for (name, value) in values { route.attributes.push(.text(ByteString(name)), .bytes(value)) }
        return route
    }

    private func hex(_ parts: ByteString...) -> ByteString {
        let out = ByteBuffer(capacity: 32)
        var text = ByteString()
        for (index, part) in parts.enumerated() { text = index == 0 ? part : text + ":" + part }
        DigestAlgorithm.md5.appendHex(of: text.span, to: out)
        return ByteString(out.span)
    }

    /// The user of a URI, when `text` can be one as it is.
    private func user(_ text: ByteString) -> Bool {
        let uri = ByteString("sip:") + text + "@h"
        guard let parsed = SIPURI(uri.span, ByteRange(0, uri.count)), parsed.user.isPresent else { return false }
        return ByteString(uri.span, parsed.user) == text
    }

    @Test func `auth_db: a user's name and realm are texts`() throws {
        let scene = try StoredScene(.version, .subscriber)
        try scene.bench.load(StatelessReplies.self)
        try scene.bench.load(Authentication.self)
        let module = try scene.bench.load(DatabaseAuthentication.self, [scene.setting])
        try module.hooks.started?(scene.bench)
        let names = HostileTexts.users.filter { name in !name.bytes.contains { [34, 64, 92].contains($0) } }
        for name in names where String(validating: name.bytes, as: UTF8.self) != nil {
            let realm = name + "realm"
            try scene.add("subscriber", ["username", "ha1"], [[.string(name), .string(self.hex(name, realm, "pw"))]])
            let first = try self.context(scene, ["realm": realm])
            _ = try scene.bench.call("proxy_challenge", "$avp(realm)", "0", in: first)
            let nonce = ByteString(
                String((scene.bench.sent.last ?? "").split(separator: "nonce=\"").last?.prefix { $0 != "\"" } ?? ""))
            let response = self.hex(self.hex(name, realm, "pw"), nonce, self.hex("INVITE", "sip:x"))
            let route = try scene.bench.receive(
                NoteBench.request.replacing(
                    "CSeq:",
                    with: "Proxy-Authorization: Digest username=\"\(name)\", realm=\"\(realm)\", nonce=\"\(nonce)\", "
                        + "uri=\"sip:x\", response=\"\(response)\"\nCSeq:"))
            route.attributes.push(.text("realm"), .bytes(realm))
            #expect(try scene.bench.call("proxy_authenticate", "$avp(realm)", "subscriber", in: route) == 1, "\(name)")
        }
        for text in HostileTexts.all {
            let route = try self.context(scene, ["uri": ByteString("sip:") + text + "@h"])
            _ = try scene.bench.call("is_subscriber", "$avp(uri)", "subscriber", "0", in: route)
        }
        #expect(try scene.isUnharmed)
    }

    @Test func `alias_db: aliases, users and tables are texts`() throws {
        let scene = try StoredScene(.dbaliases)
        try scene.bench.load(PseudoVariables.self)
        try scene.bench.load(Aliases.self, [scene.setting, ("use_domain", .int(1))])
        for text in HostileTexts.all {
            try scene.add(
                "dbaliases", ["alias_username", "alias_domain", "username", "domain"],
                [[.string(text), "h", .string("to-" + text), "d"]])
        }
        for text in HostileTexts.all {
            let route = try self.context(scene, ["uri": ByteString("sip:") + text + "@h", "table": text])
            let code = try scene.bench.call("alias_db_find", "dbaliases", "$avp(uri)", "$var(out)", in: route)
            if self.user(text) {
                #expect(code == 1)
                #expect(
                    route.text(try scene.bench.compiler.variable("$var(out)").read(in: route))
                        == ByteString("sip:to-") + text + "@d")
            }
            route.attributes.push(.text("uri"), .bytes("sip:'@h"))
            #expect(try scene.bench.call("alias_db_find", "$avp(table)", "$avp(uri)", "$var(out)", in: route) == -1)
        }
        #expect(try scene.isUnharmed)
    }

    @Test func `speeddial: owners and numbers are texts`() throws {
        let scene = try StoredScene(.speedDial)
        try scene.bench.load(PseudoVariables.self)
        try scene.bench.load(SpeedDial.self, [scene.setting])
        for text in HostileTexts.all {
            try scene.add(
                "speed_dial", ["username", "domain", "sd_username", "sd_domain", "new_uri"],
                [[.string(text), "h", .string(text), "h", .string("sip:to@" + text)]])
        }
        for text in HostileTexts.all {
            let uri = ByteString("sip:") + text + "@h"
            let route = try self.context(scene, ["owner": uri, "table": text])
            route.setRequestURI(uri)
            let code = try scene.bench.call("sd_lookup", "speed_dial", "$avp(owner)", in: route)
            if self.user(text) {
                #expect(code == 1)
                #expect(route.text(route.requestURI) == "sip:to@" + text)
            }
            route.setRequestURI("sip:1@h")
            #expect(try scene.bench.call("sd_lookup", "$avp(table)", "sip:a@h", in: route) == -1)
        }
        #expect(try scene.isUnharmed)
    }

    @Test func `domain: names, identifiers and attributes are texts`() throws {
        let scene = try StoredScene(.version, .domain, .domainAttrs)
        let texts = HostileTexts.all.filter { !$0.isEmpty }
        for (number, text) in texts.enumerated() {
            let id = ByteString("\(number)") + text
            try scene.add("domain", ["domain", "did"], [[.string(ByteString("\(number)") + text), .string(id)]])
            try scene.add(
                "domain_attrs", ["did", "name", "type", "value"], [[.string(id), "note", 2, .string(text)]])
        }
        try scene.bench.load(PseudoVariables.self)
        let module = try scene.bench.load(Domains.self, [scene.setting])
        try module.hooks.started?(scene.bench)
        for (number, text) in texts.enumerated() {
            let route = try self.context(scene, ["name": ByteString("\(number)") + text])
            #expect(try scene.bench.call("is_domain_local", "$avp(name)", in: route) == 1)
            #expect(try scene.bench.call("lookup_domain", "$avp(name)", in: route) == 1)
            #expect(route.text(route.attributes.value(.text("note"))) == text)
        }
        #expect(try scene.isUnharmed)
    }

    @Test(arguments: [0, 1])
    func `permissions: tags and what is compared are texts`(mode: Int) throws {
        let scene = try StoredScene(.version, .address, .trusted)
        for (number, text) in HostileTexts.all.enumerated() {
            let address = DatabaseValue.string(ByteString("10.0.\(number / 200).\(number % 200 + 1)"))
            try scene.add("address", ["grp", "ip_addr", "mask", "port", "tag"], [[1, address, 32, 0, .string(text)]])
            try scene.add(
                "trusted", ["src_ip", "proto", "from_pattern", "ruri_pattern", "tag", "priority"],
                [[address, "any", .null, .null, .string(text), 0]])
        }
        try scene.bench.load(PseudoVariables.self)
        let module = try scene.bench.load(
            Permissions.self, [scene.setting, ("db_mode", .int(mode)), ("peer_tag_avp", .text("$avp(tag)"))])
        try module.hooks.started?(scene.bench)
        for (number, text) in HostileTexts.all.enumerated() where !text.isEmpty {
            let address = ByteString("10.0.\(number / 200).\(number % 200 + 1)")
            for function in ["address", "trusted"] {
                let route = try self.context(scene, ["ip": address, "from": ByteString("sip:") + text + "@h"])
                let code =
                    function == "address"
                    ? try scene.bench.call("allow_address", "1", "$avp(ip)", "0", in: route)
                    : try scene.bench.call("allow_trusted", "$avp(ip)", "any", "$avp(from)", in: route)
                #expect(code == 1)
                #expect(route.text(route.attributes.value(.text("tag"))) == text)
                route.attributes.push(.text("ip"), .bytes(text))
                #expect(try scene.bench.call("allow_address", "1", "$avp(ip)", "0", in: route) == -1)
                #expect(try scene.bench.call("allow_trusted", "$avp(ip)", "any", in: route) == -1)
            }
        }
        #expect(try scene.isUnharmed)
    }
}
