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
    let sockets: SocketTable
    let transport: Transport
    let resolver: Resolver
    let blocking: BlockingPool
    let control: ControlServer
    /// Scripts to go on with, one lane for each event worker.
    let lanes: [ResumeLane]
    let suspended: SuspensionCount
    private let nextLane = Atomic<Int>(0)
    /// What stands in for the world outside in a simulation; nil in a server.
    let world: (any SimulatedWorld)?
    private let threads = Lock<[String]>([])
    private let sharedState = Lock<[String: any AnyObject & Sendable]>([:])
    private let current = Lock<LoadedConfiguration?>(nil)

    init(
        logger: Logger, sockets: SocketTable, limits: TransportLimits, world: (any SimulatedWorld)? = nil
    ) throws {
        self.logger = logger
        self.world = world
        self.coreCounters = CoreCounters(self.counters)
        self.sockets = sockets
        self.resolver = Resolver()
        self.blocking = BlockingPool(threads: 4)
        self.control = try ControlServer(logger: logger)
        self.transport = try Transport(sockets: sockets.sockets, limits: limits, logger: logger)
        self.lanes = self.transport.loops.map { ResumeLane(loop: world == nil ? $0 : nil) }
        self.suspended = SuspensionCount(self.counters)
        ProcessCounters.register(in: self.counters, streams: self.transport.streams)
    }

    /// The configuration that new messages begin with.
    var configuration: LoadedConfiguration? { self.current.withLock { $0 } }

    /// Swaps the configuration: messages, suspended scripts and transactions in progress keep theirs.
    func adopt(_ configuration: LoadedConfiguration) {
        self.current.withLock { $0 = configuration }
        // Workers that sleep have new periodic work to look at.
        for loop in self.transport.loops { loop.post(LoopWork { _ in }) }
    }

    /// Lets go of the configuration: nothing arrives any more.
    func abandonConfiguration() { self.current.withLock { $0 = nil } }

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

    /// The next hop of a URI, as far as it is known without asking anybody (RFC 3263 §4.1, §4.2).
    func nextHop(for span: Span<UInt8>, range: ByteRange, socket: ListenSocket?) -> NextHopAnswer {
        guard let uri = SIPURI(span, range), uri.isSIP else { return .unreachable(.badURI) }
        let host = uri.maddr.count > 0 ? uri.maddr : uri.host
        if uri.transportRange.isPresent, uri.transport == nil { return .unreachable(.unsupportedTransport) }
        let query = NextHopQuery(
            host: ByteString(), port: uri.port, transport: uri.transport, isSecure: uri.isSecure, socket: socket
        )
        if let address = IPAddress(span, host) { return self.destination(query, address) }
        let name = ByteString(span, host)
        if let world = self.world { return self.destination(query, choosingFrom: world.addresses(of: name)) }
        if let known = self.resolver.cached(name) {
            return self.destination(query, choosingFrom: known)
        }
        var open = query
        open.host = name
        return .needsLookup(open)
    }

    /// The destination at a known address: protocol from the URI, the forced socket, or what goes without saying.
    func destination(_ query: NextHopQuery, _ address: IPAddress) -> NextHopAnswer {
        let transport: TransportProtocol
        if let asked = query.transport {
            transport = query.isSecure ? (asked == .ws ? .wss : asked == .tcp ? .tls : asked) : asked
        } else if query.isSecure {
            transport = .tls
        } else {
            transport = .udp
        }
        var socket = query.socket
        if socket == nil || socket?.transport != transport || socket?.address.ip.isIPv6 != address.isIPv6 {
            socket = self.sockets.socket(for: transport, isIPv6: address.isIPv6)
        }
        guard let socket else { return .unreachable(.noSocket) }
        let port = query.port > 0 ? UInt16(truncatingIfNeeded: query.port) : transport.defaultPort
        return .destination(
            Destination(transport: transport, address: SocketAddress(ip: address, port: port), socket: socket)
        )
    }

    /// Prefers an address of a family that a socket can send to.
    func destination(_ query: NextHopQuery, choosingFrom addresses: [IPAddress]) -> NextHopAnswer {
        var last = NextHopAnswer.unreachable(.unresolvable)
        for address in addresses {
            last = self.destination(query, address)
            if case .destination = last { return last }
        }
        return last
    }

    func resolve(_ query: NextHopQuery, then token: any ResumeToken) {
        if let world = self.world {
            let answer = self.destination(query, choosingFrom: world.addresses(of: query.host))
            guard case .destination(let destination) = answer else { return token.resume(ResumeResult(code: -1)) }
            return token.resume(ResumeResult(code: 1, payload: destination))
        }
        self.resolver.resolve(query.host, on: { $0() }) { answer in
            guard case .success(let addresses) = answer,
                case .destination(let destination) = self.destination(query, choosingFrom: addresses)
            else { return token.resume(ResumeResult(code: -1)) }
            token.resume(ResumeResult(code: 1, payload: destination))
        }
    }
}

