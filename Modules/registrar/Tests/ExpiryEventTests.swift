import ModuleKit
import SIPTesting
import Testing
import core
import pv
import sl
import usrloc

@testable import registrar

@Suite("registrar: event_route[usrloc:contact-expired]")
struct ExpiryEventTests {
    private static let modules = [
        ModuleType(Core.self), ModuleType(StatelessReplies.self), ModuleType(PseudoVariables.self),
        ModuleType(UserLocation.self), ModuleType(Registrar.self),
    ]

    /// A registrar that notes what expires, with so many users of a binding each.
    private func registrar(_ users: Int) throws -> NoteBench {
        let bench = try NoteBench(
            "save(\"location\");",
            settings: "modparam(\"usrloc\", \"timer_interval\", 1)\nmodparam(\"registrar\", \"min_expires\", 1)",
            routes: "event_route[usrloc:contact-expired] { note(\"$ulc(exp=>aor) $ulc(exp=>addr)\"); }",
            modules: Self.modules)
        for user in 0..<users {
            try bench.run(
                "REGISTER sip:x SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK\(user)\n"
                    + "From: <sip:u\(user)@x>;tag=1\nTo: <sip:u\(user)@x>\nCall-ID: \(user)\nCSeq: 1 REGISTER\n"
                    + "Contact: <sip:\(user)@1.1.1.1>;expires=1\n")
        }
        return bench
    }

    /// Does what modules want done later; other work would have its turn before each.
    private func turn(_ bench: NoteBench) -> Int {
        var turns = 0
        while !bench.script.worker.errands.isEmpty {
            let errands = bench.script.worker.errands
            bench.script.worker.errands = []
            for errand in errands { errand.body(bench.script.worker) }
            bench.script.settle()
            turns += 1
        }
        return turns
    }

    @Test func `every binding that expires is told once, with its data`() throws {
        let bench = try self.registrar(3)
        bench.script.worker.advance(seconds: 2)
        for _ in 0..<700 { bench.script.tick() }
        #expect(bench.notes.sorted() == ["u0 sip:0@1.1.1.1", "u1 sip:1@1.1.1.1", "u2 sip:2@1.1.1.1"])
    }

    @Test func `many that expire together are told in portions, and none is left out`() throws {
        let bench = try self.registrar(2_000)
        bench.script.worker.advance(seconds: 2)
        var turns = 0
        var largest = 0
        for _ in 0..<700 {
            let before = bench.notes.count
            bench.script.tick()
            largest = max(largest, bench.notes.count - before)
            turns += self.turn(bench)
        }
        #expect(Set(bench.notes).count == 2_000)
        #expect(bench.notes.count == 2_000)
        #expect(largest <= 50)
        #expect(turns > 0)
    }
}
