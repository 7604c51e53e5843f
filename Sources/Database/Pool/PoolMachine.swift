import Bytes

/// Who may use which connection of a pool and when: limits, waiting, deadlines and the circuit breaker as one value.
///
/// A *seat* is a place for a connection and the thread that works with it. Idle → busy with a job → idle. A job whose
/// time is over is answered at once; its seat is *late* until the thread comes back, and nobody else can have it, so a
/// database that hangs costs its own seats and no more.
package struct PoolMachine {
    private enum Seat: Equatable {
        case idle
        case busy(job: UInt64, writes: Bool)
        case late(writes: Bool)
    }

    private struct Job {
        var id: UInt64
        var writes: Bool
        var deadline: Instant
        /// nil: waits.
        var seat: Int?
    }

    package struct Assignment: Equatable {
        package var job: UInt64
        package var seat: Int
    }

    private let policy: PoolPolicy
    private var breaker: CircuitBreaker
    private var seats: [Seat] = []
    private var jobs: [UInt64: Job] = [:]
    /// Jobs that wait, oldest first; some of them may be over.
    private var waiting: [UInt64] = []
    private var waitingCount = 0
    private var writerCount = 0

    package init(_ policy: PoolPolicy) {
        self.policy = policy
        self.breaker = CircuitBreaker(policy.breaker)
    }

    // MARK: Events

    package enum Submission: Equatable {
        case start(Assignment)
        case wait
        /// The database is not there; the next try is so far away.
        case unreachable(Interval)
        case overloaded
    }

    /// Somebody wants something done.
    package mutating func submit(_ id: UInt64, _ access: DatabaseAccess, deadline: Instant, now: Instant) -> Submission
    {
        if self.waitingCount >= self.policy.queue { return .overloaded }
        if case .refused(let pause) = self.breaker.admit(now: now) { return .unreachable(pause) }
        let writes = access == .write
        if let seat = self.seat(writes: writes) {
            self.jobs[id] = Job(id: id, writes: writes, deadline: deadline, seat: seat)
            self.occupy(seat, id, writes)
            return .start(Assignment(job: id, seat: seat))
        }
        self.jobs[id] = Job(id: id, writes: writes, deadline: deadline, seat: nil)
        self.waiting.append(id)
        self.waitingCount += 1
        return .wait
    }

    package struct Ending: Equatable {
        /// Whether somebody still waits for this job's answer.
        package var isWanted: Bool
        package var next: [Assignment] = []
        /// Jobs that are to be told that the database is not there.
        package var refused: [UInt64] = []
        /// The database is given up for so long.
        package var opened: Interval?
        /// The database is there again.
        package var closed = false
    }

    /// The thread of a seat is back.
    /// - Parameter isServerFault: the database did not answer as it should.
    package mutating func finish(_ id: UInt64, seat: Int, isServerFault: Bool, now: Instant) -> Ending {
        var ending = Ending(isWanted: self.jobs.removeValue(forKey: id) != nil)
        let wasLate: Bool
        switch self.seats[seat] {
        case .idle: wasLate = false
        case .busy(_, let writes):
            wasLate = false
            if writes { self.writerCount -= 1 }
        case .late(let writes):
            wasLate = true
            if writes { self.writerCount -= 1 }
        }
        self.seats[seat] = .idle
        // Of one that was late the breaker has heard already.
        if !wasLate {
            if isServerFault {
                ending.opened = self.breaker.fail(now: now)
                if ending.opened != nil { ending.refused = self.refuseWaiting() }
            } else {
                ending.closed = self.breaker.succeed()
            }
        }
        ending.next = self.assign()
        return ending
    }

    package struct Expiry: Equatable {
        /// Jobs that get no answer, each with the seat whose thread is to be disturbed; nil: it was still waiting.
        package var jobs: [(id: UInt64, seat: Int?)] = []
        package var refused: [UInt64] = []
        package var opened: Interval?

        package static func == (left: Expiry, right: Expiry) -> Bool {
            left.jobs.elementsEqual(right.jobs, by: ==) && left.refused == right.refused && left.opened == right.opened
        }
    }

    /// Time has passed.
    package mutating func expire(now: Instant) -> Expiry {
        var expiry = Expiry()
        let over = self.jobs.values.filter { $0.deadline <= now }.sorted { $0.id < $1.id }
        for job in over {
            self.jobs[job.id] = nil
            expiry.jobs.append((job.id, job.seat))
            if let seat = job.seat { self.seats[seat] = .late(writes: job.writes) } else { self.waitingCount -= 1 }
            // One that only waited says nothing about the server, unless it is the one that was to find out.
            if job.seat != nil || self.breaker.isTrying, let pause = self.breaker.fail(now: now) {
                expiry.opened = pause
            }
        }
        if expiry.opened != nil { expiry.refused = self.refuseWaiting() }
        return expiry
    }

    /// When `expire` is due next.
    package var nextDeadline: Instant? { self.jobs.values.lazy.map(\.deadline).min() }

    // MARK: Seats

    package var isClosed: Bool { self.breaker.isClosed }
    package var waitingNow: Int { self.waitingCount }
    package var busyNow: Int { self.seats.count { $0 != .idle } }

    private func mayTake(writes: Bool) -> Bool { !writes || self.writerCount < max(self.policy.writers, 1) }

    /// The idle seat that was used first, for its connection is likely to be open; else a new one.
    private mutating func seat(writes: Bool) -> Int? {
        guard self.mayTake(writes: writes) else { return nil }
        if let idle = self.seats.firstIndex(of: .idle) { return idle }
        guard self.seats.count < max(self.policy.connections, 1) else { return nil }
        self.seats.append(.idle)
        return self.seats.count - 1
    }

    private mutating func occupy(_ seat: Int, _ id: UInt64, _ writes: Bool) {
        self.seats[seat] = .busy(job: id, writes: writes)
        if writes { self.writerCount += 1 }
    }

    /// Gives free seats to those who have waited longest; readers may pass writers that cannot go yet.
    private mutating func assign() -> [Assignment] {
        var assignments: [Assignment] = []
        guard self.waitingCount > 0 else {
            self.waiting.removeAll(keepingCapacity: true)
            return assignments
        }
        var kept: [UInt64] = []
        var index = 0
        var hasSeats = true
        while index < self.waiting.count, hasSeats {
            let id = self.waiting[index]
            index += 1
            guard let job = self.jobs[id], job.seat == nil else { continue }
            if let seat = self.seat(writes: job.writes) {
                self.jobs[id]?.seat = seat
                self.occupy(seat, id, job.writes)
                self.waitingCount -= 1
                assignments.append(Assignment(job: id, seat: seat))
            } else {
                kept.append(id)
                hasSeats = self.seats.contains(.idle) || self.seats.count < self.policy.connections
                // Writers behind writers: no need to look at the whole queue again and again.
                if kept.count >= 64 { hasSeats = false }
            }
        }
        self.waiting.replaceSubrange(0..<index, with: kept)
        return assignments
    }

    private mutating func refuseWaiting() -> [UInt64] {
        let refused = self.waiting.filter { self.jobs[$0]?.seat == nil && self.jobs[$0] != nil }
        for id in refused { self.jobs[id] = nil }
        self.waiting.removeAll()
        self.waitingCount = 0
        return refused
    }
}
