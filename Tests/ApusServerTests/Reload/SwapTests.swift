import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport
import Testing

@testable import ApusServer

/// What the test module below did, by the number of its configuration.
private final class Diary: Sendable {
    struct Page: Sendable {
        var started: [Int] = []
        var stopped: [Int] = []
        var ticks: [Int: Int] = [:]
        var tokens: [any ResumeToken] = []
    }
    let page = Lock(Page())
}

/// `wait_here()` suspends the script until the test wakes it; a task ticks every 20 ms.
private final class Waiting: ServerModule {
    static let name = "waiting"
    static let summary = "Suspends scripts."

    let diary: Diary
    let number: Int

    init(_ settings: NoSettings, host: any ModuleHost) throws {
        self.diary = host.shared("waiting.diary") { Diary() }
        self.number = (host as? ProgramHost)?.generation ?? 0
    }

    var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "wait_here", in: .any, summary: "Waits.", outcomes: [1: "woken"], example: "wait_here();"
            ) { [unowned self] route, _ in
                let token = route.suspend()
                self.diary.page.withLock { $0.tokens.append(token) }
                return .suspended(nil)
            }
        ]
    }

    var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        let number = self.number
        hooks.started = { [unowned self] _ in self.diary.page.withLock { $0.started.append(number) } }
        hooks.stopped = { [unowned self] _ in self.diary.page.withLock { $0.stopped.append(number) } }
        hooks.periodic = [
            PeriodicTask("waiting", every: .milliseconds(20)) { [unowned self] _ in
                self.diary.page.withLock { $0.ticks[number, default: 0] += 1 }
            }
        ]
        return hooks
    }
}

@Suite("Reload: the swap")
struct SwapTests {
    private let port: UInt16
    private let phone: Phone
    private let other: Phone

    init() throws {
        self.port = try LiveServer.freePort()
        self.phone = try Phone()
        self.other = try Phone()
    }

    private var listen: String { "listen=udp:127.0.0.1:\(self.port)\n" }
    private static let modules = "loadmodule \"tm.so\"\nloadmodule \"sl.so\"\nloadmodule \"pv.so\"\n"

    /// Relays INVITE to the other phone, with everything armed; answers of `name` say whose routes ran.
    private func calls(_ name: String, before: String = "", timer: Int = 30_000) -> String {
        """
        \(self.listen)loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "textops.so"
        modparam("tm", "fr_timer", \(timer))
        \(before)
        request_route {
            if (is_method("OPTIONS")) { sl_send_reply("200", "\(name)"); exit; }
            if (is_method("ACK")) { exit; }
            t_on_failure("F");
            t_on_reply("R");
            $du = "sip:127.0.0.1:\(self.other.port)";
            t_relay();
            exit;
        }
        onreply_route[R] { append_hf("X-Routes: \(name)\\r\\n"); }
        failure_route[F] { t_reply("488", "\(name)"); }
        """.replacing("loadmodule \"textops.so\"", with: "loadmodule \"textops.so\"\nloadmodule \"pv.so\"")
    }

    @Test func `the next request takes the new configuration`() throws {
        let live = try LiveServer(self.calls("One"))
        #expect(try self.phone.ask(self.port, id: "s1") == "SIP/2.0 200 One")
        for name in ["Two", "Three", "Four"] {
            try live.reload(self.calls(name))
            #expect(try self.phone.ask(self.port, id: "s1\(name)") == "SIP/2.0 200 \(name)")
        }
        #expect(live.generation == 4)
    }

    @Test func `a transaction finishes on the routes that it was armed with, and the next call on the new ones`() throws
    {
        let live = try LiveServer(self.calls("One"))
        try self.phone.send(self.phone.request("INVITE", "sip:b@127.0.0.1", id: "s2"), to: self.port)
        let first = try #require(self.other.receive("INVITE"))
        // Blocks before the old ones give every route of the new configuration another number.
        try live.reload(
            self.calls("Two", before: "route[X] { exit; }\nonreply_route[Y] { exit; }\nfailure_route[Z] { exit; }"))
        try self.other.send(Phone.answer("180 Ringing", to: first), to: self.port)
        let ringing = try #require(self.phone.receive("180"))
        #expect(ringing.contains("X-Routes: One"), "\(ringing)")
        try self.other.send(Phone.answer("486 Busy", to: first), to: self.port)
        #expect(try #require(self.phone.receive("SIP/2.0 4")).hasPrefix("SIP/2.0 488 One"))

        try self.phone.send(self.phone.request("INVITE", "sip:b@127.0.0.1", id: "s3"), to: self.port)
        let second = try #require(self.other.receive("INVITE"))
        try self.other.send(Phone.answer("486 Busy", to: second), to: self.port)
        #expect(try #require(self.phone.receive("SIP/2.0 4")).hasPrefix("SIP/2.0 488 Two"))
    }

    @Test func `a timer that was armed before keeps its time and its failure route`() throws {
        let live = try LiveServer(self.calls("One", timer: 300))
        try self.phone.send(self.phone.request("INVITE", "sip:b@127.0.0.1", id: "s4"), to: self.port)
        _ = try #require(self.other.receive("INVITE"))
        try live.reload(self.calls("Two", timer: 30_000))
        #expect(try #require(self.phone.receive("SIP/2.0 4")).hasPrefix("SIP/2.0 488 One"))
    }

