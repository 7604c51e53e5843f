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

    /// The worker that owns the context. After a suspension the message goes on in a context of another one.
    public let worker: any WorkerServices
    let variables: WorkerVariables
    /// The configuration that the message began with; it ends with it, whatever is loaded meanwhile.
    public var program: any RouteProgram {
        get { self.ownProgram.value.program }
        set {
            self.ownProgram.value = HeldProgram(program: newValue)
            self.programFacts.value = ProgramFacts(newValue)
            self.ownConfiguration = nil
        }
    }
    private let ownProgram: Guarded<HeldProgram>

    /// Lent by its holder, where the program itself would be counted.
    private struct HeldProgram: ~Copyable {
        let program: any RouteProgram
    }

    /// `program.isLogging(level)`.
    func isProgramLogging(_ level: LogLevel) -> Bool { self.ownProgram.value.program.isLogging(level) }
    private let programFacts: Cell<ProgramFacts>
    /// Whether the message goes by this program, and not by another copy of it either.
    public func goes(by program: any RouteProgram) -> Bool { self.programFacts.value.name == ObjectIdentifier(program) }
    /// Whether `onsend_route` has a word in what leaves.
    public var asksBeforeSending: Bool { self.programFacts.value.hasOnsendRoute }

    /// Of `program`, for those who ask for no more: they count no reference.
    private struct ProgramFacts: BitwiseCopyable {
        let name: ObjectIdentifier
        let hasOnsendRoute: Bool

        init(_ program: any RouteProgram) {
            self.name = ObjectIdentifier(program)
            self.hasOnsendRoute = program.onsendRoute.isPresent
        }
    }
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
    public var logRule: ModuleLogRule? {
        get { self.ownLogRule.value }
        set { self.ownLogRule.value = newValue }
    }
    private let ownLogRule = Slot<ModuleLogRule?>(nil)
    /// Sees every action of the script; nil: only whom the program's hooks name.
    public var tracer: (any ScriptTracer)? {
        get { self.plain.value.isRareUsed ? self.rare.value.tracer : nil }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.value.tracer
        }
    }

    // MARK: What the script decided

    /// Main branch: Request-URI, `$du`, `$fs`, branch flags.
    public var target: BranchTarget {
        get { self.plain.value.isTargetUsed ? self.ownTarget.value : BranchTarget() }
        _modify {
            self.plain.value.isTargetUsed = true
            self.ownTarget.beginChange()
            defer { self.ownTarget.endChange() }
            yield &self.ownTarget.changing
        }
    }
    private let ownTarget = Guarded(BranchTarget())
    // Parts of `target` for the path of every message: asked for by way of the whole, all of it is copied.
    /// `target.uri`.
    public var targetURI: ByteString? { self.plain.value.isTargetUsed ? self.ownTarget.value.uri : nil }
    /// `target.destinationURI`.
    public var targetDestination: ByteString? {
        self.plain.value.isTargetUsed ? self.ownTarget.value.destinationURI : nil
    }
    /// `target.socket`.
    public var targetSocket: ListenSocket? { self.plain.value.isTargetUsed ? self.ownTarget.value.socket : nil }
    /// `target.flags`.
    public var targetFlags: UInt32 { self.plain.value.isTargetUsed ? self.ownTarget.value.flags : 0 }
    /// `target.ruid`.
    public var targetRuid: ByteString { self.plain.value.isTargetUsed ? self.ownTarget.value.ruid : ByteString() }
    /// `target.hasPath`.
    public var targetHasPath: Bool { self.plain.value.isTargetUsed && self.ownTarget.value.hasPath }
    /// Further branches (`append_branch`, `lookup`).
    public var branches: [BranchTarget] {
        get { self.plain.value.isRareUsed ? self.rare.value.branches : [] }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.value.branches
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
        get { self.plain.value.areAttributesUsed ? self.ownAttributes.value : AttributeStack() }
        _modify {
            self.plain.value.areAttributesUsed = true
            self.ownAttributes.beginChange()
            defer { self.ownAttributes.endChange() }
            yield &self.ownAttributes.changing
        }
    }
    private let ownAttributes = Guarded(AttributeStack())
    /// Instances of groups of custom parameters that the script chose with `cfg_select`.
    public var selectedGroups: [(group: ByteString, id: Int)] {
        get { self.plain.value.isRareUsed ? self.rare.value.selectedGroups : [] }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.value.selectedGroups
        }
    }
    /// `set_advertised_address` and `set_advertised_port` (0: as the socket's).
    public var advertisedHost: ByteString? {
        get { self.plain.value.isRareUsed ? self.rare.value.advertisedHost : nil }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.value.advertisedHost
        }
    }
    public var advertisedPort: UInt16 {
        get { self.plain.value.advertisedPort }
        set { self.plain.value.advertisedPort = newValue }
    }
    /// `udp_mtu_try_proto`: what to send over when a request is too large for UDP; nil: as configured.
    public var protocolForLargeRequests: TransportProtocol? {
        get { self.plain.value.isRareUsed ? self.rare.value.protocolForLargeRequests : nil }
        _modify {
            self.plain.value.isRareUsed = true
            yield &self.rare.value.protocolForLargeRequests
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
    /// State that modules keep with the message, each by a key type of its own.
    private let moduleState = ElementStack<AttachedState>(capacity: 8)

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
    private let rare = Guarded(Rare())

    private struct Rare {
        var tracer: (any ScriptTracer)?
        var branches: [BranchTarget] = []
        var selectedGroups: [(group: ByteString, id: Int)] = []
        var advertisedHost: ByteString?
        var protocolForLargeRequests: TransportProtocol?

        /// Keeps the room that lists have.
        mutating func removeAll() {
            self.tracer = nil
            self.branches.removeAll(keepingCapacity: true)
            self.selectedGroups.removeAll(keepingCapacity: true)
            self.advertisedHost = nil
            self.protocolForLargeRequests = nil
        }
    }

    public init(message: Message, arrival: Arrival, worker: any WorkerServices, program: any RouteProgram) {
        self.message = message
        self.ownArrival = Slot(arrival)
        self.worker = worker
        self.variables = worker.variables
        self.ownProgram = Guarded(HeldProgram(program: program))
        self.programFacts = Cell(ProgramFacts(program))
        self.settings = Cell(worker.host.sharedSettings.forMessages)
    }

    /// Makes the context as good as new for the message that `message` holds now.
    /// - Parameter configuration: values of `program` that may change; nil: they are asked for when they are needed.
    @inline(__always)
    public func reset(
        arrival: Arrival, program: any RouteProgram, configuration: ConfigurationSnapshot? = nil
    ) {
        if !self.goes(by: program) { self.program = program }
        self.reset(arrival, configuration)
    }

    /// Without the program: to hand it on would count it.
    private func reset(_ arrival: Arrival, _ configuration: ConfigurationSnapshot?) {
        self.arrival = arrival
        self.number = self.variables.nextMessageNumber()
        if self.ownConfiguration !== configuration { self.ownConfiguration = configuration }
        self.routeKind = .request
        if self.plain.value.isTargetUsed {
            self.ownTarget.value.reset()
            self.plain.value.isTargetUsed = false
        }
        self.isTargetConsumed = false
        self.flags = 0
        self.scriptFlags = 0
        self.extendedFlags = 0
        self.viaFlags = 0
        if self.plain.value.areAttributesUsed {
            self.ownAttributes.value.removeAll()
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
            self.rare.value.removeAll()
            self.plain.value.isRareUsed = false
        }
        for index in (0..<self.moduleState.count).reversed() where !self.moduleState[index].isIdle {
            // One of each type: contexts that took over what waited bring a second one.
            guard let type = self.moduleState[index].reusable,
                self.place(of: self.moduleState[index].key, isIdle: true) == nil
            else {
                _ = self.moduleState.remove(at: index)
                continue
            }
            // Taken out meanwhile: what is only lent to somebody unknown is counted.
            if let value = self.moduleState[index].value.take() {
                type.clear(attached: value)
                self.moduleState[index].value = consume value
            }
            self.moduleState[index].isIdle = true
        }
        self.invalidateRequestURI()
    }

    public var isRequest: Bool { self.message.kind == .request }

    private func place(of key: ObjectIdentifier, isIdle: Bool = false) -> Int? {
        for index in 0..<self.moduleState.count
        where self.moduleState[index].key == key && self.moduleState[index].isIdle == isIdle { return index }
        return nil
    }

    /// State of type `State` that a module attached, or nil.
    public func state<State: AnyObject>(_ type: State.Type) -> State? {
        guard let place = self.place(of: ObjectIdentifier(type)), let state = self.moduleState[place].value else {
            return nil
        }
        return cast(consume state, to: State.self)
    }

    /// Attaches `state`, replacing what was attached under its type.
    public func setState<State: AnyObject>(_ state: State) {
        let key = ObjectIdentifier(State.self)
        self.removeState(State.self)
        self.moduleState.append(AttachedState(key: key, value: state))
    }

    /// The state of type `State` that is attached, attached now when there is none: one that served an earlier message,
    /// so that nothing is allocated.
    public func reusedState<State: ReusableState>(_ type: State.Type) -> State {
        if let state = self.state(type) { return state }
        let key = ObjectIdentifier(type)
        if let place = self.place(of: key, isIdle: true) {
            self.moduleState[place].isIdle = false
            if let value = self.moduleState[place].value, let state = cast(value, to: State.self) { return state }
        }
        let state = State()
        self.moduleState.append(AttachedState(key: key, value: state, reusable: type))
        return state
    }

    func takeModuleState() -> [AttachedState] {
        let taken = (0..<self.moduleState.count).filter { !self.moduleState[$0].isIdle }.map { self.moduleState[$0] }
        self.removeModuleState()
        return taken
    }

    /// What is idle stays.
    private func removeModuleState() {
        for index in (0..<self.moduleState.count).reversed() where !self.moduleState[index].isIdle {
            _ = self.moduleState.remove(at: index)
        }
    }

    func putModuleState(_ states: [AttachedState]) {
        self.removeModuleState()
        for state in states { self.moduleState.append(state) }
    }

    /// Takes away what a module attached under this type.
    public func removeState<State: AnyObject>(_ type: State.Type) {
        guard let place = self.place(of: ObjectIdentifier(type)) else { return }
        _ = self.moduleState.remove(at: place)
    }

    /// The parsed form of the Request-URI, once it was asked for.
    let parsedURI = Cell<SIPURI?>(nil)
}
