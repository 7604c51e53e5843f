import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import sl
import tm

@testable import dlgs

@Suite("dlgs: calls and their states")
struct DialogStatisticsTests {
    struct Scene {
        let bench = ModuleBench()
        let module: DialogStatistics

        init() throws { self.module = try self.bench.load(DialogStatistics.self) }

        func request(
            _ method: String, from: String = "a1", to: String? = nil, call: String = "c1"
        ) throws -> RouteContext {
            try self.bench.receive(
                """
                \(method) sip:bob@192.0.2.9 SIP/2.0
                Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
                From: <sip:alice@example.org>;tag=\(from)
                To: <sip:bob@example.org>\(to.map { ";tag=" + $0 } ?? "")
                Call-ID: \(call)
                CSeq: 1 \(method)

                """)
        }

        func begin(_ call: String = "c1", data: String = "d") throws {
            let route = try self.request("INVITE", call: call)
            #expect(
                try self.bench.call("dlgs_init", "sip:alice@example.org", "sip:bob@example.org", data, in: route) == 1)
        }

        func reply(_ code: Int, call: String = "c1") throws {
            let route = try self.bench.receive(
                """
                SIP/2.0 \(code) X
                Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1
                From: <sip:alice@example.org>;tag=a1
                To: <sip:bob@example.org>;tag=b2
                Call-ID: \(call)
                CSeq: 1 INVITE

                """)
            // Ahead of a module that takes every reply, as tm does with its own.
            var taker = ModuleHooks()
            taker.replyArrived = { _ in .success }
            _ = ProgramHooks([taker, self.module.hooks]).takeReply(route)
        }

        func update(_ method: String, from: String = "a1", to: String = "b2") throws -> Int {
            try self.bench.call("dlgs_update", in: try self.request(method, from: from, to: to))
        }

        var states: [String] {
            get throws {
                try self.bench.call("dlgs.list", []).compactMap { value in
                    guard case .structure(let members) = value,
                        let state = members.first(where: { $0.name == "state" }),
                        case .text(let text) = state.value
                    else { return nil }
                    return text.string
                }
            }
        }

        func member(_ name: String, of value: RPCValue?) -> RPCValue? {
            guard case .structure(let members)? = value else { return nil }
            return members.first { $0.name == name }?.value
        }

