import Bytes
import SIPMessage

/// One loaded configuration, immutable: whoever holds it finishes what began with it.
public protocol RouteProgram: AnyObject, Sendable {
    var logger: Logger { get }
    /// Whether `logger` writes lines of that level; it need not be counted to ask.
    func isLogging(_ level: LogLevel) -> Bool
    /// The block of that kind and name, or `RouteID.none`. Not for the hot path: resolve once and keep the id.
    func route(_ kind: RouteKinds, named name: ByteString) -> RouteID
    func name(of route: RouteID) -> ByteString
    /// `onsend_route`, when there is one.
    var onsendRoute: RouteID { get }
    /// `log_prefix` for the message, evaluated; empty when none is configured.
    func logPrefix(for context: RouteContext) -> ByteString
    /// What the program's modules hooked in.
    var hooks: ProgramHooks { get }
    /// Where the action stands that the context's script is at; nil when none runs. For logs and debugging.
    func place(in context: RouteContext) -> (file: String, line: Int)?
    /// What of it may change while the server runs.
    var configuration: ConfigurationRegistry? { get }
    /// Names the configuration: workers have copies of its program, which all have this identity.
    var identity: ObjectIdentifier { get }
}

extension RouteProgram {
    public func place(in context: RouteContext) -> (file: String, line: Int)? { nil }
    public var configuration: ConfigurationRegistry? { nil }
    public var identity: ObjectIdentifier { ObjectIdentifier(self) }
}

extension RouteProgram {
    public var onsendRoute: RouteID { .none }
}

/// Hooks of all modules of a program, in load order, one list for each moment: the path of a message walks only those
/// that somebody hooked into.
public final class ProgramHooks: Sendable {
    private let readHooks: FixedTable<ReadHook>
    private let requestHooks: FixedTable<RequestHook>
    public let repetitionArrived: [@Sendable (RouteContext) -> Bool]
    public let mayRepeat: [@Sendable (Span<UInt8>, ByteRange, UInt32) -> Bool]
    private let replyHooks: FixedTable<ReplyHook>
    private let endHooks: FixedTable<EndHook>
    public let sendFailed: [@Sendable (any WorkerServices, UInt64, Destination) -> Void]
    public let connectionClosed: [@Sendable (any WorkerServices, ClosedConnection) -> Void]
    public let httpRequestArrived: [@Sendable (RouteContext) -> Outcome?]
    public let firstRun: [@Sendable (any WorkerServices) -> Void]
    public let periodic: [PeriodicTask]
    public let isMyself: [@Sendable (Span<UInt8>, ByteRange, Int, TransportProtocol?) -> Bool]
    public let bytesArrived: [@Sendable (any WorkerServices, any RouteProgram, ByteBuffer, Arrival) -> Bool]
    public let bytesLeaving: [@Sendable (any WorkerServices, any RouteProgram, ByteBuffer, Destination) -> Bool]
    public let started: [@Sendable (any ModuleHost) throws -> Void]
    public let stopped: [@Sendable (any ModuleHost) -> Void]
    /// Answers requests statefully when a transaction exists; from tm.
    public let statefulReply: (@Sendable (RouteContext, Int, ByteString) -> Int?)?
    /// Of the first module that has one.
    public let functionWrapper: (@Sendable (String, @escaping ScriptFunction.Body) -> ScriptFunction.Body)?
    /// Of the first module that has one.
    public let tracer: (@Sendable (RouteContext) -> (any ScriptTracer)?)?

    /// - Parameter events: names of the program's event routes; nil: hooks for events are called anyway.
    public init(_ all: [ModuleHooks], events: Set<ByteString>? = nil) {
        let listening = all.filter { hooks in
            guard let events, !hooks.byteEvents.isEmpty else { return true }
            return !events.isDisjoint(with: hooks.byteEvents)
        }
        self.isMyself = all.compactMap(\.isMyself)
        self.bytesArrived = listening.compactMap(\.bytesArrived)
        self.bytesLeaving = listening.compactMap(\.bytesLeaving)
        self.readHooks = FixedTable(all.compactMap(\.messageRead)) { ReadHook(body: $0) }
        self.requestHooks = FixedTable(all.compactMap(\.requestArrived)) { RequestHook(body: $0) }
        self.repetitionArrived = all.compactMap(\.repetitionArrived)
        self.mayRepeat = all.compactMap(\.mayRepeat)
        let onlookers: [@Sendable (RouteContext) -> Outcome?] = all.compactMap(\.replyPassing).map { look in
            { route in
                look(route)
                return nil
            }
        }
        self.replyHooks = FixedTable(onlookers + all.compactMap(\.replyArrived)) { ReplyHook(body: $0) }
        self.endHooks = FixedTable(all.compactMap(\.routeEnded)) { EndHook(body: $0) }
        self.sendFailed = all.compactMap(\.sendFailed)
        self.connectionClosed = all.compactMap(\.connectionClosed)
        self.httpRequestArrived = all.compactMap(\.httpRequestArrived)
        self.firstRun = all.compactMap(\.firstRun)
        self.periodic = all.flatMap(\.periodic)
        self.started = all.compactMap(\.started)
        self.stopped = all.compactMap(\.stopped)
        self.statefulReply = all.compactMap(\.statefulReply).first
        self.functionWrapper = all.compactMap(\.functionWrapper).first
        self.tracer = all.compactMap(\.tracer).first
    }

