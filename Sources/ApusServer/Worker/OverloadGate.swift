import Bytes

/// Decides whether a worker that is behind takes on something new.
///
/// What counts is how long messages have waited when their turn comes, not how many there are. A wait above the limit
/// is no overload while it passes soon: after a stall, or a burst, it falls by itself. Only when it has stayed above for
/// the interval is something refused; from then on everything new that has waited a tenth of the limit, until that has
/// not happened for half a second. So while it lasts the queue holds what a tenth of the limit brings: enough that the
/// worker never idles, little enough that nothing is lost since the kernel has no room for more.
struct OverloadGate {
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

    /// After that time without a late request it is over.
    static let calm = 500_000

    /// What counts as late.
    @inline(__always)
    private func limit(_ limits: Limits) -> Int { self.isClosed ? max(limits.delay / 10, 1000) : limits.delay }

    /// - Parameters:
    ///   - waited: how long the request has waited.
    ///   - isLosing: the kernel has thrown datagrams away: the queue is full, however short the wait.
    ///   - now: any clock that does not run backwards.
    /// - Returns: whether a request that begins something is taken.
    mutating func admits(waited: Int, isLosing: Bool = false, now: Int, _ limits: Limits) -> Bool {
        guard isLosing || waited >= self.limit(limits) else {
            self.lateSince = 0
            if self.isClosed, now - self.lastLate >= Self.calm { self.isClosed = false }
            return true
        }
        // Late ones far apart are each a stall of its own.
        if self.lateSince == 0 || now - self.lastLate > max(limits.interval, limits.delay) { self.lateSince = now }
        if self.isClosed, now - self.lastLate >= Self.calm { self.isClosed = false }
        self.lastLate = now
        if !self.isClosed, now - self.lateSince >= limits.interval, now > self.lateSince { self.isClosed = true }
        return !self.isClosed
    }
}
