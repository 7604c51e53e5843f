import Bytes
import Glibc
import SIPMessage
import Synchronization
import Testing

@testable import SIPTransport

@Suite("Event loop")
struct EventLoopTests {
    final class Note: LoopTask {
        let value: Int
        let log: Lock<[Int]>
        let next: Note?

        init(_ value: Int, _ log: Lock<[Int]>, next: Note? = nil) {
            self.value = value
            self.log = log
            self.next = next
        }

        func perform(on loop: EventLoop) {
            #expect(loop.isCurrent)
            self.log.withLock { $0.append(self.value) }
            if let next = self.next { loop.post(next) }
        }
    }

    final class Delegate: EventLoopDelegate {
        var woken: [Instant] = []
        var nextDeadline: Instant?
        func loopWoke(_ loop: EventLoop, now: Instant) { self.woken.append(now) }
    }

    final class Pipe: DescriptorHandler {
        let ends: [Int32]
        var reads = 0
        var writes = 0
        init() {
            var ends: [Int32] = [0, 0]
            unsafe precondition(pipe(&ends) == 0)
            self.ends = ends
        }
        deinit { for end in self.ends { close(end) } }
        func readable(on loop: EventLoop) { self.reads += 1 }
        func writable(on loop: EventLoop) { self.writes += 1 }
    }

    @Test func `a message that comes up at the end of a turn ends with it`() throws {
        final class Late: EventLoopDelegate {
            var nextDeadline: Instant?
            func loopWoke(_ loop: EventLoop, now: Instant) {
                let arrival = Arrival(source: ipv4Loopback, socket: listenSocket(.tcp, ipv4Loopback), time: now)
                loop.deliver(ByteBuffer(Array("x".utf8).span), arrival)
            }
        }
        let loop = try EventLoop()
        let recorder = Recorder()
        loop.receiver = recorder
        loop.delegate = Late()
        loop.runOnce(timeout: .zero)
        #expect(recorder.messages == ["x"])
        #expect(recorder.ends.last == 1)
    }

    @Test func `tasks run in order, those posted by a task after it`() throws {
        let loop = try EventLoop()
        let log = Lock<[Int]>([])
        loop.post(Note(1, log, next: Note(3, log)))
        loop.post(Note(2, log))
        #expect(log.withLock { $0 } == [])
        #expect(loop.isCurrent == false)
        loop.runOnce()
        loop.runOnce()  // without a timeout: it must not wait, the task of the task is there
        #expect(log.withLock { $0 } == [1, 2, 3])
    }

    @Test func `tasks of other threads wake the loop, none is lost`() throws {
        let loop = try EventLoop()
        let log = Lock<[Int]>([])
        let worker = try WorkerThread(name: "loop") { loop.run() }
        let posters = try (0..<3).map { poster in
            try WorkerThread(name: "poster") {
                for number in 0..<500 { loop.post(Note(poster * 1000 + number, log)) }
            }
        }
        for poster in posters { poster.join() }
        while log.withLock({ $0.count }) < 1500 { sched_yield() }
        loop.stop()
        worker.join()
        let seen = log.withLock { $0 }
        for poster in 0..<3 {
            #expect(seen.filter { $0 / 1000 == poster } == (0..<500).map { poster * 1000 + $0 })
        }
        #expect(loop.post(Note(0, log)) == false)
    }

    @Test func `the delegate's deadline bounds the wait and is told the time`() throws {
        let loop = try EventLoop()
        let delegate = Delegate()
        loop.delegate = delegate
        delegate.nextDeadline = Instant(milliseconds: 5)
        loop.runOnce(at: Instant(milliseconds: 5))
        loop.runOnce(at: Instant(milliseconds: 9))
        #expect(delegate.woken == [Instant(milliseconds: 5), Instant(milliseconds: 9)])
        #expect(loop.now == Instant(milliseconds: 9))
    }

    @Test func `a handler hears of its descriptor until it is unregistered`() throws {
        let loop = try EventLoop()
        let pipe = Pipe()
        let reading = try loop.register(pipe.ends[0], handler: pipe)
        let writing = try loop.register(pipe.ends[1], handler: pipe, reads: false, writes: true)
        loop.runOnce(timeout: .zero)
        #expect(pipe.reads == 0)
        #expect(pipe.writes == 1)
        loop.update(writing, reads: false, writes: false)
        unsafe write(pipe.ends[1], "x", 1)
        loop.runOnce(timeout: .zero)
        #expect(pipe.reads == 1)
        #expect(pipe.writes == 1)
        loop.unregister(reading)
        loop.runOnce(timeout: .zero)
        #expect(pipe.reads == 1)
    }

    @Test func `a key of a registration that is gone names nobody`() {
        var table = RegistrationTable()
        let first = table.insert(.bell, descriptor: 3)
        table.remove(first)
        let second = table.insert(.bell, descriptor: 4)
        #expect(first != second)
        #expect(table.descriptor(of: first) == nil)
        #expect(table.descriptor(of: second) == 4)
        table.remove(first)
        #expect(table.descriptor(of: second) == 4)
        #expect(table.descriptor(of: .max) == nil)
    }
}

@Suite("Deadline wheel")
struct DeadlineWheelTests {
    static func fire(_ wheel: inout DeadlineWheel, _ milliseconds: Int64) -> [UInt64] {
        var due: [DeadlineWheel.Entry] = []
        wheel.advance(to: Instant(milliseconds: milliseconds), into: &due)
        return due.map(\.key).sorted()
    }

    @Test func `nothing fires before its deadline, all soon after`() {
        var wheel = DeadlineWheel(now: .zero)
        #expect(wheel.next == nil)
        for second in 1...20 {
            _ = wheel.insert(UInt64(second), at: wheel.tick(of: Instant(milliseconds: Int64(second) * 1000)))
        }
        #expect(wheel.next == Instant(milliseconds: 1024))
        for second in 1...20 {
            #expect(Self.fire(&wheel, Int64(second) * 1000 - 1) == [])
            #expect(Self.fire(&wheel, Int64(second) * 1000 + 512) == [UInt64(second)])
        }
        #expect(wheel.next == nil)
    }

    @Test func `a far deadline fires early, as far as the ring reaches`() {
        var wheel = DeadlineWheel(now: .zero)
        let tick = wheel.insert(7, at: 1_000_000)
        #expect(tick == 255)
        #expect(Self.fire(&wheel, 254 * 512) == [])
        #expect(Self.fire(&wheel, 255 * 512) == [7])
    }

    @Test func `the next one is the nearest, wherever the ring begins`() {
        for start in stride(from: Int64(0), to: 300, by: 7) {
            for ahead in [1, 2, 63, 64, 65, 127, 200, 255] as [Int64] {
                var wheel = DeadlineWheel(now: Instant(milliseconds: start * 512))
                _ = wheel.insert(1, at: start + 255)
                _ = wheel.insert(2, at: start + ahead)
                #expect(wheel.next == Instant(milliseconds: (start + ahead) * 512))
            }
        }
    }

    @Test func `a leap of the clock fires everything once`() {
        var wheel = DeadlineWheel(now: .zero)
        for key in 0..<300 { _ = wheel.insert(UInt64(key), at: Int64(key)) }
        #expect(Self.fire(&wheel, 10_000_000) == (0..<300).map { UInt64($0) })
        #expect(Self.fire(&wheel, 20_000_000) == [])
        let tick = wheel.insert(1, at: 0)
        #expect(tick == 20_000_000 / 512 + 1)
    }
}
