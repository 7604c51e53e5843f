import Bytes
import SIPMessage
import Testing

@testable import Simulation
@testable import uac

@Suite("uac: what Record-Route keeps of a replaced URI")
struct URIDeltaTests {
    @Test func `it is the exclusive or of both, in base 64`() {
        let delta = URIDelta("sip:bob@127.0.0.1", "sip:new@example.com")
        #expect(delta.text(key: "") == "AAAAAAwKFQBUSlZDQEJVAFJvbQ--")
        #expect(delta.text(key: "my_secret_passwd") == "bXlfc2lpZ2UgFSYiMzEiZD8WMg--")
        #expect(
            URIDelta("sip:alice@127.0.0.1", "sip:newto@example.com").text(key: "") == "AAAAAA8JHhcKAFRKVkNAQlUAUm9t")
    }

    @Test(arguments: ["", "key"]) func `from either of them follows the other`(_ key: String) throws {
        let first: ByteString = "sip:bob@127.0.0.1"
        for second: ByteString in ["sip:a@b", "sip:new@example.com", "sips:very.long.name@sip.example.com:5061"] {
            let text = URIDelta(first, second).text(key: ByteString(key))
            let delta = try #require(URIDelta(text, key: ByteString(key)))
            #expect(delta.applied(to: first) == second)
            #expect(delta.applied(to: second) == first)
        }
    }

    @Test func `text that is no base 64 is refused`() {
        #expect(URIDelta("A*", key: "") == nil)
    }
}

@Suite("uac: From and To replaced")
struct PartyReplacementTests {
    /// Relays to bob, following routes; the body replaces.
    private func scene(_ replacing: String, _ parameters: String = "", inDialog: String = "") throws -> UACScene {
        try UACScene(
            parameters,
            """
            request_route {
                if (is_method("CANCEL")) { t_relay(); exit; }
                if (has_totag()) { loose_route(); \(inDialog) t_relay(); exit; }
                if (is_method("INVITE")) record_route();
                \(replacing)
                $du = "sip:192.0.2.1";
                t_relay();
            }
            branch_route[B] { uac_replace_from("sip:branch@example.com"); }
            """)
    }

    private static let parties = [
        ("From", "\"Al\" <sip:alice@example.com>;tag=own"), ("To", "<sip:bob@example.com>"),
    ]

