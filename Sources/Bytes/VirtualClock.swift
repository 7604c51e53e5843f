import CLinux

/// The clock of a simulation: the calling thread reads it wherever it asks for the time, and it stands still until it
/// is moved. Other threads are not touched, so simulations may run side by side, one on a thread.
public struct VirtualClock: Sendable {
    /// What `Instant.now()` gives.
    public private(set) var now: Instant
    /// What `WallClock` gives, in microseconds since 1970.
    public private(set) var wallMicroseconds: Int

    /// - Parameter wallSeconds: seconds since 1970 at the beginning.
    public init(wallSeconds: Int) {
        // Not 0: many a table takes that for "never".
        self.now = Instant(milliseconds: 1_000_000)
        self.wallMicroseconds = wallSeconds &* 1_000_000
    }

    /// Moves both clocks; they never go back.
    public mutating func move(to instant: Instant) {
        guard self.now < instant else { return }
        self.wallMicroseconds &+= Int((instant - self.now).milliseconds) &* 1000
        self.now = instant
    }

    /// Runs `body` with this clock as the thread's.
    public func govern<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        apus_virtual_clock_set(self.now.milliseconds, Int64(self.wallMicroseconds))
        defer { apus_virtual_clock_clear() }
        return try body()
    }
}
