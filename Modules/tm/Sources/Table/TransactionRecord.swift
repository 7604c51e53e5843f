import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// Names a transaction: its stripe and its handle there. 0 names none.
public struct TransactionID: Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt64

    init(stripe: Int, handle: Handle) { self.rawValue = UInt64(stripe) << 32 | UInt64(handle.rawValue) }
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let none = TransactionID(rawValue: 0)
    public var isPresent: Bool { self.rawValue != 0 }
    var stripe: Int { Int(self.rawValue >> 32 & 0xffff) }
    var handle: Handle { Handle(rawValue: UInt32(truncatingIfNeeded: self.rawValue)) }

    /// What goes with bytes that are sent for a branch, to come back when they cannot be delivered.
    func token(branch: Int) -> UInt64 { self.rawValue << 8 | UInt64(branch & 0xff) }
    init(token: UInt64) { self.rawValue = token >> 8 }
    static func branch(ofToken token: UInt64) -> Int { Int(token & 0xff) }
}

/// Routes that the script armed.
public struct ArmedRoutes: Sendable, BitwiseCopyable {
    public var branch = RouteID.none
    public var reply = RouteID.none
    public var failure = RouteID.none
    public var branchFailure = RouteID.none

    enum Kind: Sendable { case branch, reply, failure, branchFailure }

    subscript(kind: Kind) -> RouteID {
        get {
            switch kind {
            case .branch: self.branch
            case .reply: self.reply
            case .failure: self.failure
            case .branchFailure: self.branchFailure
            }
        }
        set {
            switch kind {
            case .branch: self.branch = newValue
            case .reply: self.reply = newValue
            case .failure: self.failure = newValue
            case .branchFailure: self.branchFailure = newValue
            }
        }
    }
}

/// What a script said about a transaction that is not in its timers or its policy.
struct TransactionMarks: OptionSet, Sendable, BitwiseCopyable {
    let rawValue: UInt8
    /// A copy: nothing that comes back goes upstream (`t_replicate`).
    static let isReplica = TransactionMarks(rawValue: 1)
    /// Reason header fields of the caller's CANCEL stay here (`t_set_no_e2e_cancel_reason`).
    static let keepsReason = TransactionMarks(rawValue: 2)
    /// A target's further addresses are not tried (`t_set_disable_failover`, flag 4 of `t_relay_to`).
    static let skipsFailover = TransactionMarks(rawValue: 4)
    /// The edits to be made in later legs are fixed (`t_save_lumps`).
    static let hasSavedEdits = TransactionMarks(rawValue: 8)
}

/// What few transactions have, so that the others need no room for it.
final class RareState: @unchecked Sendable {  // touched only under the lock of the transaction's stripe
    /// `t_vbflag_set`.
    var viaFlags: UInt32 = 0
    /// Header lines of the CANCELs of this transaction: of those sent, when they are repeated, and of those to come.
    var cancelHeaders = ByteString()
    /// Requests that went over a stream only for their size, as they go over UDP when no connection comes about: with the
    /// number of their branch. Each names the socket that it leaves by, in Record-Route too.
    var datagrams: [(branch: Int, bytes: ByteString)] = []
}

/// The request a transaction began with: what replies are made from, and what failure routes run on.
final class StoredRequest: @unchecked Sendable {  // never changed after init; the edits are only read
    let bytes: ByteString
    let arrival: Arrival
    let program: any RouteProgram
    let options: RouteContext.Options
    /// What the script had changed when the request was relayed; nil while nobody needs it.
    let edits: EditList?
    let target: BranchTarget
    let recordRoutes: SharedRecordRoutes?

    init(
        bytes: ByteString, arrival: Arrival, program: any RouteProgram, options: RouteContext.Options,
        edits: EditList?, target: BranchTarget, recordRoutes: SharedRecordRoutes?
    ) {
        self.bytes = bytes
        self.arrival = arrival
        self.program = program
        self.options = options
        self.edits = edits
        self.target = target
        self.recordRoutes = recordRoutes
    }

    init(_ route: borrowing RouteContext, keepingEdits: Bool) {
        let message = route.message
        self.bytes = ByteString(message.span)
        self.arrival = route.arrival
        self.program = route.program
        self.options = route.options
        self.target = route.target
        self.recordRoutes = keepingEdits ? route.recordRoutes : nil
        if keepingEdits {
            self.edits = EditList(copying: route.edits)
        } else {
            self.edits = nil
        }
    }
}

/// Timers of one machine: the one that repeats a message and the one that bounds a state.
struct MachineTimers: Sendable, BitwiseCopyable {
    var retransmission = TimerHandle.none
    var deadline = TimerHandle.none
}

