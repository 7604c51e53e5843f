import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import Synchronization

/// A whole server without sockets that many threads work for: what it takes from each is measured, and where they are
/// in each other's way, without the kernel in between.
///
/// Workers are those of every server. Time is the machine's.
package final class ParallelServer: Sendable {
    private let server: Server
    private let configuration: LoadedConfiguration
    private let world: ParallelWorld
    package let sockets: [ListenSocket]

    /// Loads the configuration and starts what it starts.
    /// - Parameters:
    ///   - workers: threads that will work for it.
    ///   - sink: takes what is sent; called by the worker's own thread.
    /// - Throws: `VirtualFailure`.
    package init(_ setup: VirtualSetup, workers: Int, sink: any PacketSink) throws(VirtualFailure) {
        self.world = ParallelWorld(sink)
        let loaded = try SimulatedConfiguration(setup, self.world, workers: workers)
        self.server = loaded.server
        self.configuration = loaded.configuration
        self.sockets = loaded.server.sockets.sockets
        self.server.adopt(loaded.configuration)
        do {
            for started in loaded.configuration.program.hooks.started { try started(loaded.configuration.host) }
        } catch {
            throw .other("cannot start: \(error)")
        }
    }

    /// The worker of one thread; `index` counts from 0.
    package func makeWorker(_ index: Int) -> ParallelWorker {
        ParallelWorker(
            Worker(
                index: index, lane: index, server: self.server,
                situation: Situation(self.configuration, descriptors: [])),
            periodic: index < self.server.lanes.count ? index : nil)
    }

    /// Lets go of the configuration; no worker works any more.
    package func stop() { self.server.abandonConfiguration() }
}

/// A worker for one thread, to which messages are handed.
package final class ParallelWorker {
    private let worker: Worker
    private var periodic: PeriodicWork?

    fileprivate init(_ worker: Worker, periodic lane: Int?) {
        self.worker = worker
        self.periodic = lane.map { PeriodicWork(lane: $0) }
    }

    /// A batch of one message. Another buffer comes back for that of the message.
    package func receive(_ buffer: inout ByteBuffer, from source: SocketAddress, on socket: ListenSocket) {
        self.worker.beginBatch(at: Instant.now())
        let own = self.worker.sockets.current(socket) ?? socket
        self.worker.receive(&buffer, Arrival(source: source, socket: own, time: self.worker.now))
        self.worker.endBatch()
    }

    /// Does the periodic work that is due, as event workers do.
    package func work() {
        self.worker.beginBatch(at: Instant.now())
        self.periodic?.run(by: self.worker, self.worker.now)
        self.worker.endBatch()
    }
}

/// Takes what a `ParallelServer` sends.
package protocol PacketSink: AnyObject, Sendable {
    /// - Parameter worker: whose thread calls.
    func sent(_ bytes: Span<UInt8>, to destination: SocketAddress, by worker: Int)
}

/// A world that takes everything and knows nobody.
private final class ParallelWorld: SimulatedWorld, LogSink {
    private let sink: any PacketSink
    init(_ sink: any PacketSink) { self.sink = sink }

    func send(_ bytes: Span<UInt8>, to destination: Destination, token: UInt64, by worker: Int) -> Bool {
        self.sink.sent(bytes, to: destination.address, by: worker)
        return true
    }

    func ask(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) { then(.unreachable) }
    func addresses(of name: ByteString) -> [IPAddress] { [] }
    func records(_ question: DNSQuestion) -> DNSAnswer { .none }
    func ranScript(in context: RouteContext, _ state: RunState) {}
    var tracer: (any ScriptTracer)? { nil }
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {}
}
