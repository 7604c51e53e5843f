import Bytes

/// A task of a loop that waits for its time.
struct LoopErrand {
    var due: Instant
    var task: any LoopTask
}

extension EventLoop {
    /// Has `task` performed on this loop's thread once `interval` has passed, to the millisecond.
    ///
    /// For the few things that cannot wait for the half seconds of the wheel: finding what is due takes time by the number
    /// that wait. On the loop's thread. What still waits when the loop ends is forgotten.
    func perform(_ task: any LoopTask, after interval: Interval) {
        self.errands.append(LoopErrand(due: Instant.precise() + interval, task: task))
    }

    /// Milliseconds until the next one is due.
    func untilErrand(from now: Instant) -> Int64 {
        // The loop's clock is coarse: a millisecond more, or it would come back for nothing.
        self.errands.reduce(Int64.max) { min($0, ($1.due - now).milliseconds + 1) }
    }

    func runErrands() {
        let now = Instant.precise()
        let due = self.errands.filter { $0.due <= now }
        guard !due.isEmpty else { return }
        self.errands.removeAll { $0.due <= now }
        for errand in due { errand.task.perform(on: self) }
    }
}
