import Bytes

/// Bounds of what a database may cost.
public struct PoolPolicy: Sendable, Equatable {
    /// Connections, each with a thread while it works.
    public var connections = 4
    /// How many of them may write at once; a database with one writer lets the others wait here, not in its locks.
    public var writers = 4
    /// Most that wait for a connection; more are refused at once.
    public var queue = 10_000
    /// From the question to the answer, waiting included.
    public var timeout = Interval.seconds(5)
    public var breaker = CircuitBreaker.Policy()

    public init() {}
}

/// Whether a piece of work writes.
public enum DatabaseAccess: Sendable {
    case read
    case write
}