    /// The same hooks, listed in memory of their own: for one worker.
    public func copy() -> ProgramHooks { ProgramHooks(copying: self) }

    private init(copying other: ProgramHooks) {
        self.isMyself = other.isMyself.inOwnMemory
        self.bytesArrived = other.bytesArrived.inOwnMemory
        self.bytesLeaving = other.bytesLeaving.inOwnMemory
        let (requests, replies, ends) = (other.requestHooks.count, other.replyHooks.count, other.endHooks.count)
        self.readHooks = FixedTable(count: other.readHooks.count) { ReadHook(body: other.readHooks[$0].body) }
        self.requestHooks = FixedTable(count: requests) { RequestHook(body: other.requestHooks[$0].body) }
        self.replyHooks = FixedTable(count: replies) { ReplyHook(body: other.replyHooks[$0].body) }
        self.endHooks = FixedTable(count: ends) { EndHook(body: other.endHooks[$0].body) }
        self.repetitionArrived = other.repetitionArrived.inOwnMemory
        self.mayRepeat = other.mayRepeat.inOwnMemory
        self.sendFailed = other.sendFailed.inOwnMemory
        self.connectionClosed = other.connectionClosed.inOwnMemory
        self.httpRequestArrived = other.httpRequestArrived
        self.firstRun = other.firstRun
        self.periodic = other.periodic
        self.started = other.started
        self.stopped = other.stopped
        self.statefulReply = other.statefulReply
        self.functionWrapper = other.functionWrapper
        self.tracer = other.tracer
    }
}

// What modules do for every message. Never copied, and called by functions that are not inlined: what a borrowed value
// holds needs no counting, what is read from a list does.

private struct ReadHook: ~Copyable, Sendable {
    let body: @Sendable (Message) -> Void

    @inline(never)
    func run(_ message: Message) { self.body(message) }
}

private struct RequestHook: ~Copyable, Sendable {
    let body: @Sendable (RouteContext) -> Bool

    @inline(never)
    func run(_ route: RouteContext) -> Bool { self.body(route) }
}

private struct ReplyHook: ~Copyable, Sendable {
    let body: @Sendable (RouteContext) -> Outcome?

    @inline(never)
    func run(_ route: RouteContext) -> Outcome? { self.body(route) }
}

private struct EndHook: ~Copyable, Sendable {
    let body: @Sendable (RouteContext, RouteResult) -> Void

    @inline(never)
    func run(_ route: RouteContext, _ result: RouteResult) { self.body(route, result) }
}

extension ProgramHooks {
    /// Whether somebody wants to hear that the run for a message has ended.
    public var hearOfEnds: Bool { self.endHooks.count > 0 }

    /// Once a message has been read, before anything is asked of it.
    public func noteRead(_ message: Message) {
        for index in 0..<self.readHooks.count { self.readHooks[index].run(message) }
    }

    /// Before `request_route`.
    /// - Returns: whether a module has taken the request away.
    public func takeRequest(_ route: RouteContext) -> Bool {
        for index in 0..<self.requestHooks.count where self.requestHooks[index].run(route) { return true }
        return false
    }

    /// Before a reply is forwarded.
    /// - Returns: what becomes of it; nil: it is nobody's.
    public func takeReply(_ route: RouteContext) -> Outcome? {
        for index in 0..<self.replyHooks.count {
            if let outcome = self.replyHooks[index].run(route) { return outcome }
        }
        return nil
    }

    /// Of a request of HTTP.
    /// - Returns: what becomes of it; nil: nobody serves it.
    public func takeHTTPRequest(_ route: RouteContext) -> Outcome? {
        for take in self.httpRequestArrived {
            if let outcome = take(route) { return outcome }
        }
        return nil
    }

    /// After the script, whatever it did.
    public func routeEnded(_ route: RouteContext, _ result: RouteResult) {
        for index in 0..<self.endHooks.count { self.endHooks[index].run(route, result) }
    }
}

