import Bytes
import SIPMessage
import Synchronization

/// What has happened to connections since the start: group `tcp` of the statistics.
public final class StreamCounts: Sendable {
    /// One of the numbers.
    public enum Event: Int, CaseIterable, Sendable {
        /// Accepted or opened.
        case established
        /// Accepted.
        case accepted
        case connected
        case connectFailed
        /// Ended by the peer's RST.
        case reset
        /// Ended since nothing moved, or a message did not end.
        case timedOut
        /// Ended since the peer took nothing.
        case sendTimedOut
        /// Messages refused or connections ended since too much waited.
        case overflowed
        /// Connections refused: too many.
        case refused
        /// Connections that ended while requests sent over them had no answer yet.
        case lostAnswers
    }

    private let numbers = (0..<Event.allCases.count).map { _ in Cell() }

    private final class Cell: Sendable {
        let value = Atomic<Int>(0)
    }

    init() {}

    /// How often it has happened.
    public subscript(_ event: Event) -> Int { self.numbers[event.rawValue].value.load(ordering: .relaxed) }

    func count(_ event: Event) { self.numbers[event.rawValue].value.wrappingAdd(1, ordering: .relaxed) }

    func count(endedBy reason: CloseReason) {
        switch reason {
        case .connectFailed, .connectTimedOut: self.count(.connectFailed)
        case .failed(let code): if code == StreamCounts.resetCode { self.count(.reset) }
        case .lifetimeEnded, .messageTimedOut, .noDataInTime: self.count(.timedOut)
        case .writeStalled: self.count(.sendTimedOut)
        case .queueFull, .memoryFull: self.count(.overflowed)
        case .peerClosed, .framing, .badProxyHeader, .tooMany, .requested, .shutdown: break
        }
    }

    private static let resetCode: Int32 = 104  // ECONNRESET of Linux
}

/// How many accepted connections each address has.
final class AddressCounts: Sendable {
    private let counts: [Lock<[IPAddress: Int32]>] = (0..<16).map { _ in Lock([:]) }

    private func stripe(_ ip: IPAddress) -> Lock<[IPAddress: Int32]> {
        let mixed = (ip.low ^ ip.high) &* 0x9e37_79b9_7f4a_7c15
        return self.counts[Int(mixed >> 60)]
    }

    /// Counts one more of `ip`; false when it has `limit` already.
    func enter(_ ip: IPAddress, limit: Int) -> Bool {
        self.stripe(ip).withLock { counts in
            let count = counts[ip, default: 0]
            guard Int(count) < limit else { return false }
            counts[ip] = count + 1
            return true
        }
    }

    func leave(_ ip: IPAddress) {
        self.stripe(ip).withLock { counts in
            guard let count = counts[ip] else { return }
            counts[ip] = count > 1 ? count - 1 : nil
        }
    }

    /// Connections of `ip`.
    func count(_ ip: IPAddress) -> Int { self.stripe(ip).withLock { Int($0[ip] ?? 0) } }
}
