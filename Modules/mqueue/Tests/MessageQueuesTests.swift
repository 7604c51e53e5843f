import Bytes
import ModuleKit
import SIPTesting
import Testing
import core
import pv
import xlog

@testable import mqueue

@Suite("mqueue: scripts")
struct MessageQueueScriptTests {
    private func lines(_ body: String) throws -> [String] {
        let script = try ScriptBench(
            """
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "mqueue.so"
            modparam("mqueue", "mqueue", "name=q1;size=2")
            modparam("mqueue", "mqueue", "name=q2;addmode=1")
            modparam("mqueue", "mqueue", "name=q3;addmode=2")
            modparam("mqueue", "mqueue_size", 3)
            modparam("mqueue", "mqueue_name", "q4")
            request_route {
            \(body)
            }
            """,
            [
                ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self),
                ModuleType(MessageQueues.self),
            ])
        try script.run()
        return script.texts
    }

    @Test func `a full queue loses its oldest pair`() throws {
        #expect(
            try self.lines(
                """
                mq_add("q1", "k1", "v1"); mq_add("q1", "k2", "v2"); mq_add("q1", "k3", "v3");
                $var(n) = mq_size("q1"); xlog("$var(n) $mq_size(q1) $mqk(q1)\\n");
                while (mq_fetch("q1")) { xlog("$mqk(q1)=$mqv(q1)\\n"); }
                xlog("$mqk(q1)\\n"); mq_fetch("q1"); xlog("$rc\\n");
                """) == ["2 2 <null>", "k2=v2", "k3=v3", "<null>", "-2"])
    }

    @Test func `addmode decides about a key that waits already`() throws {
        #expect(
            try self.lines(
                """
                mq_add("q2", "a", "1"); mq_add("q2", "a", "2"); mq_add("q2", "b", "3"); $var(n) = mq_size("q2");
                mq_fetch("q2"); xlog("$var(n) $mqk(q2)=$mqv(q2)\\n");
                mq_add("q2", "a", "4"); $var(n) = mq_size("q2"); xlog("$var(n)\\n");
                mq_add("q3", "a", "1"); mq_add("q3", "b", "3"); mq_add("q3", "a", "2"); $var(n) = mq_size("q3");
                mq_fetch("q3"); xlog("$var(n) $mqk(q3)=$mqv(q3)\\n"); mq_fetch("q3"); xlog("$mqk(q3)=$mqv(q3)\\n");
                """) == ["2 a=1", "2", "2 b=3", "a=2"])
    }

    @Test func `unknown and empty queues have codes of their own`() throws {
        #expect(
            try self.lines(
                """
                $var(a) = mq_size("nope"); $var(b) = mq_size("q2"); $var(c) = mq_fetch("nope");
                $var(d) = mq_add("nope", "k", "v"); $var(e) = mq_pv_free("nope");
                xlog("$var(a) $var(b) $var(c) $var(d) $var(e) $mq_size(q2)\\n");
                """
            ).last == "-2 -1 -1 -1 1 0")
    }

    @Test func `mq_pv_free forgets the fetched pair`() throws {
        #expect(
            try self.lines(
                """
                mq_add("q4", "", "empty key"); mq_fetch("q4"); xlog("[$mqk(q4)] $mqv(q4)\\n");
                mq_pv_free("q4"); xlog("$mqv(q4)\\n");
                """) == ["[] empty key", "<null>"])
    }
}

@Suite("mqueue: declarations and commands")
struct MessageQueueDeclarationTests {
    private func fault(_ line: ByteString) -> String? {
        do {
            _ = try QueueDefinition(line)
            return nil
        } catch {
            return (error as? ArgumentError)?.message
        }
    }

    @Test func `a declaration is read`() throws {
        let full = try QueueDefinition("name=q; size=10; addmode=2; dbmode=0;")
        #expect(full == QueueDefinition(name: "q", limit: 10, mode: .keepNewest))
        #expect(try QueueDefinition("name=q") == QueueDefinition(name: "q"))
    }

    @Test func `what cannot be is refused`() {
        #expect(self.fault("size=3") == "mqueue 'size=3': name=… is missing")
        #expect(self.fault("name=q;size=x") == "mqueue: size=x is no number")
        #expect(self.fault("name=q;addmode=3") == "mqueue: addmode=3 is not 0, 1 or 2")
        #expect(self.fault("name=q;sise=3") == "mqueue: unknown attribute 'sise'")
        #expect(self.fault("name=q;dbmode=1") == "mqueue: dbmode=1 is not built yet")
    }

    @Test func `clients see sizes and fetch pairs`() throws {
        let bench = ModuleBench()
        try bench.load(MessageQueues.self, [("mqueue", .text("name=a")), ("mqueue", .text("name=b"))])
        let queue = try #require(try bench.module(MessageQueues.self).queue("a"))
        #expect(queue.store.add("k", "v", queue.definition))
        #expect(
            try bench.call("mqueue.get_sizes", []) == [
                .structure(["name": .string("b"), "size": .int(0)]),
                .structure(["name": .string("a"), "size": .int(1)]),
            ])
        #expect(
            try bench.call("mqueue.fetch", [.string("a")])
                == [.structure(["key": .string("k"), "val": .string("v")])])
        #expect(throws: RPCFault(404, "Empty queue")) { try bench.call("mqueue.fetch", [.string("a")]) }
        #expect(throws: RPCFault(500, "No such queue")) { try bench.call("mqueue.fetch", [.string("x")]) }
        #expect(throws: RPCFault(404, "No such queue")) { try bench.call("mqueue.get_size", [.string("x")]) }
        #expect(throws: RPCFault(400, "No queue name")) { try bench.call("mqueue.get_size", []) }
    }

    @Test func `what waits survives a reload`() throws {
        let bench = ModuleBench()
        let first = try bench.load(MessageQueues.self, [("mqueue", .text("name=a"))])
        let second = try bench.load(MessageQueues.self, [("mqueue", .text("name=a;size=5"))])
        #expect(first.queues[0].store === second.queues[0].store)
    }
}
