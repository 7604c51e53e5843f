import Bytes
import ModuleKit
import Testing

@testable import RouteScript

/// Writes down what it sees; pauses before calls whose name is in `pauses`.
private final class Recorder: ScriptTracer, @unchecked Sendable {  // a test uses it on one thread
    var lines: [String] = []
    var pauses: Set<String> = []

    func willRun(_ action: ScriptAction, in route: RouteContext) -> TraceVerdict {
        self.lines.append("\(action.line) \(action.route) \(action.name)")
        return self.pauses.contains(action.name) ? .pause : .goOn
    }

    func didRun(_ action: ScriptAction, _ result: Value?, in route: RouteContext) {
        self.lines.append("  \(action.name) = \(result.map { route.text($0).string } ?? "nothing")")
    }
}

@Suite("the trace of a script")
struct TraceTests {
    private func trace(_ text: String, pausing names: Set<String> = []) throws -> [String] {
        let script = try ScriptRun(text, head: "loadmodule \"probe.so\"; ")
        let recorder = Recorder()
        recorder.pauses = names
        script.context.tracer = recorder
        script.run()
        return recorder.lines
    }

    @Test func `statements are announced before they run, with their values after`() throws {
        let lines = try self.trace(
            """
            request_route {
                $var(x) = 1 + 2;
                if ($var(x) == 3) {
                    probe("a");
                }
                exit;
            }
            """)
        #expect(
            lines == [
                "2 0 $var(x)", "  $var(x) = 3", "3 0 if", "  if = 1", "4 0 probe", "  probe = 1", "6 0 exit",
            ])
    }

    @Test func `a route is announced by name and its code follows what it did`() throws {
        let lines = try self.trace(
            """
            request_route { if (route(SUB)) { exit; } }
            route[SUB] {
                return 5;
            }
            """)
        #expect(lines == ["1 0 if", "1 0 SUB", "3 SUB return", "  SUB = 5", "  if = 1", "1 0 exit"])
    }

    @Test func `loops and switches show what decides them`() throws {
        let lines = try self.trace(
            """
            request_route {
                while ($var(i) < 1) {
                    $var(i) = $var(i) + 1;
                }
                switch ($var(i)) {
                    case 1: break;
                }
            }
            """)
        #expect(
            lines == [
                "2 0 while", "  while = 1", "3 0 $var(i)", "  $var(i) = 1", "  while = 0", "5 0 switch",
                "  switch = 1", "6 0 break",
            ])
    }

    @Test func `what expressions read is shown, and a call's arguments`() throws {
        final class Reader: ScriptTracer, @unchecked Sendable {  // a test uses it on one thread
            var lines: [String] = []
            func willRun(_ action: ScriptAction, in route: RouteContext) -> TraceVerdict {
                for index in 0..<action.arguments.count {
                    self.lines.append("\(action.name) gets \(action.arguments.text(index, in: route))")
                }
                return .goOn
            }
            func didRun(_ action: ScriptAction, _ result: Value?, in route: RouteContext) {}
            func didRead(_ variable: VariableReference, _ value: Value, in route: RouteContext) {
                self.lines.append("\(variable.text) is \(route.text(value))")
            }
        }
        let script = try ScriptRun(
            "request_route { $var(x) = 2; if ($var(x) > 1 && defined $rm) { probe($var(x) + 3); } }",
            head: "loadmodule \"probe.so\"; ")
        let reader = Reader()
        script.context.tracer = reader
        script.run()
        #expect(reader.lines == ["$var(x) is 2", "$rm is INVITE", "$var(x) is 2", "probe gets 5"])
    }

    @Test func `a tracer may pause before an action, which then runs once`() throws {
        let lines = try self.trace(
            """
            request_route {
                $var(x) = 7;
                probe("$var(x)");
                probe("b");
            }
            """, pausing: ["$var(x)", "probe"])
        #expect(
            lines == [
                "2 0 $var(x)", "  $var(x) = 7", "3 0 probe", "  probe = 1", "4 0 probe", "  probe = 1",
            ])
    }

    @Test func `an assignment that fails has no value`() throws {
        #expect(
            try self.trace("request_route { $var(x) = 1 / $var(zero); }") == [
                "1 0 $var(x)", "  $var(x) = nothing",
            ])
    }

    @Test func `what a suspended function gives is seen when the script goes on`() throws {
        #expect(try self.trace("request_route { suspend_once(); }") == ["1 0 suspend_once", "  suspend_once = 1"])
    }
}
