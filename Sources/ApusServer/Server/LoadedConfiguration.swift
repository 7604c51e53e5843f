import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

/// One loaded configuration together with the view of the server that its modules have.
final class LoadedConfiguration: Sendable {
    let program: Program
    let host: ProgramHost
    /// Kept for modules that compile formats later.
    private let builder: ProgramBuilder

    init(program: Program, host: ProgramHost, builder: ProgramBuilder) {
        self.program = program
        self.host = host
        self.builder = builder
    }
}

/// The server as the modules of one configuration see it: its own settings, its own modules, everything else shared.
final class ProgramHost: ModuleHost {
    let server: Server
    let settings: CoreSettings
    let compiler: any ScriptCompiling
    let workerCount: Int
    private let findModule: @Sendable (ObjectIdentifier) -> (any ServerModule)?
    private let commands = Lock<[String: RPCCommand]>([:])

    init(
        server: Server, settings: CoreSettings, workerCount: Int, compiler: any ScriptCompiling,
        findModule: @escaping @Sendable (ObjectIdentifier) -> (any ServerModule)?
    ) {
        self.server = server
        self.settings = settings
        self.workerCount = workerCount
        self.compiler = compiler
        self.findModule = findModule
    }

    var logger: Logger { self.server.logger }
    var counters: CounterRegistry { self.server.counters }
    var sockets: [ListenSocket] { self.server.sockets.sockets }
    var startTime: Int { self.server.startTime }

    func isMyself(_ span: Span<UInt8>, host: ByteRange, port: Int, transport: TransportProtocol?) -> Bool {
        self.server.sockets.isMyself(span, host: host, port: port, transport: transport)
    }
    func socket(for transport: TransportProtocol, isIPv6: Bool) -> ListenSocket? {
        self.server.sockets.socket(for: transport, isIPv6: isIPv6)
    }
    func socket(named text: ByteString) -> ListenSocket? { self.server.sockets.socket(named: text) }

    func module<M: ServerModule>(_ type: M.Type) throws -> M {
        guard let module = self.findModule(ObjectIdentifier(type)) as? M else {
            throw ModuleError("needs module \(M.name): add loadmodule \"\(M.name).so\"")
        }
        return module
    }

    func shared<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State {
        self.server.shared(name, make)
    }
    func resolve(_ query: NextHopQuery, then token: any ResumeToken) { self.server.resolve(query, then: token) }
    func wake(_ token: any ResumeToken, after interval: Interval, code: Int) {
        self.server.wake(token, after: interval, code: code)
    }
    func perform(after interval: Interval, _ body: @escaping @Sendable (any WorkerServices) -> Void) {
        self.server.perform(after: interval, body)
    }
    func addresses(of host: ByteString, then token: any ResumeToken) {
        if let world = self.server.world {
            let addresses = world.addresses(of: host)
            return token.resume(ResumeResult(code: addresses.isEmpty ? -1 : 1, payload: addresses))
        }
        self.server.resolver.resolve(host, on: { $0() }) { answer in
            guard case .success(let addresses) = answer, !addresses.isEmpty else {
                return token.resume(ResumeResult(code: -1))
            }
            token.resume(ResumeResult(code: 1, payload: addresses))
        }
    }
    func name(of address: IPAddress, then token: any ResumeToken) {
        // No address of a simulation has a name.
        if self.server.world != nil { return token.resume(ResumeResult(code: -1)) }
        self.server.blocking.run {
            guard let name = HostLookup.name(of: address) else { return token.resume(ResumeResult(code: -1)) }
            token.resume(ResumeResult(code: 1, payload: name))
        }
    }
    func runBlocking(_ work: @escaping @Sendable () -> Void) {
        // A simulation is one thread, and whatever it waits for stands still.
        if self.server.world != nil { work() } else { self.server.blocking.run(work) }
    }

    /// Makes the commands of the loaded modules callable.
    func install(_ commands: [RPCCommand]) {
        self.commands.withLock { table in
            for command in commands { table[command.name] = command }
        }
    }

    func call(_ command: String, _ parameters: [RPCValue]) throws(RPCFault) -> [RPCValue] {
        guard let known = self.commands.withLock({ $0[command] }) else {
            throw RPCFault(500, "command \(command) not found")
        }
        return try known.body(RPCRequest(parameters: parameters, host: self))
    }

    var commandNames: [String] { self.commands.withLock { $0.keys.sorted() } }
    func command(named name: String) -> RPCCommand? { self.commands.withLock { $0[name] } }

    func addControlListener(_ listener: ControlListener) {
        if self.server.world == nil { self.server.control.add(listener) }
    }
}
