import Bytes
import ModuleKit
import Testing

@testable import RouteScript

@Suite("Program: copies for workers")
struct ProgramCopyTests {
    @Test func `a copy runs what the program runs`() throws {
        let run = try ScriptRun("request_route { route(SUM); }\nroute[SUM] { $var(a) = 3; return($var(a) + 4); }")
        let expected = run.run()
        let copy = run.program.copy()
        run.context.program = copy
        guard case .ended(let result) = copy.start(copy.requestRoute, kind: .request, in: run.context) else {
            Issue.record("the copy waits")
            return
        }
        #expect(result.code == expected.code && result.isStopped == expected.isStopped)
    }

    @Test func `copies have the identity of their program, and no other has`() throws {
        let first = try ScriptRun("request_route { exit; }").program
        let second = try ScriptRun("request_route { exit; }").program
        let copy = first.copy()
        #expect(copy !== first && copy.isSame(as: first) && first.isSame(as: copy))
        #expect(copy.copy().isSame(as: first) && copy.copy().isSame(as: copy))
        #expect(!copy.isSame(as: second) && copy.identity != second.identity)
    }

    @Test func `the end of a program is told when its last copy goes`() throws {
        let isTold = Lock(false)
        var copies: [Program] = []
        do {
            let run = try ScriptRun("request_route { exit; }")
            run.program.onRelease { isTold.withLock { $0 = true } }
            copies = [run.program.copy(), run.program.copy()]
        }
        #expect(isTold.withLock { $0 } == false)
        copies.removeLast()
        #expect(isTold.withLock { $0 } == false)
        copies.removeLast()
        #expect(isTold.withLock { $0 })
    }
}
