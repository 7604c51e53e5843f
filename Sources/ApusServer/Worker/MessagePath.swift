import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// What the path of every message has to know of the configuration, as plain values: looking it up costs reference
/// counts at each step, and most of it says that there is nothing to do.
struct MessagePath: BitwiseCopyable {
    /// Some module sees bytes as they come, or as they leave.
    var showsArriving = false
    var showsLeaving = false
    /// Somebody is told when a run of a script has ended.
    var tellsOfEnds = false
    /// Fields of which a message may have one only may come twice.
    var allowsDoubles = false
    /// Senders are looked up before the script begins (`dns`, `rev_dns`).
    var looksUpSenders = false
    /// The network is that of a simulation.
    var isSimulated = false
    /// `event_route[core:msg-received]`, when it is to run.
    var received = RouteID.none
    /// `latency_cfg_log`.
    var scriptTimeLevel = LogLevel.debug
    /// The listener that the last message came to, in the form that this configuration has of it.
    var listener: ListenSocket?

    init(_ program: Program, _ host: any ModuleHost, _ policy: WorkerPolicy, isSimulated: Bool) {
        let hooks = program.hooks
        self.showsArriving = !hooks.bytesArrived.isEmpty
        self.showsLeaving = !hooks.bytesLeaving.isEmpty
        self.tellsOfEnds = hooks.hearOfEnds
        self.allowsDoubles = policy.allowsDoubles
        self.looksUpSenders = policy.viaCheck != .byAddress
        self.isSimulated = isSimulated
        self.received = program.events.messageReceived
        let level = host.sharedSettings.values.scriptTimeLogLevel
        self.scriptTimeLevel = LogLevel(rawValue: min(max(level, -5), 3)) ?? .debug
    }
}

/// Where a worker is with what messages left to do.
struct WorkProgress: BitwiseCopyable {
    /// Something was left to do after the message in progress.
    var hasWork = false
    var isDraining = false
}

/// What a worker's loop tells it of the messages that it feeds.
struct WorkerFeed: BitwiseCopyable {
    /// Time of the batch in progress.
    var now = Instant.now()
    /// When the message at hand reached the server, by the wall clock in microseconds; 0: it did not wait, or nobody knows.
    var arrivedAt = 0
    /// The kernel threw datagrams away before the batch at hand.
    var isLosing = false
}

extension Worker {
    var now: Instant {
        get { self.feed.value.now }
        set { self.feed.value.now = newValue }
    }
    var arrivedAt: Int {
        get { self.feed.value.arrivedAt }
        set { self.feed.value.arrivedAt = newValue }
    }
    var isLosing: Bool {
        get { self.feed.value.isLosing }
        set { self.feed.value.isLosing = newValue }
    }
}
