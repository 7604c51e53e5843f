import Bytes

/// Decides whether a worker that is behind takes on something new.
///
/// What counts is how long messages have waited when their turn comes, not how many there are. A wait above the limit
/// is no overload while it passes soon: after a stall, or a burst, it falls by itself. Only when it has stayed above for
/// the interval is something refused; from then on everything new that has waited a fiftieth of the limit, until hardly
/// anything has for half a second. So while it lasts the queue holds what a fiftieth of the limit brings: enough that the
/// worker never idles, and so little that the kernel has room for all of it and the processor's caches too. With a longer
/// queue each message costs half as much again.
struct OverloadGate: BitwiseCopyable {
    /// Microseconds.
    struct Limits: Sendable {
        var delay = 100_000
        var interval = 300_000
    }

    /// Requests are being refused.
    private(set) var isClosed = false
    /// Since when no request came in time; 0: the last one did.
    private var lateSince = 0
    private var lastLate = 0
    /// Of the window at hand, while it is closed: when it began, requests, and those of them that were late.
    private var window = (began: 0, seen: 0, late: 0)

    /// Microseconds of a window.
    static let calm = 500_000
    /// One request in so many may be late when it is over: no machine is without stalls of some milliseconds.
    private static let stalls = 16

    /// What counts as late.
    @inline(__always)
    private func limit(_ limits: Limits) -> Int { self.isClosed ? max(limits.delay / 50, 1000) : limits.delay }

    /// - Parameters:
    ///   - waited: how long the request has waited.
    ///   - isLosing: the kernel has thrown datagrams away: the queue is full, however short the wait.
    ///   - now: any clock that does not run backwards.
    /// - Returns: whether a request that begins something is taken.
    mutating func admits(waited: Int, isLosing: Bool = false, now: Int, _ limits: Limits) -> Bool {
        let isLate = isLosing || waited >= self.limit(limits)
        if self.isClosed { self.count(isLate, now) }
        guard isLate else {
            self.lateSince = 0
            return true
        }
        // Late ones far apart are each a stall of its own.
        if self.lateSince == 0 || now - self.lastLate > max(limits.interval, limits.delay) { self.lateSince = now }
        self.lastLate = now
        if !self.isClosed, waited >= limits.delay || isLosing, now - self.lateSince >= limits.interval,
            now > self.lateSince
        {
            self.isClosed = true
            self.window = (now, 0, 0)
        }
        return !self.isClosed
    }

    /// Opens when nothing has been late for the length of a window, or little in the window that is over.
    private mutating func count(_ isLate: Bool, _ now: Int) {
        let isCalm = now - self.lastLate >= Self.calm
        if isCalm || now - self.window.began >= Self.calm {
            if isCalm || self.window.late * Self.stalls <= self.window.seen {
                self.isClosed = false
                self.lateSince = 0
            }
            self.window = (now, 0, 0)
        }
        self.window.seen += 1
        if isLate { self.window.late += 1 }
    }
}
