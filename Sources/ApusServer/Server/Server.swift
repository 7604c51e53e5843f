import Bytes
import Glibc
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport
import Synchronization

/// Everything that belongs to the server rather than to a configuration: sockets, workers, counters, the state of
/// modules. It outlives every `Program`.
final class Server: Sendable {
    let logger: Logger
    let counters = CounterRegistry()
    let coreCounters: CoreCounters
    let startTime = WallClock.seconds()
    let transport: Transport
    let resolver: Resolver
    let blocklist = DestinationBlocklist()
    let reverseNames = ReverseNames()
    let captures = CaptureWatch()
    /// When commands that reload something last ran, by their names.
    let lastReloads = Lock<[String: Instant]>([:])
    let blocking: BlockingPool
    let control: ControlServer
    /// Scripts to go on with, one lane for each event worker.
    let lanes: [ResumeLane]
    let suspended: SuspensionCount
    private let nextLane = Atomic<Int>(0)
    private let lastOverloadLine = Atomic<Int64>(Int64.min / 2)
    /// What stands in for the world outside in a simulation; nil in a server.
    let world: (any SimulatedWorld)?
    let crew: WorkerCrew
    let retirement: Retirement
    /// What the server starts with.
    private let firstSockets: SocketTable
    private let sharedState = Lock<[String: any AnyObject & Sendable]>([:])
    private let current = Lock<Situation?>(nil)
    /// Number of `current`: workers look at it with every batch, and at the rest only when it is another.
    private let currentNumber = Atomic<Int>(0)
    /// Held by whoever changes configuration or listeners: one at a time.
    let changing = Lock<Void>(())
    private let reloading = Lock<Reloader?>(nil)

    init(
        logger: Logger, sockets: SocketTable, limits: TransportLimits, world: (any SimulatedWorld)? = nil
    ) throws {
        self.logger = logger
        self.world = world
        self.coreCounters = CoreCounters(self.counters)
        self.firstSockets = sockets
        self.crew = WorkerCrew()
        self.retirement = Retirement()
        self.resolver = Resolver(report: { logger.warning("slow look-up: \($0)") })
        self.blocking = BlockingPool(threads: 48)
        self.control = try ControlServer(logger: logger)
        self.transport = try Transport(sockets: sockets.sockets, limits: limits, logger: logger)
        self.lanes = self.transport.loops.map { ResumeLane(loop: world == nil ? $0 : nil) }
        self.suspended = SuspensionCount(self.counters)
        self.control.setDelegate(self.retirement)
        ProcessCounters.register(in: self.counters, streams: self.transport.streams)
    }

    /// Whether a line about overload is due: of all workers together one a second.
    func mayLogOverload(at now: Instant) -> Bool {
        let last = self.lastOverloadLine.load(ordering: .relaxed)
        guard now.milliseconds - last >= 1000 else { return false }
        return self.lastOverloadLine.compareExchange(
            expected: last, desired: now.milliseconds, ordering: .relaxed
        ).exchanged
    }

    /// Number of the situation that workers are to go by; 0 before the start.
    var situationNumber: Int { self.currentNumber.load(ordering: .acquiring) }
    /// What workers go by; nil before the start.
    var situation: Situation? { self.current.withLock { $0 } }
    /// The configuration that new messages begin with.
    var configuration: LoadedConfiguration? { self.situation?.configuration }
    /// The listeners and names of the configuration in force.
    var sockets: SocketTable { self.configuration?.host.table ?? self.firstSockets }
    /// Reads the configuration again; nil before the start.
    var reloader: Reloader? {
        get { self.reloading.withLock { $0 } }
        set { self.reloading.withLock { $0 = newValue } }
    }

    /// Swaps the configuration: messages, suspended scripts and transactions in progress keep theirs.
    func adopt(_ configuration: LoadedConfiguration) {
        self.retirement.follow(configuration, on: self)
        let naming = configuration.host.settings.naming
        self.resolver.update(naming.names)
        self.blocklist.update { $0 = naming.blocklist }
        self.put(configuration)
    }

    /// Has workers go by the descriptors there are now.
    ///
    /// Returns when every worker does so, or after five seconds: one that is kept busy so long has a script to blame.
    func refreshDescriptors() {
        guard let configuration = self.configuration else { return }
        self.put(configuration)
        guard let number = self.situation?.number else { return }
        let late = self.crew.settle(number, limit: .seconds(5))
        if late > 0 {
            self.logger.warning("\(late) workers are busy: a listener that was given up is still open there")
        }
    }

    private func put(_ configuration: LoadedConfiguration) {
        let number = (self.situation?.number ?? 0) + 1
        var other: Situation? = Situation(
            configuration, descriptors: self.transport.descriptors, number: number)
        // The one before is let go of outside the lock.
        self.current.withLock { swap(&$0, &other) }
        self.currentNumber.store(number, ordering: .releasing)
        // Workers that sleep have new periodic work to look at.
        for loop in self.transport.loops { loop.post(LoopWork { _ in }) }
    }

