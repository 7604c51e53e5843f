import Bytes
import ModuleKit
import Testing

@testable import Database

@Suite("Connection pool")
struct ConnectionPoolTests {
    @Test func `a question gets its answer over a connection that is kept`() throws {
        let scene = try Scene()
        scene.ask()
        scene.work()
        scene.ask()
        scene.work()
        #expect(scene.answers == [.success(3), .success(3)])
        #expect(scene.driver.connects == 1)
    }

    @Test func `no more threads work than the policy allows, and everybody gets his turn`() throws {
        let scene = try Scene { $0.connections = 2 }
        for _ in 0..<5 { scene.ask() }
        #expect(scene.threads.count == 2)
        scene.work()
        #expect(scene.answers == Array(repeating: .success(3), count: 5))
        #expect(scene.driver.connects == 2, "a thread goes on with what waits")
    }

    @Test func `writers wait for each other while readers pass`() throws {
        let scene = try Scene {
            $0.connections = 4
            $0.writers = 1
        }
        scene.ask(.write)
        scene.ask(.write)
        scene.ask(.read)
        #expect(scene.threads.count == 2)
        scene.work()
        #expect(scene.answers.count == 3)
    }

    @Test func `too many questions are refused at once`() throws {
        let scene = try Scene {
            $0.connections = 1
            $0.queue = 2
        }
        for _ in 0..<4 { scene.ask() }
        #expect(scene.kinds == [.overloaded])
    }

    @Test func `a database that hangs answers within the time, and only its own threads hang`() throws {
        let scene = try Scene {
            $0.connections = 2
            $0.timeout = .seconds(5)
        }
        for _ in 0..<10 { scene.ask() }
        scene.pass(4_999)
        #expect(scene.answers.isEmpty)
        scene.pass(1)
        #expect(scene.kinds == Array(repeating: .timedOut, count: 10))
        #expect(scene.threads.count == 2)
        scene.ask()
        #expect(scene.threads.count == 2, "hung threads stay taken")
    }

    @Test func `after failures in a row nobody asks for a while, then one tries`() throws {
        let scene = try Scene()
        scene.driver.mood = .stopped
        for _ in 0..<3 {
            scene.ask()
            scene.work()
        }
        scene.ask()
        #expect(scene.kinds == [.unreachable, .unreachable, .unreachable, .unreachable])
        #expect(scene.threads.isEmpty, "the fourth is refused without a try")
        #expect(scene.log.count == 1)
        scene.pass(1_000)
        scene.ask()
        scene.ask()
        #expect(scene.threads.count == 1)
        scene.driver.mood = .well
        scene.work()
        scene.ask()
        scene.work()
        #expect(scene.answers.suffix(2) == [.success(3), .success(3)])
        #expect(scene.log.last == "notice: standin://host/db answers again")
    }

    @Test func `a pause doubles as long as tries fail, up to the longest`() throws {
        let scene = try Scene { $0.breaker.longestPause = .seconds(4) }
        scene.driver.mood = .stopped
        for _ in 0..<3 {
            scene.ask()
            scene.work()
        }
        for pause in [1_000, 2_000, 4_000, 4_000] {
            scene.pass(pause - 1)
            scene.ask()
            #expect(scene.threads.isEmpty)
            scene.pass(1)
            scene.ask()
            #expect(scene.threads.count == 1)
            scene.work()
        }
    }

    @Test func `those who wait are told when the database is given up`() throws {
        let scene = try Scene { $0.connections = 1 }
        scene.driver.mood = .stopped
        for _ in 0..<6 { scene.ask() }
        scene.work()
        #expect(scene.kinds == Array(repeating: .unreachable, count: 6))
        #expect(scene.pool.statistics.refusals == 3)
    }

    @Test func `wrong questions do not open the breaker`() throws {
        let scene = try Scene()
        scene.driver.mood = .refuses
        for _ in 0..<10 {
            scene.ask()
            scene.work()
        }
        #expect(scene.kinds == Array(repeating: .badQuery, count: 10))
        #expect(scene.driver.connects == 1)
        #expect(scene.pool.statistics.isReachable)
    }

    @Test func `a connection that broke while idle is replaced, and reading is done again`() throws {
        let scene = try Scene()
        scene.ask()
        scene.work()
        scene.driver.mood = .breaks
        scene.ask()
        scene.work()
        #expect(scene.answers == [.success(3), .success(3)])
        #expect(scene.driver.connects == 2)
    }

    @Test func `what may have been written is not written twice`() throws {
        let scene = try Scene()
        scene.ask()
        scene.work()
        scene.driver.mood = .breaks
        scene.ask(.write) { session in
            try session.insert(Insert(into: "t", ["n": 1]))
            return 0
        }
        scene.work()
        #expect(scene.kinds == [nil, .lost])
        #expect(scene.driver.statements.count == 1)
    }

    @Test func `work that nobody waits for any more stops at its next statement`() throws {
        let scene = try Scene()
        scene.ask { session in
            _ = try session.query(Select(from: "t"))
            scene.pass(60_000)
            _ = try session.query(Select(from: "t"))
            return 0
        }
        scene.work()
        #expect(scene.kinds == [.timedOut])
        #expect(scene.driver.statements.count == 1)
        #expect(scene.driver.interrupts == 1)
    }
}

@Suite("Circuit breaker")
struct CircuitBreakerTests {
    @Test func `answers in between start the count anew`() {
        var breaker = CircuitBreaker()
        for _ in 0..<20 {
            let pauses = [breaker.fail(now: .zero), breaker.fail(now: .zero)]
            #expect(pauses == [nil, nil])
            _ = breaker.succeed()
        }
        #expect(breaker.isClosed)
    }

    @Test func `while open, a late answer does not close it`() {
        var breaker = CircuitBreaker()
        for _ in 0..<3 { _ = breaker.fail(now: .zero) }
        let closes = breaker.succeed()
        #expect(!closes)
        let admissions = [400, 1_000, 1_000].map { breaker.admit(now: Instant(milliseconds: $0)) }
        #expect(admissions == [.refused(after: .milliseconds(600)), .trial, .refused(after: .zero)])
        let closesNow = breaker.succeed()
        #expect(closesNow)
        let last = breaker.admit(now: Instant(milliseconds: 1_000))
        #expect(last == .go)
    }
}