/// Where modules take part in the life of a message beside the functions that the script calls.
public struct ModuleHooks: Sendable {
    /// A message of SIP has been read, and nothing has been asked of it yet: the time to have memory fetched that it will
    /// need, while something else is done. It may still be refused, and nothing must come of it.
    public var messageRead: (@Sendable (Message) -> Void)?
    /// Before `request_route`: true takes the request away (an ACK for a stateless reply).
    public var requestArrived: (@Sendable (RouteContext) -> Bool)?
    /// Of a request that is about to be refused since the server has too much to do: true takes it away as the
    /// repetition of one that has begun.
    public var repetitionArrived: (@Sendable (RouteContext) -> Bool)?
    /// Whether a request with this Call-ID (a range of the bytes) and CSeq number may be one that `repetitionArrived`
    /// would take away. Asked instead of it while requests are refused unread; false is certain.
    public var mayRepeat: (@Sendable (Span<UInt8>, ByteRange, UInt32) -> Bool)?
    /// Sees every reply that `reply_route` did not drop, before any module may take it, whatever the load order.
    public var replyPassing: (@Sendable (RouteContext) -> Void)?
    /// After `reply_route`, unless it dropped the reply. nil: not mine; the reply goes to the next module and at last
    /// is forwarded statelessly.
    public var replyArrived: (@Sendable (RouteContext) -> Outcome?)?
    /// The last route of a request, reply or failure run has ended.
    public var routeEnded: (@Sendable (RouteContext, RouteResult) -> Void)?
    /// The transport could not deliver bytes that were sent with `token`, or the connection that they went out over
    /// ended soon after; the destination names that connection, and none when it could not be opened.
    public var sendFailed: (@Sendable (any WorkerServices, UInt64, Destination) -> Void)?
    /// A request of HTTP came over a stream; nil: not mine. Whoever takes it sees to it that it is answered, or its
    /// connection closed (`HTTPReply`).
    public var httpRequestArrived: (@Sendable (RouteContext) -> Outcome?)?
    /// A connection is gone.
    public var connectionClosed: (@Sendable (any WorkerServices, ClosedConnection) -> Void)?
    /// On the first worker, before the server receives anything: the moment for event routes that fill tables. Not at a
    /// reload.
    public var firstRun: (@Sendable (any WorkerServices) -> Void)?
    /// Work that comes round: on one event worker, never two at once. A reload puts the tasks of the new configuration in
    /// the place of these; one of the same name and interval keeps its rhythm.
    public var periodic: [PeriodicTask] = []
    /// Whether host, port (0: any) and protocol (nil: any) name this server too, beside its sockets and aliases.
    public var isMyself: (@Sendable (Span<UInt8>, ByteRange, Int, TransportProtocol?) -> Bool)?
    /// Sees bytes as they came in, before they are parsed, and may change them; false drops them.
    public var bytesArrived: (@Sendable (any WorkerServices, any RouteProgram, ByteBuffer, Arrival) -> Bool)?
    /// Sees bytes that are about to leave, and may change them; false keeps them back.
    public var bytesLeaving: (@Sendable (any WorkerServices, any RouteProgram, ByteBuffer, Destination) -> Bool)?
    /// Event routes without all of which `bytesArrived` and `bytesLeaving` are not called; none: always.
    public var byteEvents: [ByteString] = []
    public var statefulReply: (@Sendable (RouteContext, Int, ByteString) -> Int?)?
    /// The server is about to receive, or the configuration about to be put in force by a reload, which an error
    /// refuses; sockets are bound.
    public var started: (@Sendable (any ModuleHost) throws -> Void)?
    /// No script runs any more that uses the module: the server stops, or a reload has replaced the configuration and its
    /// last user is gone. Called on a thread that may block.
    public var stopped: (@Sendable (any ModuleHost) -> Void)?

    /// Takes the place of every function of every module, given the module's name: to note whose function runs.
    public var functionWrapper: (@Sendable (String, @escaping ScriptFunction.Body) -> ScriptFunction.Body)?
    /// Who traces a run that is about to start or to go on; see `ScriptTracer`.
    public var tracer: (@Sendable (RouteContext) -> (any ScriptTracer)?)?

    public init() {}
}

public struct PeriodicTask: Sendable {
    public var name: String
    /// The task is due at whole multiples of it from the start on, however late it once was; turns that have passed
    /// when it is late are left out.
    public var interval: Interval
    /// Which event worker does it: number `lane` modulo their count, so that several can run side by side.
    public var lane = 0
    /// How far off the next turn is, in place of `interval`: asked after each turn, for work that is cut into parts while
    /// there is some.
    public var pace: (@Sendable () -> Interval)?
    public var body: @Sendable (any WorkerServices) -> Void

    public init(
        _ name: String, every interval: Interval, lane: Int = 0, pace: (@Sendable () -> Interval)? = nil,
        _ body: @escaping @Sendable (any WorkerServices) -> Void
    ) {
        self.name = name
        self.interval = interval
        self.lane = lane
        self.pace = pace
        self.body = body
    }
}

extension PeriodicTask {
    /// The first turn after `now`, in the rhythm of the turn that was due at `due`.
    public func turn(after due: Instant, now: Instant) -> Instant {
        let step = max((self.pace?() ?? self.interval).milliseconds, 1)
        let passed = max((now - due).milliseconds, 0) / step
        return due + Interval(milliseconds: (passed + 1) * step)
    }
}
