extension Storm {
    /// Calls by what happened to them.
    public struct Tally: Sendable {
        public var answered = 0
        public var refused = 0
        public var cancelled = 0
        public var acknowledged = 0
        public var forked = 0
        public var unheard = 0
    }
}

extension Storm.Tally {
    mutating func add(_ watch: StormWatch) {
        if watch.hasSuccess { self.answered += 1 }
        if watch.refusal != nil { self.refused += 1 }
        if watch.branches.values.contains(where: { $0.cancels > 0 }) { self.cancelled += 1 }
        if watch.branches.values.contains(where: { $0.acks > 0 }) { self.acknowledged += 1 }
        if watch.branches.count > 1 { self.forked += 1 }
        if !watch.hasArrived { self.unheard += 1 }
    }
}
