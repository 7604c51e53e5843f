import Bytes
import ModuleKit
import SIPMessage

@testable import RouteScript

/// A server for tests of the machine: one worker, no sockets but a listed one, everything on one thread.
final class ScriptHost: ModuleHost, @unchecked Sendable {  // a test uses it on one thread
    let workerCount = 1
    let settings = CoreSettings()
    let logger: Logger
    let counters = CounterRegistry()
    let sockets: [ListenSocket]
    let startTime = 0
    let commandNames: [String] = []
    let sink = LineSink()
    /// What the functions of the test module saw, in order.
    var trace: [String] = []
    /// Set by `suspend_once()`.
    var suspensions = 0
    weak var builder: ProgramBuilder?

    init() {
        self.logger = Logger(level: 0, sink: self.sink)
        self.sockets = [
            ListenSocket(
                index: 0, transport: .udp, address: SocketAddress(ip: IPAddress("192.0.2.9") ?? .anyIPv4, port: 5060))
        ]
    }

    var compiler: any ScriptCompiling { self.builder ?? ProgramBuilder(FrontEnd.parse(text: ""), moduleTypes: []) }

    func isMyself(_ span: Span<UInt8>, host: ByteRange, port: Int, transport: TransportProtocol?) -> Bool {
        IPAddress(span, host) == self.sockets[0].address.ip && (port == 0 || port == 5060)
    }
    func socket(for transport: TransportProtocol, isIPv6: Bool) -> ListenSocket? { nil }
    func socket(named text: ByteString) -> ListenSocket? { nil }
    func module<M: ServerModule>(_ type: M.Type) throws -> M {
        guard let module = self.builder?.module(ObjectIdentifier(type)) as? M else {
            throw ModuleError("load \(M.name) first")
        }
        return module
    }
    func shared<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State { make() }
    func resolve(_ query: NextHopQuery, then token: any ResumeToken) {}
    func runBlocking(_ work: @escaping @Sendable () -> Void) {}
    func call(_ command: String, _ parameters: [RPCValue]) throws(RPCFault) -> [RPCValue] {
        throw RPCFault(500, "no commands")
    }
    func addControlListener(_ listener: ControlListener) {}
}

final class LineSink: LogSink, @unchecked Sendable {  // a test uses it on one thread
    var lines: [String] = []
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {
        self.lines.append("\(level.label): \(ByteString(prefix))\(ByteString(text))")
    }
}

final class ScriptWorker: WorkerServices {
    let index = 0
    let now = Instant(milliseconds: 0)
    let host: any ModuleHost
    let variables = WorkerVariables()

    init(_ host: ScriptHost) { self.host = host }

    func outgoing() -> ByteBuffer { ByteBuffer(capacity: 64) }
    func send(_ buffer: ByteBuffer, to destination: Destination, token: UInt64) -> Bool { false }
    func nextHop(for uri: Span<UInt8>, range: ByteRange, socket: ListenSocket?) -> NextHopAnswer {
        .unreachable(.badURI)
    }
    func makeContext(_ bytes: Span<UInt8>, arrival: Arrival, program: any RouteProgram) -> RouteContext? { nil }
    func recycle(_ context: RouteContext) {}
    func schedule(_ call: ModuleKit.RouteCall, in context: RouteContext) {}
    func suspend(_ context: RouteContext) -> any ResumeToken { SilentToken() }
    func count(_ counter: CounterID, _ amount: Int) {}
}

final class SilentToken: ResumeToken {
    func resume(_ result: ResumeResult) {}
}
