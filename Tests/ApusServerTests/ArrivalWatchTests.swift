import Bytes
import Testing

@testable import ApusServer

@Suite("How long datagrams wait is looked at when they do")
struct ArrivalWatchTests {
    private struct Case {
        var watch = ArrivalWatch()

        /// A batch that comes at that time, and takes a while.
        mutating func note(
            _ milliseconds: Int64, isFull: Bool, isRefusing: Bool = false, takes: Int64 = 0
        ) -> Bool? {
            let now = Instant(milliseconds: 50_000 + milliseconds)
            defer { self.watch.end(at: now + Interval(milliseconds: takes)) }
            return self.watch.begin(isFull: isFull, isRefusing: isRefusing, at: now)
        }
    }

    @Test func `it begins when no batch has emptied the queue for a while`() {
        var watching = Case()
        #expect(watching.note(0, isFull: true) == nil)
        #expect(watching.note(4, isFull: true) == nil)
        #expect(watching.note(5, isFull: true) == true)
        #expect(watching.note(6, isFull: true) == nil)
        #expect(watching.watch.isOn)
    }

    @Test func `one slow batch is enough, however small`() {
        var watching = Case()
        #expect(watching.note(0, isFull: false, takes: 4) == nil)
        #expect(watching.note(4, isFull: false, takes: 200) == nil)
        #expect(watching.note(204, isFull: false) == true)
        #expect(watching.note(210, isFull: false) == nil)
    }

    @Test func `a batch that empties the queue says that nothing waits`() {
        var watching = Case()
        for round: Int64 in 0..<1000 { #expect(watching.note(round * 3, isFull: round % 2 == 0) == nil) }
        #expect(!watching.watch.isOn)
    }

    @Test func `it ends a while after the last reason, and begins again`() {
        var watching = Case()
        _ = watching.note(0, isFull: true)
        #expect(watching.note(5, isFull: true) == true)
        #expect(watching.note(500, isFull: false) == nil)
        // One full batch is no reason.
        #expect(watching.note(1000, isFull: true) == nil)
        #expect(watching.note(1001, isFull: false) == nil)
        #expect(watching.note(1005, isFull: false) == false)
        #expect(watching.note(1006, isFull: true) == nil)
        #expect(watching.note(1011, isFull: true) == true)
    }

    @Test func `it stays while requests are refused`() {
        var watching = Case()
        _ = watching.note(0, isFull: true)
        #expect(watching.note(5, isFull: true) == true)
        for round: Int64 in 1...10 { #expect(watching.note(round * 900, isFull: false, isRefusing: true) == nil) }
        #expect(watching.note(9999, isFull: false) == nil)
        #expect(watching.note(10_000, isFull: false) == false)
    }
}