/// One branch of a transaction: what was sent where, and what came of it.
struct Branch: Sendable {
    var machine: ClientMachine
    var timers = MachineTimers()
    var destination: Destination
    /// The request as sent; emptied when nothing can need it any more.
    var sent: ByteString
    /// The Request-URI that was sent.
    var uri: ByteString
    var flags: UInt32 = 0
    /// It was sent a second time since its connection had ended.
    var isResent = false
    /// Its share of Max-Breadth, 0 where breadth is not limited.
    var breadth: Int32 = 0
    var ruid = ByteString()
    /// The final reply of 300 or more as it would be forwarded; empty when it was made up here.
    var reply = ByteString()
    /// The CANCEL of this branch, when one was sent.
    var cancel: NonInviteClientTransaction?
    var cancelTimers = MachineTimers()
    /// The routes that were armed when it was sent.
    var replyRoute = RouteID.none
    var failureRoute = RouteID.none
    /// Where it went, for `t_reuse_branch` and its like; kept only with a `failureRoute`.
    var target: KeptTarget?
    /// The script of a final reply is under way.
    var isReplyHeld = false
}

/// A branch's target as the branch route left it.
final class KeptTarget: Sendable {
    let target: BranchTarget
    init(_ target: BranchTarget) { self.target = target }
}

/// All that a transaction is. Lives in a slab of its stripe; touched only under the stripe's lock. Never copied: it holds
/// many references.
///
/// What its end looks at comes first, all references among it: after a stay of seconds these lines are in no cache, and
/// each has to be fetched.
struct TransactionRecord: ~Copyable, Sendable {
    /// Bytes up to the first field that its end does not look at, roughly.
    static let endSize = 384

    var next = Handle.none
    let hash: UInt64
    /// With `hash`, what repetitions, ACK and CANCEL are matched by.
    let key: MatchingKey
    let cSeq: UInt32
    let method: Method
    /// Branches are still being added: a final reply must wait.
    var isForking = false
    /// The failure route is running, or about to.
    var isFailing = false
    /// Observers want to know of the final reply.
    var isObserved = false
    /// What those who answer have to know; given when it is taken in.
    var random: UInt64 = 0

    var server: ServerMachine
    var serverTimers = MachineTimers()
    var suspensionTimer = TimerHandle.none
    /// Whether its script waits for something.
    var suspension = Suspension.running
    var marks: TransactionMarks = []

    let program: any RouteProgram
    /// nil once nothing can ask for it any more: see `slim`.
    var request: StoredRequest?
    var branches: [Branch] = []
    /// Last reply sent upstream, to be repeated; empty when that is a 100, which is written again.
    var lastReply = ByteString()
    var replyDestination: Destination
    var attributes = AttributeStack()
    /// Who sends the request, when it is this server's own.
    var local: LocalTransaction?
    /// Changes every reply of a callee before it is kept or forwarded.
    var replyEditor: (any ReplyEditor)?
    var rare: RareState?

    var timers: TransactionTimers
    let created: Instant
    /// The code of `lastReply`.
    var lastStatus = 0
    var routes = ArmedRoutes()
    var flags: UInt32 = 0
    var extendedFlags: UInt64 = 0
    /// What came of the branches (RFC 3261 §16.7).
    var responses: BranchSet
    /// What `t_drop_replies` asked for.
    var dropsReplies: ResponsePolicy.FailureReplies?
    /// Branches whose `event_route[tm:branch-failure:…]` has to run.
    var failedBranches = BranchMask()
    var policy: ResponsePolicy

    var isInvite: Bool { self.method == .invite }

    /// The box, made when there is none.
    var rareState: RareState {
        mutating get {
            if let rare = self.rare { return rare }
            let made = RareState()
            self.rare = made
            return made
        }
    }

    /// Lets go of the messages that only a transaction under way needs, when its final reply has left and it stays for
    /// repetitions alone.
    ///
    /// Most transactions that a busy server keeps are in this state. What they hold is memory that no cache has; what
    /// they let go of here, at once and on the thread that made it, serves the next ones while it is still warm.
    mutating func slim() {
        guard self.request != nil, !self.server.isOpen, self.key.hasCookie, self.local == nil, self.replyEditor == nil,
            self.rare == nil, !self.isForking, !self.isFailing, self.suspension != .waiting,
            self.responses.open.isEmpty, self.failedBranches.isEmpty,
            self.branches.indices.allSatisfy({ index in
                !self.branches[index].machine.needsRequest && self.branches[index].cancel == nil
            })
        else { return }
        self.request = nil
        for index in self.branches.indices {
            self.branches[index].sent = ByteString()
            self.branches[index].uri = ByteString()
        }
    }

    /// Notes that a branch has failed, for its own route.
    mutating func noteFailure(of branch: Int) {
        guard self.branches[branch].failureRoute.isPresent, !self.responses.isCancelled, self.server.isOpen else {
            return
        }
        self.failedBranches.insert(branch)
    }
}