    @Test(arguments: [
        (#"uac_replace_from("sip:new@example.net");"#, "\"Al\" <sip:new@example.net>;tag=own"),
        (#"uac_replace_from("New Name", "sip:new@example.net");"#, "New Name <sip:new@example.net>;tag=own"),
        (#"uac_replace_from("\"Q\"", "");"#, "\"Q\" <sip:alice@example.com>;tag=own"),
        (#"uac_replace_from("", "sip:new@example.net");"#, "<sip:new@example.net>;tag=own"),
    ]) func `display name and URI are replaced one by one`(_ call: String, _ shown: String) throws {
        let scene = try self.scene(call)
        scene.request("MESSAGE", Self.parties)
        #expect(scene.got("bob")?["From"] == shown)
    }

    @Test func `a display name is put before a URI that has none`() throws {
        let scene = try self.scene(#"uac_replace_to("Bob", "");"#)
        scene.request("MESSAGE", Self.parties)
        #expect(scene.got("bob")?["To"] == "Bob <sip:bob@example.com>")
        let bare = try self.scene(#"uac_replace_to("Bob", "");"#)
        bare.request("MESSAGE", [("To", "sip:bob@example.com")])
        #expect(bare.got("bob")?["To"] == "Bob <sip:bob@example.com>")
    }

    @Test func `the caller sees its own From and To in replies`() throws {
        let scene = try self.scene(
            #"uac_replace_from("N", "sip:new@example.net"); uac_replace_to("T", "sip:to@example.net");"#)
        scene.request("MESSAGE", Self.parties)
        scene.answer("bob", 404)
        #expect(scene.got("alice")?["From"] == "\"Al\" <sip:alice@example.com>;tag=own")
        #expect(scene.got("alice")?["To"] == "<sip:bob@example.com>;tag=bob-tag-1")
        #expect(scene.got("alice")?.status == 404)
    }

    @Test func `requests of the dialog are restored from either side`() throws {
        let scene = try self.scene(
            #"uac_replace_from("sip:new@example.net"); uac_replace_to("sip:to@example.net");"#)
        scene.request("INVITE", Self.parties)
        let invite = try #require(scene.got("bob"))
        #expect(invite["Record-Route"]?.contains(";vsf=") == true)
        #expect(invite["Record-Route"]?.contains(";vst=") == true)
        scene.answer("bob", 200)
        #expect(scene.got("alice")?["From"] == "\"Al\" <sip:alice@example.com>;tag=own")

        scene.followUp("INFO", from: "bob")
        #expect(scene.got("alice")?["From"] == "<sip:bob@example.com>;tag=bob-tag-1")
        #expect(scene.got("alice")?["To"] == "\"Al\" <sip:alice@example.com>;tag=own")
        scene.answer("alice", 200)
        #expect(scene.got("bob")?["From"] == "<sip:to@example.net>;tag=bob-tag-1")
        #expect(scene.got("bob")?["To"] == "\"Al\" <sip:new@example.net>;tag=own")

        scene.followUp("BYE", from: "alice")
        #expect(scene.got("bob")?["From"] == "\"Al\" <sip:new@example.net>;tag=own")
        #expect(scene.got("bob")?["To"] == "<sip:to@example.net>;tag=bob-tag-1")
        scene.answer("bob", 200)
        #expect(scene.got("alice")?["From"] == "\"Al\" <sip:alice@example.com>;tag=own")
        #expect(scene.got("alice")?["To"] == "<sip:bob@example.com>;tag=bob-tag-1")
    }

    @Test func `a second replacement is refused, and restoring twice does no harm`() throws {
        let scene = try self.scene(
            #"uac_replace_from("sip:one@example.net"); uac_replace_from("sip:two@example.net");"#,
            inDialog: "loose_route(); uac_restore_from();")
        scene.request("INVITE", Self.parties)
        #expect(scene.got("bob")?["From"] == "\"Al\" <sip:one@example.net>;tag=own")
        scene.answer("bob", 200)
        scene.followUp("BYE", from: "alice")
        #expect(scene.got("bob")?["From"] == "\"Al\" <sip:one@example.net>;tag=own")
    }

    @Test func `a replacement of a branch route is restored too`() throws {
        let scene = try self.scene("t_on_branch(\"B\");")
        scene.request("INVITE", Self.parties)
        #expect(scene.got("bob")?["From"] == "\"Al\" <sip:branch@example.com>;tag=own")
        scene.answer("bob", 486)
        #expect(scene.got("alice")?["From"] == "\"Al\" <sip:alice@example.com>;tag=own")
    }

    @Test func `manual mode restores replies, and requests only when asked`() throws {
        let manual = "modparam(\"uac\", \"restore_mode\", \"manual\")"
        for (ask, from) in [
            ("", "\"Al\" <sip:alice@example.com>;tag=own"),
            ("uac_restore_from();", "\"Al\" <sip:new@example.net>;tag=own"),
        ] {
            let scene = try self.scene(#"uac_replace_from("sip:new@example.net");"#, manual, inDialog: ask)
            scene.request("INVITE", Self.parties)
            scene.answer("bob", 200)
            #expect(scene.got("alice")?["From"] == "\"Al\" <sip:alice@example.com>;tag=own")
            scene.followUp("BYE", from: "alice")
            #expect(scene.got("bob")?["From"] == from)
        }
    }

    @Test func `none keeps nothing and restores nothing`() throws {
        let scene = try self.scene(
            #"uac_replace_from("sip:new@example.net");"#, "modparam(\"uac\", \"restore_mode\", \"none\")")
        scene.request("INVITE", Self.parties)
        #expect(scene.got("bob")?["Record-Route"]?.contains("vsf") == false)
        scene.answer("bob", 404)
        #expect(scene.got("alice")?["From"] == "\"Al\" <sip:new@example.net>;tag=own")
    }

    @Test func `parameter names and key are settings`() throws {
        let scene = try self.scene(
            #"uac_replace_from("sip:new@example.net");"#,
            """
            modparam("uac", "rr_from_store_param", "ours")
            modparam("uac", "restore_passwd", "key")
            modparam("uac", "restore_from_avp", "$avp(was)")
            """, inDialog: "")
        scene.request("INVITE", Self.parties)
        #expect(scene.got("bob")?["Record-Route"]?.contains(";ours=") == true)
        scene.answer("bob", 200)
        scene.followUp("BYE", from: "bob")
        #expect(scene.got("alice")?["To"] == "\"Al\" <sip:alice@example.com>;tag=own")
    }

    @Test func `a Route parameter that somebody made up does no harm`() throws {
        let scene = try self.scene("")
        scene.request(
            "BYE", "sip:bob@192.0.2.1", from: "alice",
            [("Route", "<sip:127.0.0.1;lr;vsf=AAAA*>,<sip:192.0.2.1;lr>"), ("To", "<sip:bob@example.com>;tag=t")])
        #expect(scene.sent == ["BYE to bob"])
    }
}
