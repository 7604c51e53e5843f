import ApusServer
import Bytes
import ModuleKit
import SIPMessage
import StandardModules
import Testing

@testable import Simulation
@testable import uac_redirect

@Suite("uac_redirect: filters, limits, contacts")
struct RedirectValueTests {
    @Test(arguments: [
        ("*", Int.max, Int.max), ("0", .max, .max), ("2", 2, .max), ("*:1", .max, 1), ("6:2", 6, 2),
        ("0:0", .max, .max),
    ])
    func `limits`(_ text: String, _ total: Int, _ perBranch: Int) throws {
        let limits = try RedirectLimits(ByteString(text))
        #expect(limits.total == total && limits.perBranch == perBranch)
    }

    @Test(arguments: ["", "x", "-1", "1:", ":1", "1:2:3", "1:-2"]) func `what is no limit`(_ text: String) {
        #expect(throws: ArgumentError.self) { try RedirectLimits(ByteString(text)) }
    }

    @Test func `there are six filters of a kind, that of the configuration among them`() throws {
        let filter = try RegularExpression("x")
        let none = try FilterReset("")
        let (standard, all) = (try FilterReset("reset_default"), try FilterReset("reset_all"))
        var list = FilterList(standard: filter)
        var added = (0..<6).map { _ in list.add(filter, none) }
        #expect(added == [true, true, true, true, true, false])
        added = [standard, none, all, none].map { list.add(filter, $0) }
        #expect(added == [true, false, true, true])
        #expect(throws: ArgumentError.self) { try FilterReset("reset") }
    }

    @Test(arguments: [(0, 4, 4), (1, 1, 4), (2, 5, 4)])
    func `flags of a contact`(_ mode: Int, _ own: Int, _ without: Int) {
        var settings = RedirectFollower.Settings()
        settings.branchFlags = 4
        settings.flagsMode = mode
        #expect(settings.flags(1) == UInt32(own))
        #expect(settings.flags(nil) == UInt32(without))
    }
}

@Suite("uac_redirect: redirects are followed (RFC 3261 §16.7 step 4)")
struct RedirectTests {
    private final class Ear: StageListener {
        var sent: [String] = []
        var log: [String] = []
        func note(_ event: StageEvent, at time: Interval) {
            switch event {
            case .sent(let sent) where !sent.isRepeat:
                self.sent.append(
                    sent.message.isReply ? "\(sent.message.status)" : sent.message.requestURI)
            case .log(_, _, let text): self.log.append("\(text)")
            default: break
            }
        }
    }

    private let ear = Ear()

    private func stage(_ failure: String, _ parameters: String = "") throws -> Stage {
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        setup.text = (
            "test.cfg",
            """
            loadmodule "sl.so"
            loadmodule "tm.so"
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "siputils.so"
            loadmodule "textops.so"
            loadmodule "acc.so"
            loadmodule "uac_redirect.so"
            \(parameters)
            request_route {
                if (is_method("ACK")) { t_relay(); exit; }
                t_on_failure("F");
                $ru = "sip:bob@192.0.2.1";
                t_relay();
            }
            failure_route[F] { \(failure) }
            """
        )
        setup.wallSeconds = 1_767_268_800
        let stage = try Stage(setup, listener: self.ear)
        for name in ["bob", "alice", "carol", "dave"] { _ = stage.phone(name) }
        let alice = stage.phone("alice")
        stage.send(alice.request("INVITE", "sip:x@127.0.0.1"), from: alice)
        return stage
    }

    private func answer(_ stage: Stage, _ name: String, _ status: Int, _ contacts: [String] = []) throws {
        let phone = stage.phone(name)
        let open = try #require(phone.openRequest())
        var reply = phone.reply(to: open, status)
        reply.fields.removeAll { PlainMessage.isSame($0.name, "Contact") }
        for contact in contacts { reply.fields.append(.init("Contact", contact)) }
        self.ear.sent = []
        stage.reply(reply, to: open, from: phone)
        stage.advance(by: .zero)
    }

    @Test func `contacts become branches, and one redirect may follow another`() throws {
        let stage = try self.stage("t_on_failure(\"F\"); if (get_redirects(\"*\")) { t_relay(); }")
        try self.answer(stage, "bob", 302, ["<sip:c@192.0.2.3>;q=0.5"])
        #expect(self.ear.sent == ["sip:bob@192.0.2.1", "sip:c@192.0.2.3"])
        try self.answer(stage, "carol", 302, ["<sip:d@192.0.2.4>"])
        // Of the redirects only the last leg's counts.
        #expect(self.ear.sent == ["sip:c@192.0.2.3", "sip:d@192.0.2.4"])
        try self.answer(stage, "dave", 486)
        #expect(self.ear.sent == ["sip:d@192.0.2.4", "486"])
    }

    @Test func `without a contact to follow the caller hears of the redirect`() throws {
        let stage = try self.stage("if (get_redirects(\"*\")) { t_relay(); } else { xlog(\"none $rc\\n\"); }")
        try self.answer(stage, "bob", 302, ["<tel:+1>", "junk<", "<mailto:a@b>"])
        #expect(self.ear.sent.last == "302")
        #expect(self.ear.log.contains { $0.contains("none -1") })
    }

    @Test func `each that is followed with a reason has its record`() throws {
        let stage = try self.stage(
            "if (get_redirects(\"*\", \"302 Went On\")) { t_relay(); }",
            "modparam(\"acc\", \"log_extra\", \"to=$ru\")\nmodparam(\"acc\", \"log_level\", -1)")
        try self.answer(stage, "bob", 302, ["<sip:c@192.0.2.3>", "<sip:d@192.0.2.4>"])
        let lines = self.ear.log.filter { $0.contains("Went On") }
        #expect(lines.count == 2)
        for uri in ["sip:c@192.0.2.3", "sip:d@192.0.2.4"] {
            #expect(lines.contains { $0.contains("code=302") && $0.contains("to=\(uri)") })
        }
    }

    @Test func `ten thousand contacts are no more than there may be branches`() throws {
        let stage = try self.stage("if (get_redirects(\"*\")) { t_relay(); }")
        try self.answer(stage, "bob", 302, (0..<2000).map { "<sip:c\($0)@192.0.2.3>" })
        #expect(self.ear.sent.filter { $0.hasPrefix("sip:c") }.count < 12)
    }
}
