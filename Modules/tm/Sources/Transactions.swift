import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// The `tm` module: transaction-stateful proxying (RFC 3261 §16, §17, RFC 6026).
///
/// Start reading here, then `Relay/Forwarding.swift` (a request on its way out) and `Replies/ReplyHandling.swift` (what
/// comes back). Machines decide, under the lock of a stripe; bytes are sent after it is released.
public final class Transactions: ServerModule {
    public static let name = "tm"
    public static let summary = "Stateful forwarding: retransmissions, forking, CANCEL, failure routes."

    let settings: Settings
    let host: any ModuleHost
    let table: TransactionTable
    /// Those of the table, where they can be handed on without being counted.
    let stripes: StripedTable<TransactionStripe>
    let reply: LocalReply
    /// `fr_timer_avp`, `fr_inv_timer_avp`.
    let finalResponseVariable: VariableReference?
    let finalInviteVariable: VariableReference?
    let counters: TransactionCounters
    let bound: TransactionBound
    let refusals = RefusalClock()
    /// Who fires the timers, one for each event worker that does.
    let timerRounds: [Lock<TimerRound>]
    let observers = ReadMostly<[any TransactionObserver]>([])
    /// Requests on their way to other programs, and whose turn it is to write into a pipe.
    let handedOver = Lock(0)
    let pipeOrder = Lock(())
    let eventRoutes = Lock<(program: ObjectIdentifier, routes: LocalRoutes)?>(nil)

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.table = host.shared("tm.transactions") {
            TransactionTable(
                workers: host.workerCount,
                transactions: TransactionBound.total(asked: settings.maxTransactions, memory: host.memoryLimit))
        }
        self.stripes = self.table.stripes
        self.timerRounds = TimerRound.all(workers: host.workerCount, stripes: self.table.stripes.count).map { Lock($0) }
        self.reply = LocalReply(host: host)
        self.bound = TransactionBound(
            asked: settings.maxTransactions, memory: host.memoryLimit, stripes: self.table.stripes.count)
        self.counters = TransactionCounters(host.counters, self.table)
        self.finalResponseVariable = try Self.variable(settings.finalResponseVariable, host)
        self.finalInviteVariable = try Self.variable(settings.finalInviteVariable, host)
        for line in settings.withoutEffect { host.logger.warning(line) }
    }

    private static func variable(_ text: ByteString, _ host: any ModuleHost) throws -> VariableReference? {
        text.isEmpty ? nil : try host.compiler.variable(text)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.messageRead = { [self] message in self.table.prefetch(for: message) }
        hooks.replyArrived = { [self] route in self.replyArrived(route) ?? self.unmatchedReply(route) }
        hooks.routeEnded = { [self] route, _ in
            self.routeEnded(route)
            self.answerIfForgotten(route)
        }
        hooks.sendFailed = { [self] worker, token, destination in
            self.sendFailed(worker, token, over: destination.connection)
        }
        hooks.repetitionArrived = { [self] route in self.absorbRetransmission(route) == .retransmission }
        hooks.mayRepeat = { [self] span, callID, cSeq in self.table.mayHold(span, callID, cSeq) }
        hooks.statefulReply = { [self] route, code, reason in self.replyIfStateful(route, code, reason) }
        hooks.periodic = self.timerRounds.enumerated().map { number, round in
            PeriodicTask(
                "tm timers \(number)", every: TimerRound.length, lane: number, pace: { round.withLock { $0.pace } }
            ) { [self] worker in self.fireTimers(round, worker) }
        }
        return hooks
    }
}

/// Told of what transactions do: accounting, call tracking. Called on the worker that did it, with no lock held.
public protocol TransactionObserver: AnyObject, Sendable {
    /// Whether it wants to hear of the transaction that the script has just created for the request of `route`.
    func wants(_ route: RouteContext) -> Bool
    /// A reply went upstream; `route` is the transaction's request with its flags and attributes.
    func replied(_ route: RouteContext, _ event: TransactionReplyEvent)
    /// A provisional reply went upstream; told only with `pass_provisional_replies`.
    func repliedProvisionally(_ route: RouteContext, _ event: TransactionReplyEvent)
}

extension TransactionObserver {
    public func repliedProvisionally(_ route: RouteContext, _ event: TransactionReplyEvent) {}
}

/// A reply that a transaction sent upstream.
public struct TransactionReplyEvent {
    public var code: Int
    public var reason: ByteString
    public var toTag: ByteString
    /// Made here, not by a callee.
    public var isLocal: Bool
    /// The whole reply as sent; empty when `reply` has it.
    public var bytes: ByteString
    /// The reply as it came from the callee and went on, for as long as the observer is told; nil: it was made here, kept
    /// a while, or edited.
    public var reply: RouteContext?

    /// What `body` makes of the reply; nil when there is none to read.
    public func read<R>(_ body: (Message) -> R) -> R? {
        if let message = self.reply?.message { return body(message) }
        return self.bytes.isEmpty ? nil : Message(self.bytes.span).map(body)
    }
}

extension Transactions {
    /// Registers an observer for all transactions from now on.
    public func add(_ observer: any TransactionObserver) { self.observers.change { $0.append(observer) } }
}
