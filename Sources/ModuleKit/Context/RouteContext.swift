import Bytes
import SIPMessage

/// One message on its way through the script: the message, what the script decided about it so far, and the services
/// of the worker that owns it.
///
/// One worker owns a context from arrival to the end of its last route or until it suspends; it is not `Sendable`
/// and is reused for later messages. Modules read and change it and return an `Outcome`.
public final class RouteContext {
    // MARK: What came in

    public let message: Message
    public var arrival: Arrival {
        get { self.ownArrival.value }
        set { self.ownArrival.value = newValue }
    }
    // Slots, here and below: nearly every function reads them, and a property's exclusivity check costs as much as most
    // functions do.
    private let ownArrival: Slot<Arrival>
    /// `$mi`: how many messages the worker had taken when it took this one, itself included.
    public private(set) var number: Int {
        get { self.plain.value.number }
        set { self.plain.value.number = newValue }
    }
    /// The kind of the outermost route being run.
    public var routeKind: RouteKinds {
        get { self.plain.value.routeKind }
        set { self.plain.value.routeKind = newValue }
    }

    // MARK: Who works on it

    /// The worker that owns the context now; another one after a suspension.
    public private(set) var worker: any WorkerServices {
        get { self.ownWorker.value }
        set { self.ownWorker.value = newValue }
    }
    private let ownWorker: Slot<any WorkerServices>
    /// The configuration that the message began with; it ends with it, whatever is loaded meanwhile.
    public var program: any RouteProgram {
        get { self.ownProgram.value }
        set {
            self.ownProgram.value = newValue
            self.ownConfiguration = nil
        }
    }
    private let ownProgram: Slot<any RouteProgram>
    /// The values of `program` that may change, when whoever reset the context knew them.
    private(set) var ownConfiguration: ConfigurationSnapshot? {
        get { self.ownSnapshot.value }
        set { self.ownSnapshot.value = newValue }
    }
    private let ownSnapshot = Slot<ConfigurationSnapshot?>(nil)
    private let settings: Cell<MessageSettings>
    /// Core settings as the worker has them.
    public var coreSettings: MessageSettings { self.settings.value }
    /// State of the script machine between suspension and resumption; belongs to the machine.
    public var execution: AnyObject? {
        get { self.ownExecution.value }
        set { self.ownExecution.value = newValue }
    }
    private let ownExecution = Slot<AnyObject?>(nil)
    /// By what the module logs whose function runs; nil: as everybody.
    public var logRule: ModuleLogRule?
    /// Sees every action of the script; nil: only whom the program's hooks name.
    public var tracer: (any ScriptTracer)? {
        get { self.plain.value.isRareUsed ? self.rare.tracer : nil }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.tracer
        }
    }

    // MARK: What the script decided

    /// Main branch: Request-URI, `$du`, `$fs`, branch flags.
    public var target: BranchTarget {
        get { self.ownTarget }
        _modify {
            self.plain.value.isTargetUsed = true
            yield &self.ownTarget
        }
    }
    private(set) var ownTarget = BranchTarget()
    // Parts of `target` for the path of every message: asked for by way of the whole, all of it is copied.
    /// `target.uri`.
    public var targetURI: ByteString? { self.ownTarget.uri }
    /// `target.destinationURI`.
    public var targetDestination: ByteString? { self.ownTarget.destinationURI }
    /// `target.socket`.
    public var targetSocket: ListenSocket? { self.ownTarget.socket }
    /// `target.hasPath`.
    public var targetHasPath: Bool { self.ownTarget.hasPath }
    /// Further branches (`append_branch`, `lookup`).
    public var branches: [BranchTarget] {
        get { self.plain.value.isRareUsed ? self.rare.branches : [] }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.branches
        }
    }
    /// Whether the main branch has been used up by `append_branch()` without a URI.
    public var isTargetConsumed: Bool {
        get { self.plain.value.isTargetConsumed }
        set { self.plain.value.isTargetConsumed = newValue }
    }
    /// `setflag`, bits 0 to 31.
    public var flags: UInt32 {
        get { self.plain.value.flags }
        set { self.plain.value.flags = newValue }
    }
    /// `setsflag`, cleared when the next top-level route starts.
    public var scriptFlags: UInt32 {
        get { self.plain.value.scriptFlags }
        set { self.plain.value.scriptFlags = newValue }
    }
    /// `setxflag`, bits 0 to 63.
    public var extendedFlags: UInt64 {
        get { self.plain.value.extendedFlags }
        set { self.plain.value.extendedFlags = newValue }
    }
    /// `msg_vbflag_set`, bits 0 to 31: they travel in our Via, so that replies bring them back.
    public var viaFlags: UInt32 {
        get { self.plain.value.viaFlags }
        set { self.plain.value.viaFlags = newValue }
    }
    public var attributes: AttributeStack {
        get { self.ownAttributes }
        _modify {
            self.plain.value.areAttributesUsed = true
            yield &self.ownAttributes
        }
    }
    private var ownAttributes = AttributeStack()
    /// Instances of groups of custom parameters that the script chose with `cfg_select`.
    public var selectedGroups: [(group: ByteString, id: Int)] {
        get { self.plain.value.isRareUsed ? self.rare.selectedGroups : [] }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.selectedGroups
        }
    }
    /// `set_advertised_address` and `set_advertised_port` (0: as the socket's).
    public var advertisedHost: ByteString? {
        get { self.plain.value.isRareUsed ? self.rare.advertisedHost : nil }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.advertisedHost
        }
    }
    public var advertisedPort: UInt16 {
        get { self.plain.value.advertisedPort }
        set { self.plain.value.advertisedPort = newValue }
    }
    /// `udp_mtu_try_proto`: what to send over when a request is too large for UDP; nil: as configured.
    public var protocolForLargeRequests: TransportProtocol? {
        get { self.plain.value.isRareUsed ? self.rare.protocolForLargeRequests : nil }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.protocolForLargeRequests
        }
    }
    /// `$rc`.
    public var returnCode: Int {
        get { self.plain.value.returnCode }
        set { self.plain.value.returnCode = newValue }
    }
    /// Edits to the message, applied when it is sent.
    public let edits = EditList()
    /// Header fields, each with its CRLF, that local replies carry (`append_to_reply`).
    public let replyHeaders = ByteBuffer(capacity: 256)
    /// Body for local replies (`set_reply_body`), and its type.
    public let replyBody = ByteBuffer(capacity: 64)
    public var replyBodyType = ByteString()
    public var options: Options {
        get { self.plain.value.options }
        set { self.plain.value.options = newValue }
    }
    /// For whoever writes something short on the way; nothing in it outlives the function that put it there.
    public let scratch = ByteBuffer(capacity: 256)
    /// Values of arguments that the machine computed for the call being made.
    public var computedArguments: [Value] = []

    // MARK: Modules' own state

    /// The transaction that this context belongs to, as the tm module numbers them; 0 for none.
    public var transaction: UInt64 {
        get { self.plain.value.transaction }
        set { self.plain.value.transaction = newValue }
    }
    /// Branch of the transaction in branch and reply routes, else -1.
    public var branchIndex: Int {
        get { self.plain.value.branchIndex }
        set { self.plain.value.branchIndex = newValue }
    }
    /// State that a module keeps with the message, by the module's own key type.
    private var moduleState: [AttachedState] {
        get { self.plain.value.isRareUsed ? self.rare.moduleState : [] }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.moduleState
        }
    }

    /// What is plain and touched by nearly every action: behind a cell, where an access costs nothing but itself.
    let plain = Cell(Plain())

    struct Plain: BitwiseCopyable {
        var number = 0
        var routeKind = RouteKinds.request
        var isTargetConsumed = false
        var flags: UInt32 = 0
        var scriptFlags: UInt32 = 0
        var extendedFlags: UInt64 = 0
        var advertisedPort: UInt16 = 0
        var returnCode = 0
        var options = Options()
        var transaction: UInt64 = 0
        var branchIndex = -1
        var isURIParsed = false
        var viaFlags: UInt32 = 0
        var isRareUsed = false
        var isTargetUsed = false
        var areAttributesUsed = false
    }

    /// What few messages need: looked at, and taken back afterwards, only when something was put there.
    private var rare = Rare()

    private struct Rare {
        var tracer: (any ScriptTracer)?
        var branches: [BranchTarget] = []
        var selectedGroups: [(group: ByteString, id: Int)] = []
        var advertisedHost: ByteString?
        var protocolForLargeRequests: TransportProtocol?
        var moduleState: [AttachedState] = []
        /// What serves the next message that wants it.
        var idleState: [AttachedState] = []

        /// Keeps the room that lists have.
        mutating func removeAll() {
            self.tracer = nil
            self.branches.removeAll(keepingCapacity: true)
            self.selectedGroups.removeAll(keepingCapacity: true)
            self.advertisedHost = nil
            self.protocolForLargeRequests = nil
            for state in self.moduleState {
                // One of each type: contexts that took over what waited bring a second one.
                guard let reusable = state.reusable, !self.idleState.contains(where: { $0.key == state.key }) else {
                    continue
                }
                reusable.clear()
                self.idleState.append(state)
            }
            self.moduleState.removeAll(keepingCapacity: true)
        }
    }

    public init(message: Message, arrival: Arrival, worker: any WorkerServices, program: any RouteProgram) {
        self.message = message
        self.ownArrival = Slot(arrival)
        self.ownWorker = Slot(worker)
        self.ownProgram = Slot(program)
        self.settings = Cell(worker.host.sharedSettings.forMessages)
    }

    /// Makes the context as good as new for the message that `message` holds now.
    /// - Parameter configuration: values of `program` that may change; nil: they are asked for when they are needed.
    public func reset(
        arrival: Arrival, worker: any WorkerServices, program: any RouteProgram,
        configuration: ConfigurationSnapshot? = nil
    ) {
        self.arrival = arrival
        self.number = worker.variables.nextMessageNumber()
        if self.worker !== worker {
            self.worker = worker
            self.settings.value = worker.host.sharedSettings.forMessages
        }
        if self.program !== program { self.program = program }
        if self.ownConfiguration !== configuration { self.ownConfiguration = configuration }
        self.routeKind = .request
        if self.plain.value.isTargetUsed {
            self.ownTarget.reset()
            self.plain.value.isTargetUsed = false
        }
        self.isTargetConsumed = false
        self.flags = 0
        self.scriptFlags = 0
        self.extendedFlags = 0
        self.viaFlags = 0
        if self.plain.value.areAttributesUsed {
            self.ownAttributes.removeAll()
            self.plain.value.areAttributesUsed = false
        }
        self.advertisedPort = 0
        self.returnCode = 0
        self.edits.removeAll()
        self.replyHeaders.removeAll()
        self.replyBody.removeAll()
        self.options = []
        self.transaction = 0
        self.branchIndex = -1
        if self.plain.value.isRareUsed {
            self.rare.removeAll()
            self.plain.value.isRareUsed = false
        }
        self.invalidateRequestURI()
    }

    public var isRequest: Bool { self.message.kind == .request }

    /// State of type `State` that a module attached, or nil.
    public func state<State: AnyObject>(_ type: State.Type) -> State? {
        guard self.plain.value.isRareUsed else { return nil }
        let key = ObjectIdentifier(type)
        for state in self.rare.moduleState where state.key == key { return cast(state.value, to: State.self) }
        return nil
    }

    /// Attaches `state`, replacing what was attached under its type.
    public func setState<State: AnyObject>(_ state: State) {
        let key = ObjectIdentifier(State.self)
        for index in self.moduleState.indices where self.moduleState[index].key == key {
            self.moduleState[index].value = state
            return
        }
        self.moduleState.append(AttachedState(key: key, value: state))
    }

    /// The state of type `State` that is attached, attached now when there is none: one that served an earlier message,
    /// so that nothing is allocated.
    public func reusedState<State: ReusableState>(_ type: State.Type) -> State {
        if let state = self.state(type) { return state }
        let key = ObjectIdentifier(type)
        self.plain.value.isRareUsed = true
        for index in self.rare.idleState.indices where self.rare.idleState[index].key == key {
            guard let state = cast(self.rare.idleState[index].value, to: State.self) else { break }
            self.rare.moduleState.append(self.rare.idleState.remove(at: index))
            return state
        }
        let state = State()
        self.rare.moduleState.append(AttachedState(key: key, value: state, reusable: state))
        return state
    }

    func takeModuleState() -> [AttachedState] {
        defer { self.moduleState.removeAll(keepingCapacity: true) }
        return self.moduleState.map { $0 }
    }

    func putModuleState(_ state: [AttachedState]) { self.moduleState = state }

    /// Takes away what a module attached under this type.
    public func removeState<State: AnyObject>(_ type: State.Type) {
        self.moduleState.removeAll { $0.key == ObjectIdentifier(type) }
    }

    /// The parsed form of the Request-URI, once it was asked for.
    let parsedURI = Cell<SIPURI?>(nil)
}
