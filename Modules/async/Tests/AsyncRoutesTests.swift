import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import sl
import tm
import tmx

@testable import async

/// A request whose script is suspended, on a bench: no sockets, no waiting.
private struct Scene {
    let bench = ModuleBench()
    let transactions: Transactions
    let module: AsyncRoutes

    init(_ parameters: [(String, ParameterValue)] = [], timer: Int = 3000) throws {
        self.bench.program.routes = ["0", "LATER"]
        // The wheels of transactions begin with the clock.
        self.bench.worker.now = Instant.now()
        try self.bench.load(StatelessReplies.self)
        self.transactions = try self.bench.load(Transactions.self, [("fr_timer", .int(timer))])
        try self.bench.load(TransactionExtras.self)
        self.module = try self.bench.load(AsyncRoutes.self, parameters)
    }

    func request(_ method: String = "INVITE", cSeq: Int = 1) throws -> RouteContext {
        try self.bench.receive(
            """
            \(method) sip:alice@127.0.0.1 SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKown1
            From: <sip:bob@127.0.0.1>;tag=own
            To: <sip:alice@127.0.0.1>
            Call-ID: own
            CSeq: \(cSeq) \(method)
            Content-Length: 0

            """)
    }

    func call(_ name: String, _ arguments: String..., in route: RouteContext) throws -> Outcome {
        let function = try #require(self.module.functions.first { $0.name == name })
        let body = try #require(function.body)
        return body(
            route, Arguments(arguments.map { .constant(ByteString($0), Int($0)) }))
    }

    /// What a suspended function goes on with.
    func continuation(_ outcome: Outcome) throws -> Continuation {
        guard case .suspended(let continuation?) = outcome else { throw ModuleError("not suspended") }
        return continuation
    }

    /// First lines of what was sent.
    var sent: [String] { self.bench.sent.map { String($0.prefix { $0 != "\n" }) } }

    /// Lets the timers of transactions fire.
    func advance(seconds: Int) {
        self.bench.worker.advance(seconds: seconds)
        for task in self.bench.program.hooks.periodic { task.body(self.bench.worker) }
    }

    /// Ends the run of a route as the server does.
    func end(_ route: RouteContext) {
        self.bench.program.hooks.routeEnded(route, RouteResult(code: 1))
    }
}

extension Outcome {
    fileprivate var given: Int? { if case .code(let code) = self { code } else { nil } }
}

@Suite("async: a script that waits with its transaction")
struct AsyncRoutesTests {
    @Test func `the caller of an INVITE gets a 100 and the script is woken after the time`() throws {
        let scene = try Scene()
        _ = try scene.continuation(scene.call("async_sleep", "2", in: scene.request()))
        #expect(scene.sent == ["SIP/2.0 100 trying -- your call is important to us"])
        #expect(scene.bench.worker.wakes.map(\.after) == [.seconds(2)])
    }

    @Test func `the script goes on as in a failure route, without the branches it had`() throws {
        let scene = try Scene()
        let route = try scene.request()
        route.branches = [BranchTarget(uri: "sip:carol@127.0.0.1")]
        let later = try scene.continuation(scene.call("async_ms_sleep", "200", in: route))
        #expect(later.body(route, ResumeResult(code: 1)).given == 1)
        #expect(route.routeKind == .failure)
        #expect(route.branches.isEmpty)
        #expect(try scene.bench.call("t_reply", "486", "Busy", in: route) == 1)
        scene.end(route)
        #expect(scene.sent.last == "SIP/2.0 486 Busy")
    }

    @Test func `async_route goes on with the route and nothing else`() throws {
        let scene = try Scene()
        let route = try scene.request("OPTIONS")
        let later = try scene.continuation(scene.call("async_ms_route", "LATER", "200", in: route))
        guard case .run(let call) = later.body(route, ResumeResult(code: 1)) else { throw ModuleError("no route") }
        #expect(scene.bench.program.name(of: call.route) == "LATER")
        #expect(call.kind == .failure)
        #expect(call.then(route, RouteResult(code: 1)).given == 0)
    }

