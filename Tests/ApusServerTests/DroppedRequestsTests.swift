import Bytes
import Testing

@testable import ApusServer

@Suite("Overload: what is dropped stays dropped")
struct DroppedRequestsTests {
    private static let start = Instant(milliseconds: 50_000)

    private static func hash(_ number: Int) -> UInt64 { HashSeed.fold(UInt64(number) &+ 77, 0x9e37_79b9_7f4a_7c15) }

    private static func after(_ milliseconds: Int) -> Instant { Self.start + .milliseconds(milliseconds) }

    @Test func `a repetition has its chance for two seconds, and none afterwards`() {
        var dropped = DroppedRequests()
        let isLostBefore = dropped.isLost(Self.hash(1), at: Self.start)
        #expect(!isLostBefore)
        dropped.note(Self.hash(1), at: Self.start)
        for time in [0, 500, 1500] {
            let isLost = dropped.isLost(Self.hash(1), at: Self.after(time))
            #expect(!isLost)
        }
        for time in [3500, 7500, 15_500, 31_500] {
            let isLost = dropped.isLost(Self.hash(1), at: Self.after(time))
            #expect(isLost, "\(time)")
        }
        let isOther = dropped.isLost(Self.hash(2), at: Self.after(31_600))
        #expect(!isOther)
    }

    @Test func `all is forgotten half a minute after the last one`() {
        var dropped = DroppedRequests()
        dropped.note(Self.hash(1), at: Self.start)
        #expect(dropped.isActive)
        let isLost = dropped.isLost(Self.hash(1), at: Self.after(34_000))
        #expect(!isLost && !dropped.isActive)
    }

    @Test func `old ones are forgotten while others are dropped`() {
        var dropped = DroppedRequests()
        dropped.note(Self.hash(1), at: Self.start)
        for time in stride(from: 1000, through: 100_000, by: 1000) {
            dropped.note(Self.hash(time), at: Self.after(time))
            _ = dropped.isLost(Self.hash(0), at: Self.after(time))
        }
        let isFirst = dropped.isLost(Self.hash(1), at: Self.after(100_000))
        #expect(!isFirst)
        let isLate = dropped.isLost(Self.hash(90_000), at: Self.after(100_000))
        #expect(isLate)
    }

    @Test func `few new ones are taken for old ones after a flood`() {
        var dropped = DroppedRequests()
        for number in 0..<800_000 { dropped.note(Self.hash(number), at: Self.start) }
        var mistakes = 0
        for number in 1_000_000..<1_010_000 where dropped.isLost(Self.hash(number), at: Self.after(2500)) {
            mistakes += 1
        }
        #expect(mistakes < 100)
    }
}