        func count(_ field: String, _ operation: String, _ data: String) throws -> Int {
            try self.bench.call("dlgs_count", field, operation, data, in: try self.request("OPTIONS"))
        }
    }

    @Test func `a call goes from init to terminated, also when the callee ends it`() throws {
        let scene = try Scene()
        try scene.begin()
        #expect(try scene.states == ["init"])
        try scene.reply(180)
        #expect(try scene.states == ["progress"])
        try scene.reply(200)
        #expect(try scene.states == ["answered"])
        #expect(try scene.update("ACK") == 1)
        #expect(try scene.states == ["confirmed"])
        #expect(try scene.update("BYE", from: "b2", to: "a1") == 1)
        #expect(try scene.states == ["terminated"])
    }

    @Test func `a failure and a CANCEL end a call, and a 2xx that is faster wins`() throws {
        let scene = try Scene()
        try scene.begin("c1")
        try scene.reply(486)
        #expect(try scene.states == ["notanswered"])
        let other = try Scene()
        try other.begin()
        #expect(try other.bench.call("dlgs_update", in: try other.request("CANCEL")) == 1)
        #expect(try other.states == ["notanswered"])
        try other.reply(200)
        #expect(try other.states == ["answered"])
    }

    @Test func `an INVITE that comes again after a challenge begins the call anew`() throws {
        let scene = try Scene()
        try scene.begin()
        try scene.reply(407)
        try scene.begin()
        #expect(try scene.states == ["init"])
        try scene.reply(180)
        try scene.begin()
        #expect(try scene.states == ["progress"])
    }

    @Test func `messages of strangers change nothing`() throws {
        let scene = try Scene()
        try scene.begin()
        #expect(try scene.update("BYE", from: "zz", to: "yy") == -1)
        try scene.reply(200, call: "c2")
        #expect(try scene.states == ["init"])
        #expect(try scene.bench.call("dlgs_init", "a", "b", "c", in: try scene.request("BYE")) == -1)
    }

    @Test func `filters count calls that are not over`() throws {
        let scene = try Scene()
        for (call, data) in [("c1", "srcip=192.0.2.1"), ("c2", "srcip=192.0.2.2"), ("c3", "other")] {
            try scene.begin(call, data: data)
        }
        #expect(try scene.count("any", "eq", "*") == 3)
        #expect(try scene.count("src", "eq", "sip:alice@example.org") == 3)
        #expect(try scene.count("data", "sw", "srcip=") == 2)
        #expect(try scene.count("data", "ne", "other") == 2)
        #expect(try scene.count("data", "re", "192.0.2.[12]$") == 2)
        #expect(try scene.count("data", "fm", "src*.1") == 1)
        #expect(try scene.count("dst", "eq", "nobody") == -1)
        #expect(try scene.count("dst", "like", "nobody") == -1)
        #expect(try scene.count("data", "re", "(") == -1)
        try scene.reply(486, call: "c3")
        #expect(try scene.count("any", "eq", "*") == 2)
    }

    @Test func `tags are counted and taken off`() throws {
        let scene = try Scene()
        try scene.begin()
        let route = try scene.request("INVITE")
        #expect(try scene.bench.call("dlgs_tags_add", "x", in: route) == 1)
        #expect(try scene.bench.call("dlgs_tags_add", "x", in: route) == 1)
        #expect(try scene.bench.call("dlgs_tags_count", "x", in: route) == 1)
        #expect(try scene.bench.call("dlgs_tags_rm", "x", in: route) == 1)
        #expect(try scene.bench.call("dlgs_tags_count", "x", in: route) == -1)
    }

    @Test func `what tm answers itself ends a call too`() throws {
        let bench = ModuleBench()
        try bench.load(StatelessReplies.self)
        try bench.load(Transactions.self)
        try bench.load(DialogStatistics.self)
        for started in bench.program.hooks.started { try started(bench) }
        let scene = try Scene()
        for (code, state) in [("486", "notanswered"), ("200", "answered")] {
            let text = """
                INVITE sip:bob@192.0.2.9 SIP/2.0
                Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK\(code)
                From: <sip:alice@example.org>;tag=a1
                To: <sip:bob@example.org>
                Call-ID: c\(code)
                CSeq: 1 INVITE

                """
            let route = try bench.receive(text)
            #expect(try bench.call("t_newtran", in: route) == 1)
            #expect(try bench.call("dlgs_init", "a", "b", code, in: route) == 1)
            #expect(try bench.call("t_reply", code, "Own", in: route) == 1)
            let found = try bench.call("dlgs.get", [.string("data"), .string("eq"), .string(code)])
            #expect(scene.member("state", of: found.first) == .text(ByteString(state)))
        }
    }

    @Test func `commands count, find and list`() throws {
        let scene = try Scene()
        try scene.begin("c1", data: "one")
        try scene.begin("c2", data: "two")
        try scene.begin("c3", data: "two")
        try scene.reply(180, call: "c2")
        try scene.reply(486, call: "c3")
        func call(_ name: String, _ words: String...) throws -> [RPCValue] {
            try scene.bench.call(name, words.map { .string($0) })
        }
        let stats = try call("dlgs.stats").first
        for (name, count) in [("init", 1), ("progress", 1), ("answered", 0), ("notanswered", 1), ("total", 3)] {
            #expect(scene.member(name, of: stats) == .int(count), "\(name)")
        }
        #expect(try call("dlgs.list").count == 3)
        #expect(scene.member("callid", of: try call("dlgs.list").first) == .text("c1"))
        let briefing = try call("dlgs.briefing")
        #expect(briefing.count == 3)
        #expect(scene.member("callid", of: briefing.first) == nil)
        #expect(scene.member("data", of: briefing.first) == .text("one"))
        #expect(scene.member("callid", of: try call("dlgs.get", "data", "eq", "two").first) == .text("c2"))
        #expect(try call("dlgs.getall", "data", "eq", "two").count == 2)
        // Over, and so no longer counted.
        #expect(try call("dlgs.count", "data", "eq", "two") == [.int(1)])
        #expect(throws: RPCFault.self) { try call("dlgs.get", "data", "eq", "none") }
        #expect(throws: RPCFault.self) { try call("dlgs.count", "data", "like", "none") }
        let ruid = scene.member("ruid", of: briefing.first)
        guard case .text(let text)? = ruid else { return }
        #expect(try call("dlgs.getall", "ruid", "eq", text.string).count == 1)
    }

    @Test func `parameters say how long calls are kept`() throws {
        let bench = ModuleBench()
        let module = try bench.load(
            DialogStatistics.self,
            [
                ("init_lifetime", .int(5)), ("active_lifetime", .int(60)), ("finish_lifetime", .int(2)),
                ("timer_interval", .int(7)), ("hash_size", .int(4)),
            ])
        let route = try Scene().request("INVITE")
        module.table.begin(route.message, source: "a", target: "b", data: "c", now: 100)
        module.table.removeExpired(module.settings.lifetimes, now: 104)
        #expect(module.table.count { _ in true } == 1)
        module.table.withRecord(of: route.message) { record in
            record.receiveReply(200, toTag: "b", now: 104)
            record.receiveAck()
        }
        module.table.removeExpired(module.settings.lifetimes, now: 163)
        #expect(module.table.count { _ in true } == 1)
        module.table.withRecord(of: route.message) { $0.receiveBye(now: 163) }
        var kept = 0
        module.table.removeExpired(module.settings.lifetimes, now: 164)
        module.table.forEach { _ in kept += 1 }
        #expect(kept == 1)
        module.table.removeExpired(module.settings.lifetimes, now: 165)
        module.table.forEach { _ in kept += 1 }
        #expect(kept == 1)
        #expect(module.hooks.periodic.first?.interval == .seconds(7))
    }

    @Test func `a call is kept for the lifetime of its state`() {
        let lifetimes = DialogLifetimes(initial: 180, active: 7200, finished: 10)
        var record = DialogRecord(callID: "c", fromTag: "a", source: "", target: "", data: "", ruid: "", begun: 1000)
        #expect(!record.isExpired(lifetimes, now: 1179))
        #expect(record.isExpired(lifetimes, now: 1180))
        record.receiveReply(200, toTag: "b", now: 1010)
        record.receiveAck()
        #expect(!record.isExpired(lifetimes, now: 8209))
        #expect(record.isExpired(lifetimes, now: 8210))
        record.receiveBye(now: 2000)
        #expect(!record.isExpired(lifetimes, now: 2009))
        #expect(record.isExpired(lifetimes, now: 2010))
    }

    @Test(arguments: [
        ("*", "", true), ("a*c", "abbc", true), ("a*c", "abb", false), ("a?c", "abc", true), ("[a-c]x", "bx", true),
        ("[!a-c]x", "bx", false), ("\\*", "*", true), ("\\*", "a", false), ("[", "[", true), ("a*b*c", "aXbYbZc", true),
        ("", "a", false),
    ]) func `file name patterns`(pattern: String, text: String, expected: Bool) {
        #expect(DialogFilter.matches(Array(pattern.utf8), Array(text.utf8)) == expected)
    }
}
