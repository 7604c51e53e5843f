import Bytes
import ModuleKit
import SIPMessage

/// A server that is not there: modules can be made and asked what they declare, nothing is sent, bound or started.
///
/// For checks of configurations without a server around them: editors, tests, fuzzing.
public final class CheckHost: ModuleHost, @unchecked Sendable {  // used on the thread that checks
    public let workerCount = 1
    public let settings: CoreSettings
    public let logger = Logger(level: -6, sink: SilentLog())
    public let counters = CounterRegistry()
    public let sockets: [ListenSocket]
    public let startTime = 0
    public let commandNames: [String] = []
    private var states: [String: any AnyObject & Sendable] = [:]
    private var builder: ProgramBuilder?
    /// Modules that are made when another one asks for them; without a builder.
    private let types: [ModuleType]
    private var made: [String: any ServerModule] = [:]
    private var inProgress: Set<String> = []

    /// - Parameter types: makes modules that need each other without any configuration (`instance(of:)`).
    public init(settings: CoreSettings = CoreSettings(), sockets: [ListenSocket] = [], types: [ModuleType] = []) {
        self.settings = settings
        self.sockets = sockets
        self.types = types
        _ = CoreCounters(self.counters)
    }

    /// The module with its default settings, made at the first call together with those that it needs.
    public func instance(of type: ModuleType) throws -> any ServerModule {
        if let known = self.made[type.name] { return known }
        guard self.inProgress.insert(type.name).inserted else {
            throw ModuleError("modules need each other in a circle: \(type.name)")
        }
        let module = try type.make([], self)
        self.made[type.name] = module
        return module
    }

    /// Lets modules compile with `builder` until `detach`; the two hold each other meanwhile.
    public func attach(_ builder: ProgramBuilder) { self.builder = builder }

    /// Lets go of modules and their state, which hold the host in turn.
    public func detach() {
        self.builder?.dismantle()
        self.builder = nil
        self.states = [:]
        self.made = [:]
    }

    public var compiler: any ScriptCompiling { self.builder ?? InertCompiler.shared }

    public func module<M: ServerModule>(_ type: M.Type) throws -> M {
        if let wanted = self.types.first(where: { $0.name == M.name }), let module = try self.instance(of: wanted) as? M
        {
            return module
        }
        guard let module = self.builder?.module(ObjectIdentifier(type)) as? M else {
            throw ModuleError("needs module \(M.name): add loadmodule \"\(M.name).so\"")
        }
        return module
    }

    public func shared<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State {
        if let known = self.states[name] as? State { return known }
        let state = make()
        self.states[name] = state
        return state
    }

    public func isMyself(_ span: Span<UInt8>, host: ByteRange, port: Int, transport: TransportProtocol?) -> Bool {
        self.sockets.contains { IPAddress(span, host) == $0.address.ip && (port == 0 || port == Int($0.address.port)) }
    }
    public func socket(for transport: TransportProtocol, isIPv6: Bool) -> ListenSocket? {
        self.sockets.first { $0.transport == transport && $0.address.ip.isIPv6 == isIPv6 }
    }
    public func socket(named text: ByteString) -> ListenSocket? { self.sockets.first { $0.socketName == text } }
    public func resolve(_ query: NextHopQuery, then token: any ResumeToken) { token.resume(ResumeResult(code: -1)) }
    public func runBlocking(_ work: @escaping @Sendable () -> Void) {}
    public func call(_ command: String, _ parameters: [RPCValue]) throws(RPCFault) -> [RPCValue] {
        throw RPCFault(500, "nothing runs")
    }
    public func addControlListener(_ listener: ControlListener) {}
}

private final class SilentLog: LogSink {
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {}
}

/// Accepts everything; what it makes is never evaluated.
private final class InertCompiler: ScriptCompiling {
    static let shared = InertCompiler()

    func format(_ text: ByteString) throws -> FormatString { FormatString([.literal(text)]) }
    func variable(_ text: ByteString) throws -> VariableReference {
        VariableReference(
            text: text.string, name: text.string, index: .none, transforms: [],
            access: VariableAccess(read: { _, _ in .null }, write: { _, _, _ in false }))
    }
    func variableSlot(_ name: ByteString) -> Int { 0 }
    func flag(_ text: ByteString) -> Int? { 0 }
    func customParameter(_ group: ByteString, _ name: ByteString) -> ModuleKit.CustomParameter? { nil }
    func define(_ name: ByteString) -> ByteString? { nil }
}
