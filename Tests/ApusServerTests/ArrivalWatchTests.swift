import Bytes
import Testing

@testable import ApusServer

@Suite("How long datagrams wait is looked at when they do")
struct ArrivalWatchTests {
    private struct Case {
        var watch = ArrivalWatch()

        /// A batch that comes at that time, and takes a while.
        mutating func note(
            _ milliseconds: Int64, leavesMuch: Bool, isRefusing: Bool = false, takes: Int64 = 0
        ) -> Bool? {
            let now = Instant(milliseconds: 50_000 + milliseconds)
            defer { self.watch.end(at: now + Interval(milliseconds: takes)) }
            return self.watch.begin(leavesMuch: leavesMuch, isRefusing: isRefusing, at: now)
        }
    }

    @Test func `it begins when all batches have left much in the queue for a while`() {
        var watching = Case()
        #expect(watching.note(0, leavesMuch: true) == nil)
        #expect(watching.note(4, leavesMuch: true) == nil)
        #expect(watching.note(5, leavesMuch: true) == true)
        #expect(watching.note(6, leavesMuch: true) == nil)
        #expect(watching.watch.isOn)
    }

    @Test func `one slow batch is enough, however small`() {
        var watching = Case()
        #expect(watching.note(0, leavesMuch: false, takes: 4) == nil)
        #expect(watching.note(4, leavesMuch: false, takes: 200) == nil)
        #expect(watching.note(204, leavesMuch: false) == true)
        #expect(watching.note(210, leavesMuch: false) == nil)
    }

    @Test func `a batch that leaves little says that nothing waits`() {
        var watching = Case()
        for round: Int64 in 0..<1000 { #expect(watching.note(round * 3, leavesMuch: round % 2 == 0) == nil) }
        #expect(!watching.watch.isOn)
    }

    @Test func `it ends a while after the last reason, and begins again`() {
        var watching = Case()
        _ = watching.note(0, leavesMuch: true)
        #expect(watching.note(5, leavesMuch: true) == true)
        #expect(watching.note(500, leavesMuch: false) == nil)
        // One batch that leaves much is no reason.
        #expect(watching.note(1000, leavesMuch: true) == nil)
        #expect(watching.note(1001, leavesMuch: false) == nil)
        #expect(watching.note(1005, leavesMuch: false) == false)
        #expect(watching.note(1006, leavesMuch: true) == nil)
        #expect(watching.note(1011, leavesMuch: true) == true)
    }

    @Test func `it stays while requests are refused`() {
        var watching = Case()
        _ = watching.note(0, leavesMuch: true)
        #expect(watching.note(5, leavesMuch: true) == true)
        for round: Int64 in 1...10 { #expect(watching.note(round * 900, leavesMuch: false, isRefusing: true) == nil) }
        #expect(watching.note(9999, leavesMuch: false) == nil)
        #expect(watching.note(10_000, leavesMuch: false) == false)
    }
}
