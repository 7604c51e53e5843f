import Bytes

/// Says when it is worth knowing how long datagrams waited: when a batch has taken some milliseconds, or what waited at some
/// time has not been taken as long after.
///
/// The kernel takes longer over each datagram whose time it has to note.
struct ArrivalWatch {
    /// What waits for less is not worth it.
    static let patience = Interval.milliseconds(5)
    /// So long after there was a reason for it, it ends.
    static let rest = Interval.seconds(1)

    private(set) var isOn = false
    /// When the datagrams were counted of which `toTake` are not taken yet; nil: none waited after the last batch.
    private var behindSince: Instant?
    private var toTake = 0
    private var began = Instant.zero
    private var wasSlow = false
    private var reasonAt = Instant.zero

    /// A batch has come.
    /// - Parameters:
    ///   - count: how many datagrams it brought.
    ///   - waiting: how many wait behind it, more or less.
    ///   - isRefusing: the worker goes by how long they waited now.
    /// - Returns: whether it is on from now on; nil: as before.
    mutating func begin(_ count: Int, waiting: Int, isRefusing: Bool, at now: Instant) -> Bool? {
        self.began = now
        self.toTake -= count
        if waiting == 0 {
            self.behindSince = nil
        } else if self.behindSince == nil || self.toTake <= 0 {
            self.behindSince = now
            self.toTake = waiting
        }
        if self.wasSlow || self.behindSince.map({ now - $0 >= Self.patience }) == true {
            self.wasSlow = false
            self.reasonAt = now
            return self.turn(true)
        }
        if isRefusing { self.reasonAt = now }
        return now - self.reasonAt >= Self.rest ? self.turn(false) : nil
    }

    /// What the batch brought has been routed.
    mutating func end(at now: Instant) { self.wasSlow = now - self.began >= Self.patience }

    private mutating func turn(_ wanted: Bool) -> Bool? {
        guard self.isOn != wanted else { return nil }
        self.isOn = wanted
        return wanted
    }
}
