import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// A whole server, from parser to what is sent, without sockets, threads or waiting: messages are handed in, what it
/// sends is handed out, and time passes only when it is told to.
///
/// One worker does all the work, the same as behind sockets. Not `Sendable`: one thread uses it.
package final class VirtualServer {
    package private(set) var clock: VirtualClock
    package let program: Program
    package let sources: SourceMap
    /// Findings of the check that are no errors, as a check would show them.
    package let warnings: String
    private let server: Server
    private let worker: Worker
    private let world: VirtualWorld
    private let configuration: LoadedConfiguration
    private var periodic = PeriodicWork(lane: 0)
    private var lastConnection: UInt64 = 0

    /// Loads the configuration and starts what it starts.
    /// - Throws: `VirtualFailure`.
    package init(_ setup: VirtualSetup, observer: any VirtualServerObserver) throws(VirtualFailure) {
        self.clock = VirtualClock(wallSeconds: setup.wallSeconds)
        self.world = VirtualWorld()
        self.world.observer = observer
        let world = self.world
        let loaded = try self.clock.govern { () throws(VirtualFailure) in try SimulatedConfiguration(setup, world) }
        self.server = loaded.server
        self.configuration = loaded.configuration
        self.program = loaded.configuration.program
        self.sources = loaded.sources
        self.warnings = loaded.warnings
        self.worker = Worker(
            index: 0, lane: 0, server: self.server, situation: Situation(self.configuration, descriptors: []))
        try self.clock.govern { () throws(VirtualFailure) in try self.start() }
    }

    /// Compiles the configuration and nothing more.
    /// - Throws: `VirtualFailure`.
    package static func compile(_ setup: VirtualSetup) throws(VirtualFailure) -> (program: Program, sources: SourceMap)
    {
        let loaded = try SimulatedConfiguration(setup, VirtualWorld())
        return (loaded.configuration.program, loaded.sources)
    }

    deinit {
        self.worker.dismiss()
        self.server.abandonConfiguration()
    }

    private func start() throws(VirtualFailure) {
        self.server.adopt(self.configuration)
        self.work { worker in worker.run(event: self.program.events.modulesBefore) }
        do {
            for started in self.program.hooks.started { try started(self.configuration.host) }
        } catch {
            throw .other("cannot start: \(error)")
        }
        self.work { worker in
            for run in self.program.hooks.firstRun { run(worker) }
            worker.run(event: self.program.events.workerOneInit)
        }
    }

    package var now: Instant { self.clock.now }
    package var sockets: [ListenSocket] { self.server.sockets.sockets }

    // MARK: What happens

    /// A message comes in.
    /// - Parameters:
    ///   - connection: of a stream; its number is the caller's choice.
    ///   - waited: how long it has waited for the worker; nil: nobody knows.
    package func receive(
        _ bytes: ByteString, from source: SocketAddress, on socket: ListenSocket, connection: UInt64 = 0,
        waited: Interval? = nil
    ) {
        let arrival = Arrival(
            source: source, socket: socket, connection: ConnectionID(rawValue: connection), time: self.clock.now)
        self.work { worker in
            worker.arrivedAt = waited.map { WallClock.microseconds() - Int($0.milliseconds) * 1000 } ?? 0
            var buffer = ByteBuffer(bytes.span)
            worker.receive(&buffer, arrival)
        }
    }

    /// What was sent with `token` could not be delivered.
    package func failSend(to destination: Destination, token: UInt64) {
        self.work { worker in worker.sendFailed(to: destination, token: token, code: 111) }
    }

    /// When the server has something to do of itself.
    package var nextDeadline: Instant? {
        let lane = self.lane?.sleepUntil()
        guard let task = self.periodic.nextDeadline else { return lane }
        return min(lane ?? task, task)
    }

    /// Timers and scripts to go on with: one worker, one lane.
    private var lane: ResumeLane? { self.server.lanes.first }

    /// Moves the clock and does what is due. Whoever skips deadlines finds their work done late.
    package func move(to instant: Instant) {
        self.clock.move(to: instant)
        self.work { _ in }
    }

    private func work(_ body: (Worker) -> Void) {
        self.clock.govern {
            let now = self.clock.now
            self.worker.beginBatch(at: now)
            body(self.worker)
            self.periodic.run(by: self.worker, now)
            self.worker.endBatch()
            // Timers that have come due and scripts that were woken, as an event worker does them. A script that wakes
            // itself for ever is stopped by nothing else.
            var rounds = 0
            while rounds < 10_000, let due = self.lane?.sleepUntil(), !(now < due) {
                self.lane?.fire(at: now, by: self.worker)
                self.worker.endBatch()
                rounds += 1
            }
        }
    }

    // MARK: Looking in

    /// A variable or format of the configuration, for looking at what a script left.
    package func format(_ text: String) throws -> FormatString {
        try self.configuration.host.compiler.format(ByteString(text))
    }

    package func variable(_ text: String) throws -> VariableReference {
        try self.configuration.host.compiler.variable(ByteString(text))
    }

    /// Runs `body` with a context for `message` that no script runs in.
    package func withContext<R>(_ message: ByteString, _ body: (RouteContext) -> R) -> R? {
        self.clock.govern {
            self.worker.beginBatch(at: self.clock.now)
            guard let socket = self.sockets.first else { return nil }
            let arrival = Arrival(source: socket.address, socket: socket, time: self.clock.now)
            guard let context = self.worker.makeContext(message.span, arrival: arrival, program: self.program) else {
                return nil
            }
            defer { self.worker.recycle(context) }
            return body(context)
        }
    }

    /// Answers an RPC command as a client would get it.
    package func call(_ command: String, _ parameters: [RPCValue]) throws(RPCFault) -> [RPCValue] {
        let answer = self.begin(command, parameters)
        // Of a command that waits nothing is known yet.
        return try answer.outcome?.get() ?? []
    }

    /// Begins an RPC command; the answer to some comes later, when time has passed.
    package func begin(_ command: String, _ parameters: [RPCValue]) -> RPCAnswer {
        let answer = self.clock.govern { self.configuration.host.begin(command, parameters) }
        self.work { _ in }
        return answer
    }

    /// The statistic `group:name`.
    package func counter(_ group: String, _ name: String) -> Int? { self.server.counters.value(group, name) }
}
