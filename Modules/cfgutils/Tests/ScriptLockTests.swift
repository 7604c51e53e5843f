import Bytes
import ModuleKit
import SIPTesting
import Testing

@testable import cfgutils

@Suite("cfgutils: locks")
struct ScriptLockTests {
    private let bench: ModuleBench
    private let first: RouteContext
    private let second: RouteContext

    init() throws {
        (self.bench, self.first) = try ConfigurationUtilitiesTests.bench([("lock_set_size", .int(2))])
        self.second = try ConfigurationUtilitiesTests.message(self.bench)
    }

    /// Calls `lock` where it has to wait.
    private func wait(_ key: String, in route: RouteContext) throws -> (BenchToken, Continuation) {
        guard case .suspended(let continuation?) = try self.bench.perform("lock", [key], in: route) else {
            throw ModuleError("lock() does not wait")
        }
        return (try #require(self.bench.worker.token), continuation)
    }

    private func code(_ outcome: Outcome) -> Int? {
        if case .code(let code) = outcome { return code }
        return nil
    }

    @Test func `a taken lock is busy for others, and for its holder`() throws {
        #expect(try self.bench.call("lock", "a", in: self.first) == 1)
        #expect(try self.bench.call("trylock", "a", in: self.second) == -1)
        #expect(try self.bench.call("trylock", "a", in: self.first) == -1)
        #expect(try self.bench.call("lock", "a", in: self.first) == -1)
        #expect(try self.bench.call("unlock", "a", in: self.first) == 1)
        #expect(try self.bench.call("trylock", "a", in: self.second) == 1)
    }

    @Test func `other keys do not matter`() throws {
        for key in 0..<100 { #expect(try self.bench.call("lock", "\(key)", in: self.first) == 1) }
        #expect(try self.bench.call("lock", "100", in: self.second) == 1)
        #expect(try self.bench.call("lock", "a", "b", in: self.first) == 1)
        #expect(try self.bench.call("trylock", "a", in: self.second) == 1)
        #expect(try self.bench.call("trylock", "ab", in: self.second) == 1)
        #expect(try self.bench.call("trylock", "a", "b", in: self.second) == -1)
    }

    @Test func `who waits gets the lock when it is given away, in order`() throws {
        let third = try ConfigurationUtilitiesTests.message(self.bench)
        #expect(try self.bench.call("lock", "a", in: self.first) == 1)
        let (early, goOn) = try self.wait("a", in: self.second)
        let (late, goOnLate) = try self.wait("a", in: third)
        #expect(early.result == nil)
        #expect(try self.bench.call("unlock", "a", in: self.first) == 1)
        #expect(early.result?.code == 1)
        #expect(late.result == nil)
        // Given already: nobody comes between.
        #expect(try self.bench.call("trylock", "a", in: self.first) == -1)
        #expect(self.code(goOn.body(self.second, ResumeResult(code: 1))) == 1)
        #expect(try self.bench.call("unlock", "a", in: self.second) == 1)
        #expect(late.result?.code == 1)
        #expect(self.code(goOnLate.body(third, ResumeResult(code: 1))) == 1)
    }

    @Test func `who is woken otherwise leaves the line`() throws {
        #expect(try self.bench.call("lock", "a", in: self.first) == 1)
        let (token, goOn) = try self.wait("a", in: self.second)
        #expect(self.code(goOn.body(self.second, ResumeResult(code: -1))) == -1)
        #expect(try self.bench.call("unlock", "a", in: self.first) == 1)
        #expect(token.result == nil)
        #expect(try self.bench.call("trylock", "a", in: self.first) == 1)
    }

    @Test func `a lock that comes to a script that was woken otherwise goes on to the next`() throws {
        #expect(try self.bench.call("lock", "a", in: self.first) == 1)
        let (_, goOn) = try self.wait("a", in: self.second)
        #expect(try self.bench.call("unlock", "a", in: self.first) == 1)
        #expect(self.code(goOn.body(self.second, ResumeResult(code: -1))) == -1)
        #expect(try self.bench.call("trylock", "a", in: self.first) == 1)
    }

    @Test func `a script that is never woken holds nobody up`() throws {
        #expect(try self.bench.call("lock", "a", in: self.first) == 1)
        _ = try self.wait("a", in: self.second)
        #expect(try self.bench.call("unlock", "a", in: self.first) == 1)
        #expect(try self.bench.call("trylock", "a", in: self.first) == 1)
    }

    @Test func `what a script leaves locked is given away when it ends`() throws {
        #expect(try self.bench.call("lock", "a", in: self.first) == 1)
        let (token, goOn) = try self.wait("a", in: self.second)
        self.bench.program.hooks.routeEnded(self.first, RouteResult(code: 1))
        #expect(token.result?.code == 1)
        #expect(self.code(goOn.body(self.second, ResumeResult(code: 1))) == 1)
        #expect(self.bench.log.contains { $0.contains("without unlock(\"a\")") })
    }

    @Test func `only the holder gives a lock away`() throws {
        #expect(try self.bench.call("lock", "a", in: self.first) == 1)
        #expect(try self.bench.call("unlock", "a", in: self.second) == -1)
        #expect(try self.bench.call("trylock", "a", in: self.second) == -1)
        #expect(try self.bench.call("unlock", "free", in: self.second) == 1)
    }

    @Test func `without lock_set_size there are no locks`() throws {
        let (bench, route) = try ConfigurationUtilitiesTests.bench()
        for name in ["lock", "trylock", "unlock"] { #expect(try bench.call(name, "a", in: route) == -1) }
    }
}