    @Test func `one that ends without an answer leaves a 500`() throws {
        let scene = try Scene()
        let route = try scene.request("OPTIONS")
        let later = try scene.continuation(scene.call("async_ms_sleep", "200", in: route))
        _ = later.body(route, ResumeResult(code: 1))
        scene.end(route)
        #expect(scene.sent == ["SIP/2.0 500 I'm terribly sorry, server error occurred (1/TM)"])
    }

    @Test func `a retransmission meanwhile is answered with the 100 again`() throws {
        let scene = try Scene()
        _ = try scene.call("async_sleep", "2", in: scene.request())
        #expect(try scene.bench.call("t_check_trans", in: scene.request()) == 0)
        #expect(scene.sent.count == 2)
        #expect(try scene.call("async_sleep", "2", in: scene.request()).given == 0)
        #expect(scene.bench.worker.wakes.count == 1)
    }

    @Test func `a CANCEL meanwhile ends it with 487, and the script does not go on`() throws {
        let scene = try Scene()
        let route = try scene.request()
        let later = try scene.continuation(scene.call("async_sleep", "2", in: route))
        _ = try scene.bench.call("t_relay_cancel", in: scene.request("CANCEL"))
        #expect(
            scene.sent.dropFirst() == [
                "SIP/2.0 487 Request canceled", "SIP/2.0 200 ok -- no more pending branches",
            ])
        #expect(later.body(route, ResumeResult(code: 1)).given == 0)
        scene.end(route)
        #expect(scene.sent.count == 3)
    }

    @Test func `fr_timer ends it with 408, and the script does not go on`() throws {
        let scene = try Scene()
        let route = try scene.request("OPTIONS")
        let later = try scene.continuation(scene.call("async_sleep", "8", in: route))
        scene.advance(seconds: 2)
        #expect(scene.sent.isEmpty)
        scene.advance(seconds: 2)
        #expect(scene.sent == ["SIP/2.0 408 Request Timeout"])
        #expect(later.body(route, ResumeResult(code: 1)).given == 0)
    }

    @Test func `waits past 100 seconds, unknown routes and words are refused`() throws {
        let scene = try Scene()
        #expect(try scene.call("async_sleep", "101", in: scene.request()).given == -1)
        #expect(try scene.call("async_ms_sleep", "100001", in: scene.request()).given == -1)
        #expect(try scene.call("async_sleep", "-1", in: scene.request()).given == -1)
        #expect(try scene.call("async_route", "NOWHERE", "1", in: scene.request()).given == -1)
        #expect(try scene.call("async_sleep", "1", in: scene.request("ACK")).given == -1)
        #expect(scene.bench.worker.wakes.isEmpty)
    }

    @Test func `too many waiting scripts make the function fail, and the transaction is the script's again`() throws {
        let scene = try Scene()
        let route = try scene.request()
        let later = try scene.continuation(scene.call("async_sleep", "2", in: route))
        #expect(later.body(route, ResumeResult(code: -1)).given == -1)
        #expect(try scene.bench.call("t_reply", "503", "Busy", in: route) == 1)
    }

    @Test func `with return set the script goes on, and the route runs later by itself`() throws {
        let scene = try Scene([("return", .int(1))])
        #expect(try scene.call("async_route", "LATER", "1", in: scene.request()).given == 1)
        let errand = try #require(scene.bench.worker.errands.first)
        #expect(errand.after == .seconds(1))
        errand.body(scene.bench.worker)
        #expect(scene.bench.worker.scheduled.count == 1)
        #expect(try scene.call("async_sleep", "1", in: scene.request(cSeq: 2)).given == -1)
    }

    @Test func `without transactions nothing is suspended, and tasks run`() throws {
        let scene = try Scene([("mode", .int(1))])
        #expect(try scene.call("async_sleep", "1", in: scene.request()).given == -1)
        #expect(try scene.call("async_task_data", "LATER", "hello", in: scene.request()).given == 1)
        #expect(try scene.call("async_task_data", "NOWHERE", "hello", in: scene.request()).given == -1)
        let errand = try #require(scene.bench.worker.errands.first)
        errand.body(scene.bench.worker)
        let context = try #require(scene.bench.worker.scheduled.first?.context)
        #expect(context.text(try scene.bench.read("async", "data", in: context)) == "hello")
        #expect(context.copy(context.message.requestURI) == "sip:you@kamailio.org")
    }

    @Test func `a task goes on with its route at once, in whatever group`() throws {
        for (name, arguments) in [("async_task_route", ["LATER"]), ("async_task_group_route", ["LATER", "heavy"])] {
            let scene = try Scene()
            let route = try scene.request("OPTIONS")
            let function = try #require(scene.module.functions.first { $0.name == name })
            let body = try #require(function.body)
            let later = try scene.continuation(
                body(route, Arguments(arguments.map { .constant(ByteString($0), Int($0)) })))
            #expect(scene.bench.worker.wakes.map(\.after) == [.milliseconds(1)])
            guard case .run(let call) = later.body(route, ResumeResult(code: 1)) else { throw ModuleError("no route") }
            #expect(scene.bench.program.name(of: call.route) == "LATER")
            #expect(call.kind == .failure)
        }
    }

    @Test func `data of a task is read there and nowhere else`() throws {
        let scene = try Scene()
        let caller = try scene.request()
        #expect(try scene.call("async_task_group_data", "LATER", "heavy", "own", in: caller).given == 1)
        #expect(caller.text(try scene.bench.read("async", "data", in: caller)).isEmpty)
        let errand = try #require(scene.bench.worker.errands.first)
        errand.body(scene.bench.worker)
        let context = try #require(scene.bench.worker.scheduled.first?.context)
        #expect(context.text(try scene.bench.read("async", "data", in: context)) == "own")
        #expect(throws: (any Error).self) { try scene.bench.read("async", "other", in: context) }
    }

    @Test func `an event carries its type, key and value`() throws {
        let scene = try Scene()
        scene.bench.program.routes.append("core:tkv")
        #expect(try scene.call("async_tkv_emit", "3", "k", "v", in: scene.request()).given == 1)
        #expect(try scene.call("async_tkv_emit", "x", "k", "v", in: scene.request()).given == -1)
        let errand = try #require(scene.bench.worker.errands.first)
        errand.body(scene.bench.worker)
        let context = try #require(scene.bench.worker.scheduled.first?.context)
        #expect(context.text(try scene.bench.read("atkv", "type", in: context)) == "3")
        #expect(context.text(try scene.bench.read("atkv", "key", in: context)) == "k")
        #expect(context.text(try scene.bench.read("atkv", "val", in: context)) == "v")
    }
}