// MARK: Running

extension Server {
    /// The threads of a running server.
    struct Threads {
        var datagrams: [DatagramWorker]
        var events: [EventWorker]

        func stop() {
            for worker in self.datagrams { worker.stop() }
            for worker in self.events { worker.stop() }
        }
    }

    /// Starts every worker with the configuration.
    func start(_ configuration: LoadedConfiguration) throws -> Threads {
        self.adopt(configuration)
        try self.control.start()
        var index = 0
        var threads = Threads(datagrams: [], events: [])
        for (lane, loop) in self.transport.loops.enumerated() {
            let worker = Worker(index: index, lane: lane, server: self, configuration: configuration)
            threads.events.append(EventWorker(worker: worker, loop: loop))
            index += 1
        }
        for sockets in self.transport.descriptors {
            for (lane, socket) in sockets.enumerated() {
                let worker = Worker(index: index, lane: lane, server: self, configuration: configuration)
                threads.datagrams.append(
                    DatagramWorker(
                        worker: worker, socket: socket, maximumSize: configuration.host.settings.maxMessageSize))
                index += 1
            }
        }
        for started in configuration.program.hooks.started { try started(configuration.host) }
        // Nobody else runs yet: this thread is the worker for a moment.
        if let first = threads.events.first?.worker {
            first.beginBatch(at: Instant.now())
            for run in configuration.program.hooks.firstRun { run(first) }
            first.endBatch()
        }
        var names: [String] = ["main", "log writer", "control"]
        for (number, worker) in threads.events.enumerated() {
            try worker.start(name: "apus-event-\(number)")
            names.append("event worker \(number): streams, timers")
        }
        for (number, worker) in threads.datagrams.enumerated() {
            try worker.start(name: "apus-udp-\(number)")
            names.append("datagram worker \(number)")
        }
        self.threads.withLock { $0 = names }
        return threads
    }

    /// Returns when a signal asks for the end.
    /// - Parameter stopsOnHangup: the terminal that the server was started from going away counts as one.
    func waitForStop(_ signals: SignalSet, stopsOnHangup: Bool = false) {
        while true {
            let signal = signals.wait()
            switch signal {
            case SIGINT, SIGTERM: return
            case SIGHUP where stopsOnHangup: return
            case SIGUSR1:
                let memory = ProcessMemory.read()
                self.logger.notice("memory: \(memory.resident >> 10) KiB resident, peak \(memory.peak >> 10) KiB")
            default: self.logger.notice("signal \(signal) ignored: reloading is not built yet")
            }
        }
    }

    func stop(_ configuration: LoadedConfiguration) {
        // Nobody runs their routes any more; their peers repeat themselves or time out, as with every server that ends.
        if self.suspended.count > 0 { self.logger.notice("\(self.suspended.count) waiting scripts are given up") }
        for stopped in configuration.program.hooks.stopped { stopped(configuration.host) }
        self.control.stop()
        self.blocking.stop()
        self.resolver.stop()
    }

    var threadNames: [String] { self.threads.withLock { $0 } }
    var processID: Int { Int(getpid()) }
    var workingDirectory: String { SystemInput.workingDirectory }

    /// Asks the process to stop, as a signal from outside would.
    func requestStop(signal: Int) { kill(getpid(), Int32(truncatingIfNeeded: signal)) }
}
