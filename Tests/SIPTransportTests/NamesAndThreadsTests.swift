import Bytes
import Glibc
import SIPMessage
import SIPTransport
import Synchronization
import Testing

@Suite("Names and interfaces")
struct NamesTests {
    @Test func `the loopback interface is listed with its addresses`() throws {
        let all = try LocalInterfaces.addresses()
        let loopback = all.filter(\.isLoopback)
        #expect(loopback.contains { $0.ip == ipv4Loopback.ip && $0.prefixLength == 8 })
        let name = try #require(loopback.first?.name)
        #expect(try LocalInterfaces.addresses(of: name).contains { $0.ip == ipv4Loopback.ip })
        #expect(try LocalInterfaces.addresses(of: "none-such0").isEmpty)
    }

    @Test func `an address written out needs no lookup`() {
        #expect(HostLookup.addresses(of: "192.0.2.7") == .success([IPAddress(ipv4: 0xc000_0207)]))
        #expect(HostLookup.addresses(of: "[::1]") == .success([ipv6Loopback.ip]))
    }

    @Test func `localhost is found by the system, nonsense is not`() throws {
        #expect(try HostLookup.addresses(of: "localhost", family: .ipv4).get() == [ipv4Loopback.ip])
        for host in ["", "a\0b", "-bad..name"] as [ByteString] {
            #expect(throws: LookupError.self) { try HostLookup.addresses(of: host).get() }
        }
    }
}

@Suite("Resolver")
struct ResolverTests {
    /// Answers from a table, counts questions, and can be held up.
    final class Names: Sendable {
        let asked = Lock<[String]>([])
        let gate = Lock<Bool>(true)
        func look(_ host: ByteString) -> Resolver.Answer {
            self.asked.withLock { $0.append(host.string) }
            while !self.gate.withLock({ $0 }) { sched_yield() }
            return host == "good" ? .success([ipv4Loopback.ip]) : .failure(LookupError(code: -2))
        }
    }

    final class Clock: Sendable {
        let time = Lock(Instant.zero)
        func advance(_ interval: Interval) { self.time.withLock { $0 = $0 + interval } }
    }

    let names = Names()
    let clock = Clock()
    let resolver: Resolver

    init() {
        let names = self.names
        let clock = self.clock
        var settings = Resolver.Settings()
        settings.capacity = 3
        self.resolver = Resolver(
            settings: settings,
            lookup: { host, _ in names.look(host) },
            clock: { clock.time.withLock { $0 } }
        )
    }

    /// Asks and waits for the answer.
    func ask(_ host: ByteString) -> Resolver.Answer? {
        let answer = Lock<Resolver.Answer?>(nil)
        self.resolver.resolve(host, on: { $0() }) { result in answer.withLock { $0 = result } }
        while answer.withLock({ $0 == nil }) { sched_yield() }
        return answer.withLock { $0 }
    }

    @Test func `answers hold for a minute, failures for ten seconds`() {
        defer { self.resolver.stop() }
        #expect(self.resolver.cached("good") == nil)
        #expect(self.ask("good") == .success([ipv4Loopback.ip]))
        #expect(self.ask("bad") == .failure(LookupError(code: -2)))
        #expect(self.resolver.cached("good") == [ipv4Loopback.ip])
        #expect(self.resolver.cached("bad") == [])
        self.clock.advance(.seconds(9))
        #expect(self.ask("good") == .success([ipv4Loopback.ip]))
        #expect(self.names.asked.withLock { $0 } == ["good", "bad"])
        self.clock.advance(.seconds(2))
        #expect(self.resolver.cached("bad") == nil)
        #expect(self.resolver.cached("good") != nil)
        self.clock.advance(.seconds(50))
        #expect(self.resolver.cached("good") == nil)
    }

    @Test func `the same question asked twice is looked up once`() {
        defer { self.resolver.stop() }
        self.names.gate.withLock { $0 = false }
        let answers = Lock<[Resolver.Answer]>([])
        for _ in 0..<2 {
            self.resolver.resolve("good", on: { $0() }) { result in answers.withLock { $0.append(result) } }
        }
        self.names.gate.withLock { $0 = true }
        while answers.withLock({ $0.count }) < 2 { sched_yield() }
        #expect(self.names.asked.withLock { $0 } == ["good"])
    }

    @Test func `the cache is bounded`() {
        defer { self.resolver.stop() }
        for number in 0..<10 { _ = self.ask(ByteString("host\(number)")) }
        #expect((0..<10).filter { self.resolver.cached(ByteString("host\($0)")) != nil }.count <= 3)
    }

    @Test func `after stop every question fails`() {
        self.resolver.stop()
        #expect(self.ask("good") == .failure(LookupError(code: -3)))
        #expect(self.names.asked.withLock { $0 } == [])
    }
}

@Suite("Threads")
struct WorkerThreadTests {
    @Test func `a thread runs its body and join waits for it`() throws {
        let done = Flag()
        let thread = try WorkerThread(name: "a name longer than fifteen bytes", cpu: WorkerThread.cpu(at: 0)) {
            done.value.store(true, ordering: .releasing)
        }
        thread.join()
        let isDone = done.value.load(ordering: .acquiring)
        #expect(isDone)
        thread.join()
    }

    @Test func `there are as many CPUs as can be numbered`() {
        #expect(WorkerThread.availableCPUs >= 1)
        #expect(WorkerThread.cpu(at: WorkerThread.availableCPUs - 1) != nil)
        #expect(WorkerThread.cpu(at: WorkerThread.availableCPUs) == nil)
    }

    final class Flag: Sendable {
        let value = Atomic<Bool>(false)
    }
}