@Suite("tmx: t_suspend and t_continue")
struct SuspendContinueTests {
    /// Suspends a request and gives what t_continue needs.
    private func suspend(_ scene: Scene, _ method: String = "INVITE") throws -> (index: String, label: String) {
        let route = try scene.request(method)
        route.edits.insert(at: route.message.headersEnd, "X-Kept: 1\r\n")
        route.flags = 32
        #expect(try scene.bench.call("t_suspend", in: route) == 1)
        let index = route.text(try scene.bench.read("T", "id_index", in: route)).string
        let label = route.text(try scene.bench.read("T", "id_label", in: route)).string
        scene.end(route)
        return (index, label)
    }

    @Test func `another script goes on with it once, with its edits and flags`() throws {
        let scene = try Scene()
        let (index, label) = try self.suspend(scene)
        #expect(scene.sent == ["SIP/2.0 100 trying -- your call is important to us"])
        let other = try scene.request("OPTIONS", cSeq: 7)
        #expect(try scene.bench.call("t_continue", index, label, "LATER", in: other) == 1)
        let scheduled = try #require(scene.bench.worker.scheduled.first)
        #expect(scheduled.call.kind == .failure)
        #expect(scheduled.context.flags == 32)
        #expect(scheduled.context.edits.count == 1)
        #expect(try scene.bench.call("t_continue", index, label, "LATER", in: other) == -1)
        _ = scheduled.call.then(scheduled.context, RouteResult(code: 1))
        #expect(scene.sent.last == "SIP/2.0 500 I'm terribly sorry, server error occurred (1/TM)")
    }

