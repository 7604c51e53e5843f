import Bytes
import ModuleKit

/// The connections to one database and everybody who waits for them. `PoolMachine` decides, under one lock; this acts
/// after it.
package final class ConnectionPool: Sendable {
    /// A piece of work and who is told of its end.
    private struct Task {
        var access: DatabaseAccess
        var work: @Sendable (DatabaseSession) throws -> any Sendable
        var answer: @Sendable (Result<any Sendable, DatabaseError>) -> Void
        var surroundings: PoolSurroundings
    }

    private struct State {
        var machine: PoolMachine
        var tasks: [UInt64: Task] = [:]
        var connections: [(any DatabaseConnection)?] = []
        var nextID: UInt64 = 0
        /// When the timer that is running goes off.
        var alarm: Instant?
        var statistics = PoolStatistics()
    }

    package let url: DatabaseURL
    package let policy: PoolPolicy
    private let driver: any DatabaseDriver
    private let clock: @Sendable () -> Instant
    private let state: Lock<State>

    package init(
        _ url: DatabaseURL, _ driver: any DatabaseDriver, clock: @escaping @Sendable () -> Instant = { .precise() }
    ) {
        self.url = url
        self.driver = driver
        self.policy = driver.policy(for: url)
        self.clock = clock
        self.state = Lock(State(machine: PoolMachine(self.policy)))
    }

    package var statistics: PoolStatistics {
        self.state.withLock { state in
            var statistics = state.statistics
            statistics.waiting = state.machine.waitingNow
            statistics.busy = state.machine.busyNow
            statistics.isReachable = state.machine.isClosed
            return statistics
        }
    }

    /// Has `work` done on a thread that may block. `answer` is told once: on that thread, on the timer's, or here when
    /// it is refused at once.
    package func submit(
        _ access: DatabaseAccess, within timeout: Interval? = nil, _ surroundings: PoolSurroundings,
        _ work: @escaping @Sendable (DatabaseSession) throws -> any Sendable,
        answer: @escaping @Sendable (Result<any Sendable, DatabaseError>) -> Void
    ) {
        let now = self.clock()
        let deadline = now + (timeout ?? self.policy.timeout)
        let (submission, alarm) = self.state.withLock { state in
            state.nextID += 1
            let id = state.nextID
            let submission = state.machine.submit(id, access, deadline: deadline, now: now)
            switch submission {
            case .start, .wait:
                state.tasks[id] = Task(access: access, work: work, answer: answer, surroundings: surroundings)
                state.statistics.questions += 1
            case .unreachable, .overloaded: state.statistics.refusals += 1
            }
            return (submission, Self.alarm(&state))
        }
        switch submission {
        case .start(let assignment): self.start(assignment, surroundings)
        case .wait: break
        case .unreachable: answer(.failure(self.unreachable))
        case .overloaded:
            answer(.failure(DatabaseError(.overloaded, "too many wait for the database \(self.url)")))
        }
        self.set(alarm, now, surroundings)
    }

    private var unreachable: DatabaseError {
        DatabaseError(.unreachable, "the database \(self.url) does not answer; it is not asked for a while")
    }

    // MARK: Working

    private func start(_ assignment: PoolMachine.Assignment, _ surroundings: PoolSurroundings) {
        surroundings.run { [self] in self.work(assignment) }
    }

    private func work(_ first: PoolMachine.Assignment) {
        // The work of one seat goes on in the same thread as long as there is some.
        var assignment = first
        while true {
            let (task, open) = self.state.withLock { state in
                while state.connections.count <= assignment.seat { state.connections.append(nil) }
                return (state.tasks[assignment.job], state.connections[assignment.seat])
            }
            var result = Result<any Sendable, DatabaseError>.failure(DatabaseError(.timedOut, "nobody waits any more"))
            var isServerFault = false
            if let task {
                result = self.attempt(task, assignment, open)
                if case .failure(let error) = result, error.isServerFault { isServerFault = true }
            }
            guard let next = self.finish(assignment, task, result, isServerFault) else { return }
            assignment = next
        }
    }

    /// Does the work; once more over a new connection when the old one turns out to be broken and nothing was changed.
    private func attempt(
        _ task: Task, _ assignment: PoolMachine.Assignment, _ open: (any DatabaseConnection)?
    ) -> Result<any Sendable, DatabaseError> {
        var connection = open
        while true {
            do {
                let isReused = connection != nil
                let used: any DatabaseConnection
                if let connection { used = connection } else { used = try self.connect(assignment.seat) }
                let session = DatabaseSession(used) { [self] in
                    self.state.withLock { $0.tasks[assignment.job] == nil }
                }
                let result = Result { try task.work(session) }
                guard session.fault != nil else { return result.mapError(Self.known) }
                self.state.withLock { $0.connections[assignment.seat] = nil }
                connection = nil
                let mayRepeat = isReused && !session.mayHaveWritten && session.fault?.kind != .timedOut
                guard mayRepeat, self.state.withLock({ $0.tasks[assignment.job] != nil }) else {
                    return result.mapError(Self.known)
                }
            } catch {
                return .failure(Self.known(error))
            }
        }
    }

    private static func known(_ error: any Error) -> DatabaseError {
        error as? DatabaseError ?? DatabaseError(.failed, "\(error)")
    }

    private func connect(_ seat: Int) throws(DatabaseError) -> any DatabaseConnection {
        let made = try self.driver.connect(to: self.url)
        self.state.withLock { state in
            state.connections[seat] = made
            state.statistics.connects += 1
        }
        return made
    }

    /// - Returns: what this thread does next.
    private func finish(
        _ assignment: PoolMachine.Assignment, _ task: Task?, _ result: Result<any Sendable, DatabaseError>,
        _ isServerFault: Bool
    ) -> PoolMachine.Assignment? {
        let now = self.clock()
        let (ending, refused, wanted, others, alarm) = self.state.withLock { state in
            let ending = state.machine.finish(
                assignment.job, seat: assignment.seat, isServerFault: isServerFault, now: now)
            let wanted = state.tasks.removeValue(forKey: assignment.job)
            let refused = ending.refused.compactMap { state.tasks.removeValue(forKey: $0) }
            if case .failure = result, wanted != nil { state.statistics.errors += 1 }
            state.statistics.refusals += refused.count
            let others = ending.next.dropFirst().compactMap { next in
                state.tasks[next.job].map { (next, $0.surroundings) }
            }
            return (ending, refused, wanted, others, Self.alarm(&state))
        }
        let surroundings = wanted?.surroundings ?? task?.surroundings
        for (next, surroundings) in others { self.start(next, surroundings) }
        if let surroundings { self.set(alarm, now, surroundings) }
        if ending.closed { surroundings?.log(.notice, "\(self.url) answers again") }
        self.tell(refused, ending.opened, result, surroundings)
        wanted?.answer(result)
        return ending.next.first
    }

    private func tell(
        _ refused: [Task], _ opened: Interval?, _ result: Result<any Sendable, DatabaseError>?,
        _ surroundings: PoolSurroundings?
    ) {
        if let opened {
            var reason = "no answer in time"
            if case .failure(let error) = result { reason = error.message }
            surroundings?.log(
                .error,
                "\(self.url) does not answer (\(reason)); \(refused.count) questions are given up, the next try is in "
                    + "\(opened.milliseconds) ms")
        }
        for task in refused { task.answer(.failure(self.unreachable)) }
    }

    // MARK: Time

    /// The timer to start: none when one is running that goes off early enough.
    private static func alarm(_ state: inout State) -> Instant? {
        guard let deadline = state.machine.nextDeadline else { return nil }
        if let running = state.alarm, running <= deadline { return nil }
        state.alarm = deadline
        return deadline
    }

    private func set(_ alarm: Instant?, _ now: Instant, _ surroundings: PoolSurroundings) {
        guard let alarm else { return }
        surroundings.wake(max(alarm - now, .milliseconds(1))) { [weak self] in self?.alarmWent(alarm) }
    }

    private func alarmWent(_ alarm: Instant) {
        self.state.withLock { state in if state.alarm == alarm { state.alarm = nil } }
        self.expire()
    }

    /// Answers those whose time is over.
    package func expire() {
        let now = self.clock()
        let (expiry, over, refused, hung, alarm, any) = self.state.withLock { state in
            let expiry = state.machine.expire(now: now)
            let over = expiry.jobs.compactMap { state.tasks.removeValue(forKey: $0.id) }
            let refused = expiry.refused.compactMap { state.tasks.removeValue(forKey: $0) }
            let hung = expiry.jobs.compactMap(\.seat).compactMap { seat in
                seat < state.connections.count ? state.connections[seat] : nil
            }
            state.statistics.timeouts += over.count
            state.statistics.refusals += refused.count
            let alarm = Self.alarm(&state)
            return (expiry, over, refused, hung, alarm, state.tasks.values.first?.surroundings)
        }
        for connection in hung { connection.interrupt() }
        let surroundings = over.first?.surroundings ?? any
        if let surroundings { self.set(alarm, now, surroundings) }
        self.tell(refused, expiry.opened, nil, surroundings)
        let error = DatabaseError(.timedOut, "the database \(self.url) did not answer in time")
        for task in over { task.answer(.failure(error)) }
    }
}

/// What a pool has done so far.
public struct PoolStatistics: Sendable, Equatable {
    public var questions = 0
    public var errors = 0
    public var timeouts = 0
    /// Not even tried: too many waited, or the circuit breaker was open.
    public var refusals = 0
    public var connects = 0
    public var waiting = 0
    public var busy = 0
    public var isReachable = true
    public init() {}
}
