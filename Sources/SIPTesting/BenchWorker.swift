import Bytes
import ModuleKit
import SIPMessage

/// The worker of a `ModuleBench`: keeps what is sent, and its clock stands still.
public final class BenchWorker: WorkerServices {
    public struct Sent {
        public var text: ByteString
        public var destination: Destination
        public var token: UInt64
    }

    public let index = 0
    public var now = Instant(milliseconds: 1_000_000)
    public let variables = WorkerVariables()
    public var sent: [Sent] = []
    /// What `send` answers.
    public var canSend = true
    /// Routes that modules asked to run.
    public var scheduled: [(call: RouteCall, context: RouteContext)] = []
    /// What modules want to be woken for, and when.
    public var wakes: [(after: Interval, code: Int, token: any ResumeToken)] = []
    /// What modules want done later.
    public var errands: [(after: Interval, body: @Sendable (any WorkerServices) -> Void)] = []
    weak var bench: ModuleBench?
    var bank = CounterBank(capacity: 1)

    public var host: any ModuleHost { self.bench ?? ModuleBench() }
    public func outgoing() -> ByteBuffer { ByteBuffer(capacity: 1024) }

    public func send(_ buffer: ByteBuffer, to destination: Destination, token: UInt64) -> Bool {
        guard self.canSend else { return false }
        self.sent.append(Sent(text: ByteString(buffer.span), destination: destination, token: token))
        return true
    }

    public func nextHop(for uri: Span<UInt8>, range: ByteRange, socket: ListenSocket?) -> NextHopAnswer {
        guard let parsed = SIPURI(uri, range), let ip = parsed.hostAddress(uri) else { return .unreachable(.badURI) }
        let transport = parsed.transport ?? .udp
        return .destination(
            Destination(
                transport: transport, address: SocketAddress(ip: ip, port: UInt16(clamping: parsed.effectivePort)),
                socket: socket ?? self.host.socket(for: transport, isIPv6: ip.isIPv6)))
    }

    public func makeContext(_ bytes: Span<UInt8>, arrival: Arrival, program: any RouteProgram) -> RouteContext? {
        Message(bytes).map { RouteContext(message: $0, arrival: arrival, worker: self, program: program) }
    }

    public func recycle(_ context: RouteContext) {}
    public func schedule(_ call: RouteCall, in context: RouteContext) { self.scheduled.append((call, context)) }
    public func suspend(_ context: RouteContext) -> any ResumeToken { IdleToken() }
    public func count(_ counter: CounterID, _ amount: Int) { self.bank.add(at: Int(counter.index), amount) }

    /// Moves the clock.
    public func advance(seconds: Int) { self.now = self.now + .seconds(seconds) }
}

private final class IdleToken: ResumeToken {
    func resume(_ result: ResumeResult) {}
}

/// The program of a `ModuleBench`: routes are names with numbers.
public final class BenchProgram: RouteProgram, @unchecked Sendable {  // a test uses it on one thread
    public let logger: Logger
    public var hooks = ProgramHooks([])
    /// Names of routes that exist; a route's number is its position.
    public var routes: [ByteString] = []

    init(logger: Logger) { self.logger = logger }

    public func route(_ kind: RouteKinds, named name: ByteString) -> RouteID {
        self.routes.firstIndex(of: name).map { RouteID(index: $0) } ?? .none
    }
    public func name(of route: RouteID) -> ByteString { route.isPresent ? self.routes[Int(route.index)] : ByteString() }
    public func logPrefix(for context: RouteContext) -> ByteString { ByteString() }
}

final class BenchLog: LogSink, @unchecked Sendable {  // a test uses it on one thread
    var lines: [String] = []
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {
        self.lines.append("\(level.label): \(ByteString(text))")
    }
}

/// Understands literals, and `$avp(name)` as a variable.
final class BenchCompiler: ScriptCompiling {
    func format(_ text: ByteString) throws -> FormatString { FormatString([.literal(text)]) }

    func variable(_ text: ByteString) throws -> VariableReference {
        let word = text.string
        guard word.hasPrefix("$avp("), word.hasSuffix(")") else { throw ArgumentError("unknown variable \(word)") }
        let name = AttributeName.text(ByteString(String(word.dropFirst(5).dropLast())))
        return VariableReference(
            text: word, name: "avp", index: .none, transforms: [],
            access: VariableAccess(
                read: { route, _ in route.attributes.value(name) },
                write: { route, _, value in
                    route.attributes.push(name, route.stored(value))
                    return true
                }))
    }

    func variableSlot(_ name: ByteString) -> Int { 0 }
    func flag(_ text: ByteString) -> Int? { Int(text.string) }
    func customParameter(_ group: ByteString, _ name: ByteString) -> CustomParameter? { nil }
    func define(_ name: ByteString) -> ByteString? { nil }
}

enum BenchText {
    static func address(_ text: String) -> SocketAddress? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            let ip = IPAddress(String(text[..<colon]))
        else { return nil }
        return SocketAddress(ip: ip, port: port)
    }

    static func socket(_ text: String) -> (TransportProtocol, SocketAddress)? {
        guard let colon = text.firstIndex(of: ":"),
            let address = self.address(String(text[text.index(after: colon)...]))
        else {
            return nil
        }
        let name = ByteString(String(text[..<colon]))
        return TransportProtocol(parsing: name.span, ByteRange(start: 0, count: name.count)).map { ($0, address) }
    }

    /// The text with CRLF line ends and, where it lacks one, the empty line that ends the header.
    static func lines(_ text: String) -> String {
        var result = ""
        for character in text { result += character == "\n" ? "\r\n" : String(character) }
        if !result.contains("\r\n\r\n") { result += result.hasSuffix("\r\n") ? "\r\n" : "\r\n\r\n" }
        return result
    }
}

extension String {
    /// The text with plain line ends.
    public var replacingCRLF: String {
        String(decoding: self.utf8.filter { $0 != 13 }, as: UTF8.self)
    }
}