    private func waiting(_ name: String) -> String {
        """
        \(self.listen)\(Self.modules)loadmodule "waiting.so"
        request_route {
            if (method == "INFO") wait_here();
            sl_send_reply("200", "\(name)");
            exit;
        }

        """
    }

    @Test func `a suspended script goes on where it was, on the configuration it began with`() throws {
        let live = try LiveServer(self.waiting("One"), modules: [ModuleType(Waiting.self)])
        try self.phone.send(self.phone.request("INFO", "sip:b@127.0.0.1", id: "s5"), to: self.port)
        let diary = live.server.shared("waiting.diary") { Diary() }
        #expect(LiveServer.isSoon { diary.page.withLock { $0.tokens.count == 1 } })
        try live.reload(self.waiting("Two"))
        #expect(try self.phone.ask(self.port, id: "s6") == "SIP/2.0 200 Two")
        #expect(live.server.retirement.generations == [1, 2])
        diary.page.withLock { $0.tokens }.first?.resume(ResumeResult(code: 1))
        #expect(try #require(self.phone.receive("SIP/2.0 200")).hasPrefix("SIP/2.0 200 One"))
        #expect(live.isAlone())
    }

    @Test func `modules stop when the last script that uses them is over, their tasks at the swap`() throws {
        let live = try LiveServer(self.waiting("One"), modules: [ModuleType(Waiting.self)])
        let diary = live.server.shared("waiting.diary") { Diary() }
        try self.phone.send(self.phone.request("INFO", "sip:b@127.0.0.1", id: "s7"), to: self.port)
        #expect(LiveServer.isSoon { diary.page.withLock { $0.tokens.count == 1 && $0.ticks[1] != nil } })
        try live.reload(self.waiting("Two"))
        #expect(LiveServer.isSoon { diary.page.withLock { $0.ticks[2] != nil } })
        let ticks = diary.page.withLock { $0.ticks }
        #expect(LiveServer.isSoon { diary.page.withLock { ($0.ticks[2] ?? 0) > (ticks[2] ?? 0) + 3 } })
        diary.page.withLock { page in
            #expect(page.ticks[1] == ticks[1])
            #expect(page.started == [1, 2])
            #expect(page.stopped == [])
        }
        diary.page.withLock { $0.tokens }.first?.resume(ResumeResult(code: 1))
        #expect(LiveServer.isSoon { diary.page.withLock { $0.stopped == [1] } })
    }

    @Test func `state that belongs to the server is there after a reload`() throws {
        let counting = """
            \(self.listen)\(Self.modules)
            modparam("pv", "shvset", "seen=i:10")
            request_route { $shv(seen) = $shv(seen) + 1; sl_send_reply("200", "$shv(seen)"); exit; }
            """
        let live = try LiveServer(counting)
        #expect(try self.phone.ask(self.port, id: "s8") == "SIP/2.0 200 11")
        try live.reload(counting)
        #expect(try self.phone.ask(self.port, id: "s9") == "SIP/2.0 200 12")
    }

    @Test func `a custom parameter has the value of the new file, whatever it was set to meanwhile`() throws {
        func text(_ value: String) -> String {
            """
            \(self.listen)\(Self.modules)loadmodule "cfg_rpc.so"
            pstn.gw = "\(value)" desc "gateway"
            request_route { sl_send_reply("200", "$sel(cfg_get.pstn.gw)"); exit; }
            """
        }
        let live = try LiveServer(text("one"))
        let host = try #require(live.server.configuration?.host)
        _ = try host.call("cfg.sets", [.string("pstn"), .string("gw"), .string("changed")])
        #expect(try self.phone.ask(self.port, id: "s10") == "SIP/2.0 200 changed")
        try live.reload(text("one"))
        #expect(try self.phone.ask(self.port, id: "s11") == "SIP/2.0 200 one")
    }

    @Test func `defines, log level and module parameters are those of the new file`() throws {
        func text(_ name: String, _ debug: Int) -> String {
            """
            #!define NAME "\(name)"
            debug=\(debug)
            \(self.listen)\(Self.modules)
            request_route { sl_send_reply("200", NAME); exit; }
            """
        }
        let live = try LiveServer(text("One", -3))
        try live.reload(text("Two", -2))
        #expect(try self.phone.ask(self.port, id: "s12") == "SIP/2.0 200 Two")
        #expect(live.server.logger.threshold == -2)
    }

    @Test func `what needs a restart is named and the rest is done`() throws {
        let live = try LiveServer(self.calls("One"))
        let report = try live.reload("user=\"nobody\"\nworkdir=\"/somewhere\"\n" + self.calls("Two"))
        #expect(report.needsRestart.map(\.name) == ["user", "workdir"])
        #expect(report.needsRestart.first?.wanted == "nobody" && report.needsRestart.first?.running == "")
        #expect(try self.phone.ask(self.port, id: "s13") == "SIP/2.0 200 Two")
        let back = try live.reload(self.calls("Three"))
        #expect(back.needsRestart.isEmpty)
    }
}
