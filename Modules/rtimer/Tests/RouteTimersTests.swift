import Bytes
import ModuleKit
import SIPTesting
import Testing
import core
import pv
import xlog

@testable import rtimer

@Suite("rtimer")
struct RouteTimersTests {
    private func bench(_ parameters: String, _ routes: String) throws -> ScriptBench {
        try ScriptBench(
            """
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "rtimer.so"
            \(parameters)
            request_route { exit; }
            \(routes)
            """,
            [
                ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self),
                ModuleType(RouteTimers.self),
            ])
    }

    @Test func `the routes of a timer run in order, and exit ends only its own`() throws {
        let script = try self.bench(
            """
            modparam("rtimer", "timer", "name=ta;interval=1;mode=1;")
            modparam("rtimer", "exec", "timer=ta;route=A")
            modparam("rtimer", "exec", "timer=ta;route=B")
            """,
            """
            route[A] { xlog("A $rm $ci $si:$sp $rtimer_worker\\n"); exit; }
            route[B] { xlog("B\\n"); return -1; }
            """)
        script.tick()
        script.tick()
        #expect(script.texts == ["A OPTIONS 123 127.0.0.1:5060 0", "B", "A OPTIONS 123 127.0.0.1:5060 0", "B"])
    }

    @Test func `each process of a timer runs its routes`() throws {
        let script = try self.bench(
            """
            modparam("rtimer", "timer", "name=tb;interval=500000u;mode=2")
            modparam("rtimer", "exec", "timer=tb;route=A")
            """, "route[A] { xlog(\"$rtimer_worker\\n\"); }")
        #expect(script.program.hooks.periodic.map(\.interval) == [.milliseconds(500), .milliseconds(500)])
        #expect(script.program.hooks.periodic.map(\.lane) == [0, 1])
        script.tick()
        #expect(script.texts == ["0", "1"])
    }

    @Test func `a turn that comes while the last one still runs is left out`() throws {
        let bench = ModuleBench()
        bench.program.routes = ["A"]
        let module = try bench.load(
            RouteTimers.self, [("timer", .text("name=t;interval=1")), ("exec", .text("timer=t;route=A"))])
        let task = try #require(module.hooks.periodic.first)
        task.body(bench.worker)
        task.body(bench.worker)
        #expect(bench.worker.scheduled.count == 1)
        let (call, context) = bench.worker.scheduled[0]
        _ = call.then(context, RouteResult(code: 1))
        task.body(bench.worker)
        #expect(bench.worker.scheduled.count == 2)
    }

    @Test func `a run that is lost does not stop its timer`() throws {
        let bench = ModuleBench()
        bench.program.routes = ["A"]
        let module = try bench.load(
            RouteTimers.self, [("timer", .text("name=t;interval=1")), ("exec", .text("timer=t;route=A"))])
        let task = try #require(module.hooks.periodic.first)
        task.body(bench.worker)
        bench.worker.scheduled = []
        task.body(bench.worker)
        #expect(bench.worker.scheduled.count == 1)
    }

    @Test func `turns keep their rhythm when one is late`() {
        let task = PeriodicTask("t", every: .seconds(1)) { _ in }
        let due = Instant(milliseconds: 5000)
        #expect(task.turn(after: due, now: Instant(milliseconds: 5004)) == Instant(milliseconds: 6000))
        #expect(task.turn(after: due, now: Instant(milliseconds: 8500)) == Instant(milliseconds: 9000))
        #expect(task.turn(after: due, now: Instant(milliseconds: 4000)) == Instant(milliseconds: 6000))
    }

    @Test func `a route that does not exist is told once`() throws {
        let script = try self.bench(
            """
            modparam("rtimer", "timer", "name=t;interval=1")
            modparam("rtimer", "exec", "timer=t;route=NOPE")
            """, "")
        script.tick()
        script.tick()
        #expect(script.log.filter { $0.contains("a route of timer t does not exist") }.count == 1)
    }

    private func fault(_ lines: [(String, ByteString)]) -> String? {
        do {
            try ModuleBench().load(RouteTimers.self, lines.map { ($0.0, .text($0.1)) })
            return nil
        } catch {
            return (error as? ArgumentError)?.message
        }
    }

    @Test func `declarations that mean nothing are refused`() {
        #expect(self.fault([("timer", "interval=1")]) == "rtimer timer 'interval=1': name=… is missing")
        #expect(self.fault([("timer", "name=t;interval=0")]) == "rtimer timer: interval=0 is no time")
        #expect(self.fault([("timer", "name=t;interval=1x")]) == "rtimer timer: interval=1x is no time")
        #expect(self.fault([("timer", "name=t;mode=-1")]) == "rtimer timer: mode=-1 is no number from 0 to 64")
        #expect(
            self.fault([("timer", "name=t;moed=1")])
                == "rtimer timer: unknown attribute 'moed': name, interval, mode")
        #expect(
            self.fault([("exec", "timer=t;route=A")])
                == "rtimer exec: timer 't' is not declared")
        #expect(
            self.fault([("timer", "name=t"), ("exec", "timer=t")])
                == "rtimer exec 'timer=t': timer=…;route=… is expected")
        #expect(self.fault([("timer", "name=t"), ("timer", "name=t")]) == "rtimer: timer 't' is declared twice")
    }
}
