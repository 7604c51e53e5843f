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
    private let number: Int
    private let routeKind: RouteKinds
    private let execution: AnyObject?
    private let logRule: ModuleLogRule?
    private let tracer: (any ScriptTracer)?
    private let target: BranchTarget
    private let branches: [BranchTarget]
    private let isTargetConsumed: Bool
    private let flags: UInt32
    private let scriptFlags: UInt32
    private let extendedFlags: UInt64
    private let attributes: AttributeStack
    private let selectedGroups: [(group: ByteString, id: Int)]
    private let advertisedHost: ByteString?
    private let advertisedPort: UInt16
    private let protocolForLargeRequests: TransportProtocol?
    private let returnCode: Int
    private let edits: EditList?
    private let replyHeaders: ByteString
    private let replyBody: ByteString
    private let replyBodyType: ByteString
    private let options: RouteContext.Options
    private let computedArguments: [Value]
    private let transaction: UInt64
    private let branchIndex: Int
    private let moduleState: [(key: ObjectIdentifier, value: AnyObject)]

    /// Takes everything out of `route`, which is then free for another message. A test compares the list with the
    /// context's properties.
    public init(takingFrom route: RouteContext) {
        let message = route.message
        let headers = route.replyHeaders
        let body = route.replyBody
        self.buffer = ByteBuffer(message.span)
        self.arrival = route.arrival
        self.program = route.program
        self.number = route.number
        self.routeKind = route.routeKind
        self.execution = route.execution
        self.logRule = route.logRule
        self.tracer = route.tracer
        self.target = route.target
        self.branches = route.branches.map { $0 }
        self.isTargetConsumed = route.isTargetConsumed
        self.flags = route.flags
        self.scriptFlags = route.scriptFlags
        self.extendedFlags = route.extendedFlags
        self.attributes = route.attributes
        self.selectedGroups = route.selectedGroups
        self.advertisedHost = route.advertisedHost
        self.advertisedPort = route.advertisedPort
        self.protocolForLargeRequests = route.protocolForLargeRequests
        self.returnCode = route.returnCode
        self.edits = route.edits.isEmpty ? nil : EditList(copying: route.edits)
        self.replyHeaders = ByteString(headers.span)
        self.replyBody = ByteString(body.span)
        self.replyBodyType = route.replyBodyType
        self.options = route.options
        self.computedArguments = route.computedArguments.map { $0 }
        self.transaction = route.transaction
        self.branchIndex = route.branchIndex
        self.moduleState = route.takeModuleState()
        // The machine's state goes along whole; the next message of this context gets a new one.
        route.execution = nil
    }

    /// Puts everything into `route`, which was reset for the message in `buffer`.
    public func restore(to route: RouteContext) {
        route.putNumber(self.number)
        route.routeKind = self.routeKind
        route.execution = self.execution
        route.logRule = self.logRule
        route.tracer = self.tracer
        route.target = self.target
        route.branches = self.branches
        route.isTargetConsumed = self.isTargetConsumed
        route.flags = self.flags
        route.scriptFlags = self.scriptFlags
        route.extendedFlags = self.extendedFlags
        route.attributes = self.attributes
        route.selectedGroups = self.selectedGroups
        route.advertisedHost = self.advertisedHost
        route.advertisedPort = self.advertisedPort
        route.protocolForLargeRequests = self.protocolForLargeRequests
        route.returnCode = self.returnCode
        if let edits = self.edits { route.edits.copy(from: edits) }
        route.replyHeaders.removeAll()
        route.replyHeaders.append(self.replyHeaders)
        route.replyBody.removeAll()
        route.replyBody.append(self.replyBody)
        route.replyBodyType = self.replyBodyType
        route.options = self.options
        route.computedArguments = self.computedArguments
        route.transaction = self.transaction
        route.branchIndex = self.branchIndex
        route.putModuleState(self.moduleState)
        route.invalidateRequestURI()
    }
}
