import Bytes
import ModuleKit
import SIPTransport
import Testing

@testable import ApusServer

@Suite("Suspended scripts: timers of an event worker")
struct ResumeLaneTests {
    private final class Noted: ResumeToken {
        let code = Lock<Int?>(nil)
        func resume(_ result: ResumeResult) { self.code.withLock { $0 = result.code } }
    }

    private let loop: EventLoop
    private let lane: ResumeLane
    private let start = Instant.now()

    init() throws {
        self.loop = try EventLoop()
        self.lane = ResumeLane(loop: self.loop)
    }

    /// Codes of what is due at `milliseconds` after the start.
    private func fire(at milliseconds: Int) -> [Int] {
        var codes: [Int] = []
        self.lane.fire(at: self.start + .milliseconds(milliseconds)) { _, result in codes.append(result.code) }
        return codes
    }

    @Test func `a timer fires when its time has come, not before, and once`() {
        #expect(self.lane.wake(Noted(), at: self.start + .milliseconds(50), code: 7))
        #expect(self.fire(at: 49).isEmpty)
        #expect(self.fire(at: 50) == [7])
        #expect(self.fire(at: 1000).isEmpty)
        #expect(self.lane.timerCount == 0)
    }

    @Test func `the loop sleeps until the first deadline, or without end`() {
        #expect(self.lane.sleepUntil() == nil)
        _ = self.lane.wake(Noted(), at: self.start + .milliseconds(40), code: 1)
        _ = self.lane.wake(Noted(), at: self.start + .milliseconds(20), code: 1)
        let deadline = self.lane.sleepUntil()
        #expect(deadline.map { $0 <= self.start + .milliseconds(20) } == true)
    }

    @Test func `thousands that are due at once come in batches, and the loop does not sleep meanwhile`() {
        for number in 0..<1000 { _ = self.lane.wake(Noted(), at: self.start + .milliseconds(5), code: number) }
        var rounds = 0
        var seen = 0
        while self.lane.timerCount > 0, rounds < 100 {
            let batch = self.fire(at: 10)
            #expect(batch.count <= ResumeLane.batch)
            seen += batch.count
            rounds += 1
            if self.lane.timerCount > 0 {
                #expect(self.lane.sleepUntil().map { $0 <= self.start + .milliseconds(10) } == true)
            }
        }
        #expect(seen == 1000)
        #expect(rounds == (1000 + ResumeLane.batch - 1) / ResumeLane.batch)
    }

    @Test func `scripts that were woken come in batches too, in the order of waking`() throws {
        let loaded = try LoadedServer("auto_aliases=no\nlisten=udp:127.0.0.1:5060\nrequest_route { exit; }\n")
        for number in 0..<300 {
            self.lane.resume(SuspensionToken(server: loaded.server), ResumeResult(code: number))
        }
        #expect(self.lane.sleepUntil() == .zero)
        var codes: [Int] = []
        for _ in 0..<3 { codes += self.fire(at: 0) }
        #expect(codes == Array(0..<300))
        #expect(self.lane.sleepUntil() == nil)
    }
}
