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
    /// Token of the script that was suspended last.
    public private(set) var token: BenchToken?
    /// Scripts that were suspended, or are about to be, each with who wakes it; `ScriptBench` takes them out.
    public var tokens: [(token: BenchToken, context: RouteContext)] = []
    weak var bench: ModuleBench?
    var bank = CounterBank(capacity: 1)

    public var host: any ModuleHost { self.bench ?? ModuleBench() }
    public var currentProgram: (any RouteProgram)? { self.bench?.script ?? self.bench?.program }
    /// Values that the message being routed sees; nil: those of this moment.
    var held: ConfigurationSnapshot?
    public var configuration: ConfigurationSnapshot? { self.held ?? self.currentProgram?.configuration?.snapshot }
    public func outgoing() -> ByteBuffer { ByteBuffer(capacity: 1024) }

    public func send(_ buffer: ByteBuffer, to destination: Destination, token: UInt64) -> Bool {
        guard self.canSend else { return false }
        self.sent.append(Sent(text: ByteString(buffer.span), destination: destination, token: token))
        return true
    }

    /// Host names have to be looked up; else they are no addresses.
    public var asksForNames = false

    public func nextHop(for uri: Span<UInt8>, range: ByteRange, socket: ListenSocket?) -> NextHopAnswer {
        guard let parsed = SIPURI(uri, range) else { return .unreachable(.badURI) }
        guard let ip = parsed.hostAddress(uri) else {
            guard self.asksForNames else { return .unreachable(.badURI) }
            return .needsLookup(
                NextHopQuery(
                    host: ByteString(uri, parsed.host), port: parsed.port, transport: parsed.transport,
                    isSecure: parsed.isSecure, socket: socket))
        }
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
    public func suspend(_ context: RouteContext) -> any ResumeToken {
        let token = BenchToken()
        self.token = token
        self.tokens.append((token, context))
        return token
    }
    /// What modules may do with connections.
    public var connections: (any ConnectionControl)?
    /// What `finish` does.
    public var finishing: (RouteCall, RouteContext) -> RouteResult? = { _, _ in nil }
    public func finish(_ call: RouteCall, in context: RouteContext) -> RouteResult? { self.finishing(call, context) }
    public func count(_ counter: CounterID, _ amount: Int) { self.bank.add(at: Int(counter.index), amount) }

    /// Moves the clock.
    public func advance(seconds: Int) { self.now = self.now + .seconds(seconds) }
}

/// Remembers with what it was woken first.
public final class BenchToken: ResumeToken {
    private let woken = Lock<ResumeResult?>(nil)
    public init() {}
    public var result: ResumeResult? { self.woken.withLock { $0 } }
    public func resume(_ result: ResumeResult) { self.woken.withLock { $0 = $0 ?? result } }
}

/// The program of a `ModuleBench`: routes are names with numbers.
public final class BenchProgram: RouteProgram, @unchecked Sendable {  // a test uses it on one thread
    public func isLogging(_ level: LogLevel) -> Bool { self.logger.isOn(level) }
    public let logger: Logger
    public var hooks = ProgramHooks([])
    public var configuration: ConfigurationRegistry?
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
    /// Lines of a message with its Call-ID in front.
    var wantsCallIDs = false
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, callID: Span<UInt8>, text: Span<UInt8>) {
        self.lines.append("\(ByteString(callID)) \(level.label): \(ByteString(text))")
    }
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {
        self.lines.append("\(level.label): \(ByteString(text))")
    }
}

/// Understands text with `$avp(name)`, `$avp(i:5)`, `$var(name)` and `$ru` in it.
final class BenchCompiler: ScriptCompiling {
    func format(_ text: ByteString) throws -> FormatString {
        var pieces: [FormatString.Piece] = []
        var rest = text.bytes[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")), let end = Self.end(of: dollar, in: rest) {
            if dollar > rest.startIndex { pieces.append(.literal(ByteString(Array(rest[..<dollar])))) }
            pieces.append(.variable(try self.variable(ByteString(Array(rest[dollar..<end])))))
            rest = rest[end...]
        }
        if !rest.isEmpty || pieces.isEmpty { pieces.append(.literal(ByteString(Array(rest)))) }
        return FormatString(pieces)
    }

    /// Where the variable that begins at `dollar` is over; nil when none begins there.
    private static func end(of dollar: Int, in bytes: ArraySlice<UInt8>) -> Int? {
        let text = String(decoding: bytes[dollar...], as: UTF8.self)
        if text.hasPrefix("$ru") { return dollar + 3 }
        guard text.hasPrefix("$avp(") || text.hasPrefix("$var(") else { return nil }
        return bytes[dollar...].firstIndex(of: UInt8(ascii: ")")).map { $0 + 1 }
    }

    func variable(_ text: ByteString) throws -> VariableReference {
        let word = text.string
        if word == "$ru" {
            return VariableReference(
                text: word, name: "ru", index: .none, transforms: [],
                access: VariableAccess(read: { route, _ in route.requestURI }))
        }
        guard word.hasPrefix("$avp(") || word.hasPrefix("$var("), word.hasSuffix(")") else {
            throw ArgumentError("unknown variable \(word)")
        }
        let isVariable = word.hasPrefix("$var(")
        let name = Self.name(String(word.dropFirst(5).dropLast()), isVariable: isVariable)
        return VariableReference(
            text: word, name: isVariable ? "var" : "avp", index: .none, transforms: [],
            access: VariableAccess(
                read: { route, index in
                    // Asked for a value beyond the last, a stack has to say that there is none.
                    var position = 0
                    if case .at(let number) = index { position = number }
                    let value = route.attributes.value(name, at: position)
                    return isVariable && value.isNull ? .int(0) : value
                },
                write: { route, _, value in
                    if isVariable || value.isNull { route.attributes.remove(name) }
                    if !value.isNull { route.attributes.push(name, route.stored(value)) }
                    return true
                }))
    }

    private static func name(_ text: String, isVariable: Bool) -> AttributeName {
        if isVariable { return .text(ByteString("var " + text)) }
        if text.hasPrefix("i:"), let number = Int(text.dropFirst(2)) { return .number(number) }
        return .text(ByteString(text.hasPrefix("s:") ? String(text.dropFirst(2)) : text))
    }

    func variableSlot(_ name: ByteString) -> Int { 0 }
    func flag(_ text: ByteString) -> Int? { Int(text.string) }
    func customParameter(_ group: ByteString, _ name: ByteString) -> CustomParameter? { nil }
    func define(_ name: ByteString) -> ByteString? { nil }
    let configuration: ConfigurationRegistry?

    init(configuration: ConfigurationRegistry) { self.configuration = configuration }
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