    /// Lets go of the configuration: nothing arrives any more.
    func abandonConfiguration() {
        self.retirement.stopAll()
        self.current.withLock { $0 = nil }
    }

    /// State that survives reloads, by name; made by whoever asks first.
    func shared<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State {
        if let known = self.sharedState.withLock({ $0[name] }) as? State { return known }
        let made = make()
        return self.sharedState.withLock { table in
            if let known = table[name] as? State { return known }
            table[name] = made
            return made
        }
    }

    /// The state of that name, if somebody has made it.
    func knownShared(_ name: String) -> (any AnyObject & Sendable)? { self.sharedState.withLock { $0[name] } }

    /// Takes over what the modules of a new configuration made.
    func adoptShared(_ states: [String: any AnyObject & Sendable]) {
        self.sharedState.withLock { $0.merge(states) { known, _ in known } }
    }

    /// Wakes a suspended script on one of the event workers.
    func resume(_ token: SuspensionToken, _ result: ResumeResult) { self.lane.resume(token, result) }

    /// Wakes `token` when `interval` has passed.
    func wake(_ token: any ResumeToken, after interval: Interval, code: Int) {
        guard interval > .zero else { return token.resume(ResumeResult(code: code)) }
        let isArmed = self.lane.wake(token, at: self.deadline(after: interval), code: code)
        if !isArmed {
            self.logger.error("too many timers, one ends at once")
            token.resume(ResumeResult(code: -1))
        }
    }

    /// Has an event worker run `body`.
    func perform(after interval: Interval, _ body: @escaping @Sendable (any WorkerServices) -> Void) {
        let deadline = interval > .zero ? self.deadline(after: interval) : .zero
        if !self.lane.wake(Errand(body), at: deadline, code: 1) {
            self.logger.error("too many timers, a task is lost")
        }
    }

    /// The clock of the workers is coarse: counted from its last step, the time would be too short. The clock of a
    /// simulation is not.
    private func deadline(after interval: Interval) -> Instant {
        Instant.precise() + interval + .milliseconds(self.world == nil ? 1 : 0)
    }

    /// The lane whose turn it is.
    private var lane: ResumeLane {
        let turn = self.nextLane.wrappingAdd(1, ordering: .relaxed).oldValue
        return self.lanes[Int(truncatingIfNeeded: UInt(bitPattern: turn) % UInt(self.lanes.count))]
    }
}

// MARK: Running

extension Server {
    /// Starts every worker with the configuration.
    func start(_ configuration: LoadedConfiguration) throws {
        self.adopt(configuration)
        try self.control.start()
        try self.crew.prepare(self)
        // Nobody else runs yet: this thread is the worker for a moment.
        let events = configuration.program.events
        self.crew.firstWorker?.run(event: events.modulesBefore)
        for started in configuration.program.hooks.started { try started(configuration.host) }
        if let first = self.crew.firstWorker {
            first.beginBatch(at: Instant.now())
            for run in configuration.program.hooks.firstRun { run(first) }
            first.endBatch()
        }
        self.crew.firstWorker?.run(event: events.workerOneInit)
        self.captures.look()
        try self.crew.start(self)
    }

    /// Returns when a signal asks for the end.
    ///
    /// SIGHUP reloads the configuration, unless it came because the terminal went away that the server was started from.
    /// - Parameter hadTerminal: whether it was started from one, and stays in the foreground there.
    func waitForStop(_ signals: SignalSet, hadTerminal: Bool = false) {
        SystemProcess.forgetProgram()
        while true {
            guard let signal = signals.wait(milliseconds: 1000) else {
                SystemProcess.settleMemory()
                self.captures.look()
                continue
            }
            switch signal {
            case SIGINT, SIGTERM: return
            case SIGHUP:
                if hadTerminal, !SystemProcess.hasTerminal { return }
                _ = self.reloader?.reload(self)
            case SIGUSR1:
                let memory = ProcessMemory.read()
                self.logger.notice("memory: \(memory.resident >> 10) KiB resident, peak \(memory.peak >> 10) KiB")
            default: break
            }
        }
    }

    /// Ends the threads, then the modules of the configuration in force and of those before it that are still in use.
    /// - Parameter stored: called when the modules have stored what they hold, and nothing is left that could be lost.
    func stop(_ stored: () -> Void = {}) {
        self.crew.stop()
        // Nobody runs their routes any more; their peers repeat themselves or time out, as with every server that ends.
        if self.suspended.count > 0 { self.logger.notice("\(self.suspended.count) waiting scripts are given up") }
        self.retirement.stopAll()
        stored()
        self.control.stop()
        self.blocking.stop()
        self.resolver.stop()
    }

    var threadNames: [String] { self.crew.names }
    var processID: Int { Int(getpid()) }
    var workingDirectory: String { SystemInput.workingDirectory }

    /// Asks the process to stop, as a signal from outside would.
    func requestStop(signal: Int) { kill(getpid(), Int32(truncatingIfNeeded: signal)) }
}
