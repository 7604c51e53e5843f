import CLinux

/// A point on the monotonic clock, in milliseconds since some moment before the start.
///
/// Time is an input: machines and tables are handed `now`, so tests move it by hand.
public struct Instant: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var milliseconds: Int64

    @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public static let zero = Instant(milliseconds: 0)

    @inlinable public static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
    @inlinable public static func + (left: Instant, right: Interval) -> Instant {
        Instant(milliseconds: left.milliseconds &+ right.milliseconds)
    }
    @inlinable public static func - (left: Instant, right: Interval) -> Instant {
        Instant(milliseconds: left.milliseconds &- right.milliseconds)
    }
    @inlinable public static func - (left: Instant, right: Instant) -> Interval {
        Interval(milliseconds: left.milliseconds &- right.milliseconds)
    }

    /// Reads the coarse monotonic clock (resolution about 4 ms): once per batch, not once per message.
    public static func now() -> Instant { Instant(milliseconds: apus_monotonic_coarse_ms()) }

    /// Reads the same clock to the millisecond: for deadlines that must not be met early.
    public static func precise() -> Instant { Instant(milliseconds: apus_monotonic_ms()) }
}

/// A length of time in milliseconds.
public struct Interval: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var milliseconds: Int64

    @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    @inlinable public static func milliseconds(_ value: Int) -> Interval { Interval(milliseconds: Int64(value)) }
    @inlinable public static func seconds(_ value: Int) -> Interval { Interval(milliseconds: Int64(value) &* 1000) }
    public static let zero = Interval(milliseconds: 0)

    @inlinable public static func < (left: Interval, right: Interval) -> Bool { left.milliseconds < right.milliseconds }
    @inlinable public static func + (left: Interval, right: Interval) -> Interval {
        Interval(milliseconds: left.milliseconds &+ right.milliseconds)
    }
    @inlinable public static func * (left: Interval, right: Int64) -> Interval {
        Interval(milliseconds: left.milliseconds &* right)
    }
    @inlinable public var seconds: Int { Int(self.milliseconds / 1000) }
}

/// Seconds since 1970 on a clock that nobody sets: the wall clock at the moment it is made, and the time since then.
///
/// For times that are compared with each other, and shown: when somebody sets the machine's clock, nothing becomes due
/// early or late.
public struct SteadyClock: Sendable {
    private let offset: Int

    public init(wall: Int = WallClock.seconds(), now: Instant = .now()) {
        self.offset = wall - Int(now.milliseconds / 1000)
    }

    public func seconds(at now: Instant = .now()) -> Int { self.offset + Int(now.milliseconds / 1000) }
}

/// The wall clock, in whole seconds since 1970: what logs and `expires` columns show.
public enum WallClock {
    public static func seconds() -> Int { Int(apus_wall_seconds()) }
    /// Microseconds since 1970.
    public static func microseconds() -> Int { Int(apus_wall_microseconds()) }
}