    @Test func `nobody goes on with one that is cancelled or timed out`() throws {
        let cancelled = try Scene()
        let first = try self.suspend(cancelled)
        _ = try cancelled.bench.call("t_relay_cancel", in: cancelled.request("CANCEL"))
        let other = try cancelled.request("OPTIONS", cSeq: 7)
        #expect(try cancelled.bench.call("t_continue", first.index, first.label, "LATER", in: other) == -1)

        let late = try Scene()
        let second = try self.suspend(late, "OPTIONS")
        late.advance(seconds: 4)
        #expect(late.sent == ["SIP/2.0 408 Request Timeout"])
        #expect(try late.bench.call("t_continue", second.index, second.label, "LATER", in: other) == -1)
    }

    @Test func `a failure route that was armed runs on the timeout`() throws {
        let scene = try Scene()
        let route = try scene.request()
        let arm = try #require(scene.transactions.functions.first { $0.name == "t_on_failure" }?.body)
        _ = arm(route, Arguments([.route(RouteID(index: 1))]))
        #expect(try scene.bench.call("t_suspend", in: route) == 1)
        scene.advance(seconds: 4)
        let scheduled = try #require(scene.bench.worker.scheduled.first)
        #expect(scheduled.call.kind == .failure)
        #expect(scene.sent.count == 1)
        _ = scheduled.call.then(scheduled.context, RouteResult(code: 1))
        #expect(scene.sent.last == "SIP/2.0 408 Request Timeout")
    }

    @Test func `a request is suspended once, and replies never`() throws {
        let scene = try Scene()
        let route = try scene.request()
        #expect(try scene.bench.call("t_suspend", in: route) == 1)
        #expect(try scene.bench.call("t_suspend", in: route) == -1)
        #expect(try scene.bench.call("t_suspend", in: scene.request("ACK")) == -1)
        let reply = try scene.bench.receive(
            """
            SIP/2.0 200 OK
            Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKown9
            From: <sip:bob@127.0.0.1>;tag=own
            To: <sip:alice@127.0.0.1>;tag=own2
            Call-ID: own
            CSeq: 1 INVITE
            Content-Length: 0

            """)
        #expect(try scene.bench.call("t_suspend", in: reply) == -1)
    }

    @Test func `requests are answered, cancelled and dropped from outside`() throws {
        let scene = try Scene()
        _ = try self.suspend(scene)
        let other = try scene.request("OPTIONS", cSeq: 7)
        #expect(try scene.bench.call("t_reply_callid", "nobody", "1", "486", "Busy", in: other) == -1)
        #expect(try scene.bench.call("t_reply_callid", "own", "1", "486", "Busy", in: other) == 1)
        #expect(scene.sent.last == "SIP/2.0 486 Busy")
        #expect(try scene.bench.call("t_reply_callid", "own", "1", "486", "Busy", in: other) == -1)

        let second = try Scene()
        _ = try self.suspend(second)
        let caller = try second.request("OPTIONS", cSeq: 7)
        #expect(try second.bench.call("t_cancel_callid", "own", "1", "5", in: caller) == 1)
        #expect(second.sent.last == "SIP/2.0 487 Request canceled")

        let third = try Scene()
        let route = try third.request()
        #expect(try third.bench.call("t_newtran", in: route) == 1)
        #expect(try third.bench.call("t_drop", in: route) == 1)
        #expect(try third.bench.call("t_reply", "200", "OK", in: route) == -1)
        #expect(third.sent.isEmpty)
    }
}
