/// How a pipe decides which messages are too many.
public enum LimitAlgorithm: Int, Sendable, CaseIterable {
    /// None: everything passes.
    case none = 0
    /// Random early detection: after an interval over the limit, one message in so many passes, evenly spread.
    case red = 1
    /// Everything passes until the limit of the interval is reached, nothing after.
    case tailDrop = 2
    /// A share of messages is refused that keeps the load of the processors at the limit (a PID controller).
    case feedback = 3
    /// Nothing passes while more bytes than the limit wait to be read from the network.
    case network = 4

    public var name: String {
        switch self {
        case .none: "NOP"
        case .red: "RED"
        case .tailDrop: "TAILDROP"
        case .feedback: "FEEDBACK"
        case .network: "NETWORK"
        }
    }

    /// - Parameter name: in capitals.
    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

/// Messages of one kind and how many of them may pass: a value that is told of each message and of the end of each
/// interval.
public struct TrafficPipe: Sendable {
    public enum Answer: Int, Sendable {
        case unlimited = 2
        case passes = 1
        case isOver = -1
    }

    public var algorithm: LimitAlgorithm
    /// Messages, percent of processor load, or bytes, as the algorithm has it.
    public var limit: Int
    /// Messages of this interval, and of the last one.
    public private(set) var counter = 0
    public private(set) var lastCounter = 0
    /// RED and TAILDROP: how many times over the limit the last interval was. NETWORK: 1 while too much waits, else -1; 0 before the first interval.
    public private(set) var load = 0
    /// Intervals in a row without a message.
    public private(set) var unusedIntervals = 0

    public init(_ algorithm: LimitAlgorithm, limit: Int) {
        self.algorithm = algorithm
        self.limit = limit
    }

    /// Takes a message.
    /// - Parameters:
    ///   - scale: what the limit is multiplied by to be that of an interval.
    ///   - refusedShare: percent that `feedback` refuses.
    public mutating func take(scale: Int, refusedShare: Int) -> Answer {
        if self.counter < .max { self.counter += 1 }
        switch self.algorithm {
        case .none: return .unlimited
        case .tailDrop: return self.counter > self.most(scale) ? .isOver : .passes
        case .red:
            guard self.limit > 0 else { return .isOver }
            return self.load > 1 && self.counter % self.load != 0 ? .isOver : .passes
        case .feedback:
            // 37 has no factor in common with 100: each hundred messages has each place once, and neighbours lie apart.
            return self.counter % 100 * 37 % 100 < refusedShare ? .isOver : .passes
        case .network: return self.load > 0 ? .isOver : .passes
        }
    }

    /// Ends an interval.
    /// - Parameter waiting: bytes that wait to be read.
    public mutating func endInterval(scale: Int, waiting: Int) {
        self.unusedIntervals = self.counter == 0 ? self.unusedIntervals + 1 : 0
        self.lastCounter = self.counter
        self.counter = 0
        switch self.algorithm {
        case .red, .tailDrop:
            let most = self.most(scale)
            self.load = most > 0 ? self.lastCounter / most : 0
        case .network: self.load = waiting > self.limit ? 1 : -1
        case .none, .feedback: self.load = 0
        }
    }

    /// Begins the interval anew.
    public mutating func reset() {
        self.counter = 0
        self.lastCounter = 0
        self.load = 0
        self.unusedIntervals = 0
    }

    private func most(_ scale: Int) -> Int {
        let (most, isTooLarge) = self.limit.multipliedReportingOverflow(by: scale)
        return isTooLarge ? .max : most
    }
}
