import Bytes
import SIPMessage

/// What a worker does for the modules whose functions it runs. Only the worker's own thread may call it.
public protocol WorkerServices: AnyObject {
    /// Number of the worker, from 0; smaller than `ModuleHost.workerCount`, except for workers of listeners that a later
    /// configuration has added.
    var index: Int { get }
    /// Time of the batch being worked on.
    var now: Instant { get }
    var host: ModuleHost { get }
    /// The configuration that new messages begin with; nil where there is none (a bench without a script).
    var currentProgram: (any RouteProgram)? { get }
    /// The values of `currentProgram` that may change, as this batch sees them.
    var configuration: ConfigurationSnapshot? { get }
    /// The value of a setting in `configuration`.
    subscript(setting: LiveNumber) -> Int { get }
    /// `$var(…)` of this worker, by the slot that the program gave each name.
    var variables: WorkerVariables { get }

    /// A cleared buffer to write a message into.
    func outgoing() -> ByteBuffer
    /// Queues what `outgoing()` gave for sending; the worker owns the buffer from here on.
    /// - Parameter token: comes back in `ModuleHooks.sendFailed` when the transport cannot deliver; 0 for nobody.
    /// - Returns: false when it is certain already that the bytes cannot go out.
    @discardableResult
    func send(_ buffer: consuming ByteBuffer, to destination: Destination, token: UInt64) -> Bool

    /// Finds out where a request for `uri` goes (RFC 3263). Numeric hosts and cached names answer at once.
    /// - Parameter completion: called at once, or later on a worker's thread through a resumed context.
    func nextHop(for uri: Span<UInt8>, range: ByteRange, socket: ListenSocket?) -> NextHopAnswer

    /// A context for a message that is not the one being routed: a request kept by a transaction, whose failure route
    /// has to run. nil when the bytes are no SIP message.
    /// It is given back by `schedule` when its run ends, or by `recycle`.
    func makeContext(_ bytes: Span<UInt8>, arrival: Arrival, program: any RouteProgram) -> RouteContext?
    func recycle(_ context: RouteContext)
    /// Runs a route in `context` after the message in progress; the context is recycled when it ends.
    func schedule(_ call: RouteCall, in context: RouteContext)
    func suspend(_ context: RouteContext) -> any ResumeToken
    /// Runs a route in a context of its own to its end, in the middle of something else.
    /// - Returns: nil when the route wanted to wait: it is over then, and nothing wakes it.
    func finish(_ call: RouteCall, in context: RouteContext) -> RouteResult?

    /// Has a connection found under another port of its peer as well (`force_tcp_alias`, RFC 5923).
    /// - Returns: false when there is no such connection, or the address is another one's.
    func addAlias(port: UInt16, for connection: ConnectionID) -> Bool

    /// The connections of stream transports; nil where there are none (a bench, a simulation).
    var connections: (any ConnectionControl)? { get }

    /// Adds to a statistic; a plain addition in this worker's own row.
    func count(_ counter: CounterID, _ amount: Int)
}

extension WorkerServices {
    public func addAlias(port: UInt16, for connection: ConnectionID) -> Bool { false }
    public var connections: (any ConnectionControl)? { nil }
    public var currentProgram: (any RouteProgram)? { nil }
    public var configuration: ConfigurationSnapshot? { self.currentProgram?.configuration?.snapshot }

    @inlinable
    public func count(_ counter: CounterID) { self.count(counter, 1) }

    /// For workers without a machine.
    public func finish(_ call: RouteCall, in context: RouteContext) -> RouteResult? { nil }
}

/// What `WorkerServices.nextHop` knows at once.
public enum NextHopAnswer: Sendable {
    case destination(Destination)
    /// The host's name has to be looked up first: `ModuleHost.resolve` does, and answers through a token.
    case needsLookup(NextHopQuery)
    /// No way to reach it, with the reason: bad URI, no socket of that protocol.
    case unreachable(NextHopFailure)
}

public enum NextHopFailure: Error, Sendable {
    case badURI
    case unsupportedTransport
    case noSocket
    case unresolvable
}

/// A name that must be looked up before the next hop is known.
public struct NextHopQuery: Sendable {
    public var host: ByteString
    /// -1 when the URI has none.
    public var port: Int
    public var transport: TransportProtocol?
    public var isSecure: Bool
    public var socket: ListenSocket?

    public init(host: ByteString, port: Int, transport: TransportProtocol?, isSecure: Bool, socket: ListenSocket?) {
        self.host = host
        self.port = port
        self.transport = transport
        self.isSecure = isSecure
        self.socket = socket
    }
}

/// Values of `$var` for one worker, and how many messages it has taken.
public final class WorkerVariables {
    private let values = ElementStack<Value>(capacity: 64)
    private let messageCount = Cell(0)
    /// `setdebug()`: largest level of lines that messages on this worker write; nil: the server's.
    public var logThreshold: Int? {
        get { self.ownThreshold.value }
        set { self.ownThreshold.value = newValue }
    }
    private let ownThreshold = Cell<Int?>(nil)
    public init() {}

    func nextMessageNumber() -> Int {
        self.messageCount.value &+= 1
        return self.messageCount.value
    }

    public subscript(slot: Int) -> Value {
        get { slot < self.values.count ? self.values[slot] : .int(0) }
        set {
            while self.values.count <= slot { self.values.append(.int(0)) }
            self.values[slot] = newValue
        }
    }

    /// What a suspended script takes along: it may go on with another worker. Variables that were never set, or are 0,
    /// cost nothing.
    public func save() -> SavedVariables {
        var saved: [(slot: Int32, value: Value)] = []
        for slot in 0..<self.values.count {
            let value = self.values[slot]
            if case .int(0) = value { continue }
            saved.append((Int32(truncatingIfNeeded: slot), value))
        }
        return SavedVariables(entries: saved)
    }

    /// Runs `body` with the saved values in place of this worker's own.
    public func with<R>(_ saved: SavedVariables, _ body: () -> R) -> R {
        let own = (0..<self.values.count).map { self.values[$0] }
        self.values.removeAll()
        for (slot, value) in saved.entries { self[Int(slot)] = value }
        defer {
            self.values.removeAll()
            for value in own { self.values.append(value) }
        }
        return body()
    }
}

/// `$var(…)` of a suspended script.
public struct SavedVariables {
    var entries: [(slot: Int32, value: Value)] = []
    public init() {}
    init(entries: [(slot: Int32, value: Value)]) { self.entries = entries }
}
