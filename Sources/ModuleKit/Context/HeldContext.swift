import Bytes
import SIPMessage

/// What a context holds of its message and its script while the script is suspended: a fraction of the context's size,
/// which serves other messages meanwhile.
///
/// Whoever wakes the script gets it back in another context, perhaps on another worker.
public final class HeldContext {
    /// The message, in as many bytes as it has.
    public let buffer: ByteBuffer
    public let arrival: Arrival
    public let program: any RouteProgram
    /// `$var(…)`; belongs to the worker.
    public var variables = SavedVariables()
    private let plain: RouteContext.Plain
    /// The machine's frames; read by whoever lists what waits.
    public let execution: AnyObject?
    private let logRule: ModuleLogRule?
    private let tracer: (any ScriptTracer)?
    private let target: BranchTarget
    private let branches: [BranchTarget]
    private let attributes: AttributeStack
    private let selectedGroups: [(group: ByteString, id: Int)]
    private let advertisedHost: ByteString?
    private let protocolForLargeRequests: TransportProtocol?
    private let edits: EditList?
    private let replyHeaders: ByteString
    private let replyBody: ByteString
    private let replyBodyType: ByteString
    private let computedArguments: [Value]
    private let moduleState: [AttachedState]

    /// Takes everything out of `route`, which is then free for another message. A test compares the list with the
    /// context's properties.
    public init(takingFrom route: RouteContext) {
        let message = route.message
        let headers = route.replyHeaders
        let body = route.replyBody
        self.buffer = ByteBuffer(message.span)
        self.arrival = route.arrival
        self.program = route.program
        self.plain = route.plain.value
        self.execution = route.execution
        self.logRule = route.logRule
        self.tracer = route.tracer
        self.target = route.target
        self.branches = route.branches.map { $0 }
        self.attributes = route.attributes
        self.selectedGroups = route.selectedGroups
        self.advertisedHost = route.advertisedHost
        self.protocolForLargeRequests = route.protocolForLargeRequests
        self.edits = route.edits.isEmpty ? nil : EditList(copying: route.edits)
        self.replyHeaders = ByteString(headers.span)
        self.replyBody = ByteString(body.span)
        self.replyBodyType = route.replyBodyType
        self.computedArguments = route.computedArguments.map { $0 }
        self.moduleState = route.takeModuleState()
        // The machine's state goes along whole; the next message of this context gets a new one.
        route.execution = nil
    }

    /// Puts everything into `route`, which was reset for the message in `buffer`.
    public func restore(to route: RouteContext) {
        route.plain.value = self.plain
        route.execution = self.execution
        route.logRule = self.logRule
        route.tracer = self.tracer
        route.target = self.target
        route.branches = self.branches
        route.attributes = self.attributes
        route.selectedGroups = self.selectedGroups
        route.advertisedHost = self.advertisedHost
        route.protocolForLargeRequests = self.protocolForLargeRequests
        if let edits = self.edits { route.edits.copy(from: edits) }
        route.replyHeaders.removeAll()
        route.replyHeaders.append(self.replyHeaders)
        route.replyBody.removeAll()
        route.replyBody.append(self.replyBody)
        route.replyBodyType = self.replyBodyType
        route.computedArguments = self.computedArguments
        route.putModuleState(self.moduleState)
        route.invalidateRequestURI()
    }
}
