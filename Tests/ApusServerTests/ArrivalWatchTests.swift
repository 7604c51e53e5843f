import Bytes
import Testing

@testable import ApusServer

@Suite("How long datagrams wait is looked at when they do")
struct ArrivalWatchTests {
    private struct Case {
        var watch = ArrivalWatch()

        /// A batch of 32 that comes at that time, and takes a while.
        mutating func note(
            _ milliseconds: Int64, waiting: Int, isRefusing: Bool = false, takes: Int64 = 0
        ) -> Bool? {
            let now = Instant(milliseconds: 50_000 + milliseconds)
            defer { self.watch.end(at: now + Interval(milliseconds: takes)) }
            return self.watch.begin(32, waiting: waiting, isRefusing: isRefusing, at: now)
        }
    }

    @Test func `it begins when what waited at some time still waits a while later`() {
        var watching = Case()
        #expect(watching.note(0, waiting: 320) == nil)
        #expect(watching.note(4, waiting: 320) == nil)
        #expect(watching.note(5, waiting: 320) == true)
        #expect(watching.note(6, waiting: 320) == nil)
        #expect(watching.watch.isOn)
    }

    @Test func `however much waits, what moves on in time is no reason`() {
        var watching = Case()
        // Ten batches later, after four milliseconds, what waited is through.
        for round: Int64 in 0..<1000 { #expect(watching.note(round * 2 / 5, waiting: 320) == nil) }
        #expect(!watching.watch.isOn)
        // Half as fast, and it is not.
        var began: Int64?
        for round: Int64 in 0..<1000 where watching.note(400 + round * 4 / 5, waiting: 320) == true {
            began = began ?? round
        }
        #expect(began.map { $0 <= 20 } == true)
    }

    @Test func `what is lost is never through`() {
        var watching = Case()
        for round: Int64 in 0..<50 { #expect(watching.note(round / 10, waiting: .max) == nil) }
        #expect(watching.note(5, waiting: .max) == true)
    }

    @Test func `one slow batch is enough, however small`() {
        var watching = Case()
        #expect(watching.note(0, waiting: 0, takes: 4) == nil)
        #expect(watching.note(4, waiting: 0, takes: 200) == nil)
        #expect(watching.note(204, waiting: 0) == true)
        #expect(watching.note(210, waiting: 0) == nil)
    }

    @Test func `a batch that leaves nothing says that nothing waits`() {
        var watching = Case()
        for round: Int64 in 0..<1000 { #expect(watching.note(round * 3, waiting: round % 2 == 0 ? 320 : 0) == nil) }
        #expect(!watching.watch.isOn)
    }

    @Test func `it ends a while after the last reason, and begins again`() {
        var watching = Case()
        _ = watching.note(0, waiting: 320)
        #expect(watching.note(5, waiting: 320) == true)
        #expect(watching.note(500, waiting: 0) == nil)
        // One batch that leaves some is no reason.
        #expect(watching.note(1000, waiting: 320) == nil)
        #expect(watching.note(1001, waiting: 0) == nil)
        #expect(watching.note(1005, waiting: 0) == false)
        #expect(watching.note(1006, waiting: 320) == nil)
        #expect(watching.note(1011, waiting: 320) == true)
    }

    @Test func `it stays while requests are refused`() {
        var watching = Case()
        _ = watching.note(0, waiting: 320)
        #expect(watching.note(5, waiting: 320) == true)
        for round: Int64 in 1...10 { #expect(watching.note(round * 900, waiting: 0, isRefusing: true) == nil) }
        #expect(watching.note(9999, waiting: 0) == nil)
        #expect(watching.note(10_000, waiting: 0) == false)
    }
}
