import Bytes
import ModuleKit
import SIPTesting
import Testing
import core
import pv
import xlog

@testable import timer

@Suite("timer")
struct NamedTimersTests {
    private func bench(_ body: String, head: String = "") throws -> ScriptBench {
        try ScriptBench(
            """
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "timer.so"
            modparam("timer", "declare_timer", "t1=T1,700,slow,enable")
            modparam("timer", "declare_timer", "t2=T2,300,fast")
            \(head)
            request_route { $var(n) = @timer.executed; xlog("[$var(n)]\\n"); }
            \(body)
            """,
            [
                ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self),
                ModuleType(NamedTimers.self),
            ])
    }

    @Test func `a timer that is on runs its route, and scripts switch timers`() throws {
        let script = try self.bench(
            """
            route[T1] {
                $var(e) = @timer.timer.t2.enabled;
                xlog("$sel(timer.executed) $var(e)\\n");
                timer_enable("t2", 1);
            }
            route[T2] { xlog("$sel(timer.executed)\\n"); timer_enable("t2", "0"); }
            """)
        #expect(script.program.hooks.periodic.map(\.interval) == [.milliseconds(700), .milliseconds(300)])
        for task in script.program.hooks.periodic { task.body(script.worker) }
        script.settle()
        #expect(script.texts == ["t1 0"])
        for task in script.program.hooks.periodic { task.body(script.worker) }
        script.settle()
        #expect(script.texts == ["t1 0", "t1 1", "t2"])
        try script.run()
        #expect(script.texts.last == "[]")
    }

    @Test func `names that nobody declared are refused`() {
        for body in [
            "route[T1] { timer_enable(\"t9\", 1); }", "route[T1] { $var(x) = @timer.timer.t9.enabled; }",
            "route[T1] { $var(x) = @timer.nothing; }",
        ] {
            #expect(throws: ScriptBench.Refused.self) { try self.bench(body + " route[T2] { exit; }") }
        }
    }

    @Test func `declarations are read as they are written`() throws {
        #expect(try TimerDeclaration("a=R,10").isEnabled == false)
        #expect(try TimerDeclaration("a = R , 10 , , enable").isEnabled)
        #expect(try TimerDeclaration("a=R,10,fast").interval == 10)
        for bad: ByteString in ["a", "a=R", "=R,10", "a=,10", "a=R,x", "a=R,0", "a=R,10,quick", "a=R,10,slow,on"] {
            #expect(throws: ArgumentError.self) { try TimerDeclaration(bad) }
        }
    }
}
