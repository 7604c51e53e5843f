import Bytes
import ModuleKit
import SIPMessage

/// What the modules of a build declare, for reference pages, completion and hover texts.
public enum ModuleCatalogue {
    /// Makes each module of `types` once with its default settings and asks it what it declares. Nothing runs.
    /// - Returns: in alphabetical order.
    /// - Throws: `ModuleError` when a module cannot be made from its defaults.
    public static func describe(_ types: [ModuleType]) throws -> [DescribedModule] {
        try CatalogueHost(types).describeAll()
    }
}

private final class CatalogueHost: ModuleHost, @unchecked Sendable {  // used by one thread only
    private let types: [ModuleType]
    private var made: [(type: ModuleType, module: any ServerModule)] = []
    private var inProgress: Set<String> = []
    private var states: [String: any AnyObject & Sendable] = [:]

    init(_ types: [ModuleType]) { self.types = types }

    func describeAll() throws -> [DescribedModule] {
        for type in self.types { _ = try self.instance(of: type) }
        return self.made.map { DescribedModule($0.type, $0.module) }.sorted { $0.type.name < $1.type.name }
    }

    private func instance(of type: ModuleType) throws -> any ServerModule {
        if let known = self.made.first(where: { $0.type.name == type.name }) { return known.module }
        guard self.inProgress.insert(type.name).inserted else {
            throw ModuleError("modules need each other in a circle: \(type.name)")
        }
        let module = try type.make([], self)
        self.made.append((type, module))
        return module
    }

    var workerCount: Int { 1 }
    var settings: CoreSettings { CoreSettings() }
    let logger = Logger(level: -5, sink: SilentLog())
    let counters = CounterRegistry()
    var sockets: [ListenSocket] { [] }
    var startTime: Int { 0 }
    var commandNames: [String] { [] }
    let compiler: any ScriptCompiling = InertCompiler()

    func isMyself(_ span: Span<UInt8>, host: ByteRange, port: Int, transport: TransportProtocol?) -> Bool { false }
    func socket(for transport: TransportProtocol, isIPv6: Bool) -> ListenSocket? { nil }
    func socket(named text: ByteString) -> ListenSocket? { nil }

    func module<M: ServerModule>(_ type: M.Type) throws -> M {
        guard let wanted = self.types.first(where: { $0.name == M.name }),
            let module = try self.instance(of: wanted) as? M
        else { throw ModuleError("module \(M.name) is not in the list of standard modules") }
        return module
    }

    func shared<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State {
        if let known = self.states[name] as? State { return known }
        let state = make()
        self.states[name] = state
        return state
    }

    func resolve(_ query: NextHopQuery, then token: any ResumeToken) {}
    func runBlocking(_ work: @escaping @Sendable () -> Void) {}
    func call(_ command: String, _ parameters: [RPCValue]) throws(RPCFault) -> [RPCValue] {
        throw RPCFault(500, "nothing runs")
    }
    func addControlListener(_ listener: ControlListener) {}
}

private final class SilentLog: LogSink {
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {}
}

/// Accepts everything; what it makes is never evaluated.
private final class InertCompiler: ScriptCompiling {
    func format(_ text: ByteString) throws -> FormatString { FormatString([.literal(text)]) }
    func variable(_ text: ByteString) throws -> VariableReference {
        VariableReference(
            text: text.string, name: text.string, index: .none, transforms: [],
            access: VariableAccess(read: { _, _ in .null }, write: { _, _, _ in false }))
    }
    func variableSlot(_ name: ByteString) -> Int { 0 }
    func flag(_ text: ByteString) -> Int? { 0 }
    func customParameter(_ group: ByteString, _ name: ByteString) -> CustomParameter? { nil }
    func define(_ name: ByteString) -> ByteString? { nil }
}
