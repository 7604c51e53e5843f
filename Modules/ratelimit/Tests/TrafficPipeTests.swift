import Bytes
import Testing

@testable import ratelimit

@Suite("ratelimit: pipes, the controller, what the system has to do")
struct TrafficPipeTests {
    private func answers(_ pipe: inout TrafficPipe, _ count: Int, scale: Int = 1, share: Int = 0) -> [Int] {
        (0..<count).map { _ in pipe.take(scale: scale, refusedShare: share).rawValue }
    }

    @Test func `TAILDROP lets as many pass as the limit says, in each interval`() {
        var pipe = TrafficPipe(.tailDrop, limit: 2)
        #expect(self.answers(&pipe, 8, scale: 3) == [1, 1, 1, 1, 1, 1, -1, -1])
        pipe.endInterval(scale: 3, waiting: 0)
        #expect(pipe.lastCounter == 8)
        #expect(pipe.load == 1)
        #expect(self.answers(&pipe, 2, scale: 3) == [1, 1])
    }

    @Test func `RED spreads what passes after an interval over the limit`() {
        var pipe = TrafficPipe(.red, limit: 10)
        #expect(self.answers(&pipe, 40) == Array(repeating: 1, count: 40))
        pipe.endInterval(scale: 1, waiting: 0)
        #expect(pipe.load == 4)
        #expect(self.answers(&pipe, 9) == [-1, -1, -1, 1, -1, -1, -1, 1, -1])
        pipe.endInterval(scale: 1, waiting: 0)
        #expect(self.answers(&pipe, 5) == [1, 1, 1, 1, 1])
    }

    @Test func `a limit of 0 lets nothing pass, NOP everything`() {
        var red = TrafficPipe(.red, limit: 0)
        var drop = TrafficPipe(.tailDrop, limit: 0)
        var none = TrafficPipe(.none, limit: 0)
        #expect(self.answers(&red, 2) + self.answers(&drop, 2) + self.answers(&none, 2) == [-1, -1, -1, -1, 2, 2])
        red.endInterval(scale: 1, waiting: 0)
        #expect(red.load == 0)
    }

    @Test(arguments: [0, 1, 25, 50, 99, 100]) func `FEEDBACK refuses the share, evenly`(_ share: Int) {
        var pipe = TrafficPipe(.feedback, limit: 50)
        let answers = self.answers(&pipe, 1_000, share: share)
        #expect(answers.filter { $0 < 0 }.count == share * 10)
        // No run of refused messages is longer than it has to be, by much.
        if share == 50 { #expect(!answers.split(separator: 1).contains { $0.count > 5 }) }
    }

    @Test func `NETWORK refuses while more waits than the limit`() {
        var pipe = TrafficPipe(.network, limit: 100)
        #expect(self.answers(&pipe, 1) == [1])
        pipe.endInterval(scale: 1, waiting: 101)
        #expect(self.answers(&pipe, 1) == [-1])
        pipe.endInterval(scale: 1, waiting: 100)
        #expect(self.answers(&pipe, 1) == [1])
        #expect(pipe.load == -1)
    }

    @Test func `intervals without messages are counted`() {
        var pipe = TrafficPipe(.tailDrop, limit: 1)
        pipe.endInterval(scale: 1, waiting: 0)
        pipe.endInterval(scale: 1, waiting: 0)
        #expect(pipe.unusedIntervals == 2)
        _ = pipe.take(scale: 1, refusedShare: 0)
        pipe.endInterval(scale: 1, waiting: 0)
        #expect(pipe.unusedIntervals == 0)
    }

    @Test func `limits near the end of the numbers trap nobody`() {
        var pipe = TrafficPipe(.tailDrop, limit: .max)
        #expect(self.answers(&pipe, 1, scale: 86_400) == [1])
        pipe.endInterval(scale: 86_400, waiting: .max)
        #expect(pipe.load == 0)
    }

    @Test func `the controller refuses more as long as the load is too high, and comes back at once`() {
        var controller = LoadController()
        controller.setPoint = 0.5
        controller.update(load: 1)
        #expect(controller.refusedShare == 12)
        controller.update(load: 1)
        #expect(controller.refusedShare == 25)
        for _ in 0..<100 { controller.update(load: 1) }
        #expect(controller.refusedShare == 100)
        for _ in 0..<8 { controller.update(load: 0) }
        #expect(controller.refusedShare <= 12)
        for _ in 0..<100 { controller.update(load: 0) }
        controller.update(load: 1)
        #expect(controller.refusedShare == 12)
        controller.update(load: .nan)
        #expect(controller.refusedShare == 0)
    }

    @Test func `what the kernel says is read`() {
        var load = SystemLoad()
        #expect(load.processors("cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3 4\n") == nil)
        #expect(load.processors("cpu  150 0 125 825 0 0 0 0 0 0\n") == 0.75)
        #expect(load.processors("cpu  1\n") == nil)
        #expect(load.processors("") == nil)
        let sockets: ByteString = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
              1: 0100007F:13C4 00000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 1 2 0 0
              2: 0100007F:13C5 00000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 1 2 0 0
              broken
            """
        #expect(SystemLoad.waitingBytes(sockets, ports: [5060]) == 0x300)
        #expect(SystemLoad.waitingBytes(sockets, ports: [5060, 5061]) == 0x600)
        #expect(SystemLoad.waitingBytes("", ports: [5060]) == 0)
    }

    @Test func `weights are shown with six digits`() {
        #expect((-25.0).withSixDigits == "-25.000000")
        #expect(0.125.withSixDigits == "0.125000")
        #expect(1e300.withSixDigits == "1000000000000.000000")
        #expect(Double.nan.withSixDigits == "0.000000")
    }
}
