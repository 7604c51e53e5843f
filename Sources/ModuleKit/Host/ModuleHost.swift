import Bytes
import SIPMessage

/// What the server offers to modules, whatever thread they are on.
public protocol ModuleHost: AnyObject, Sendable {
    var workerCount: Int { get }
    var settings: CoreSettings { get }
    /// The same, for whoever asks for each message.
    var sharedSettings: SharedSettings { get }
    var logger: Logger { get }
    var counters: CounterRegistry { get }
    var sockets: [ListenSocket] { get }
    var startTime: Int { get }
    /// Bytes of memory that the system lets the server have: the least that its control group, `ulimit` and the machine
    /// allow. `Int.max` where nobody knows, and in simulations.
    var memoryLimit: Int { get }

    /// Whether host, port (0: any) and protocol (nil: any) name this server: its sockets, aliases, and what modules
    /// add (`domain`).
    func isMyself(_ span: Span<UInt8>, host: ByteRange, port: Int, transport: TransportProtocol?) -> Bool
    /// The socket to send from when nothing asks for another: same protocol and family, the first one listed.
    func socket(for transport: TransportProtocol, isIPv6: Bool) -> ListenSocket?
    /// The socket that `text` names: `udp:192.0.2.1:5060`, `192.0.2.1:5060`, or the name of a listen line.
    func socket(named text: ByteString) -> ListenSocket?

    /// The loaded module of that type.
    /// - Throws: `ModuleError` naming the module to load.
    func module<M: ServerModule>(_ type: M.Type) throws -> M
    /// State that survives reloads of the configuration: made once by whoever asks first.
    func shared<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State
    /// State of this configuration alone, which ends with it: made once by whoever asks first. Where its modules meet
    /// that cannot import each other.
    func own<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State
    /// Compiler of formats and variables that parameters contain. Usable in `init` of a module.
    var compiler: any ScriptCompiling { get }

    /// Looks the name up without blocking the caller and resumes `token` with a `Destination` as payload, or with a
    /// negative code.
    func resolve(_ query: NextHopQuery, then token: any ResumeToken)
    /// Looks up the addresses of a host name without blocking the caller and resumes `token` with 1 and `[IPAddress]`,
    /// best first, as payload, or with a negative code. An address written out is its own answer.
    func addresses(of host: ByteString, then token: any ResumeToken)
    /// Looks up the name that belongs to an address without blocking the caller and resumes `token` with 1 and a
    /// `ByteString` as payload, or with a negative code.
    func name(of address: IPAddress, then token: any ResumeToken)
    /// Answers look-ups of `host` with these addresses from now on, for `lifetime` or for good (nil); none: the name is
    /// known to have none.
    func remember(_ addresses: [IPAddress], of host: ByteString, for lifetime: Interval?)
    /// Looks up records of one type and name without blocking the caller and resumes `token` with 1 and a `DNSAnswer` as
    /// payload, or with a negative code when there are none.
    func records(_ question: DNSQuestion, then token: any ResumeToken)
    /// Answers a question with these records from now on, as `remember` does for addresses.
    func remember(_ records: [DNSData], of question: DNSQuestion, for lifetime: Interval?)
    /// Has answers hold for so many seconds whatever servers say; 0: as they say.
    func forceNameLifetime(_ seconds: Int)
    /// Changes how names are looked up and destinations blocked, from now on.
    func changeNaming(_ body: (inout NameParameter.Settings) -> Void)
    /// Destinations to leave alone.
    var blocklist: DestinationBlocklist { get }
    /// Names that count as this server, from the configuration and from its sockets.
    var aliases: [HostAlias] { get }
    /// What answers in place of servers outside in a simulation; nil: they are asked.
    var outside: (any OutsideWorld)? { get }
    /// Runs `work` on a thread that may block, never on a worker.
    func runBlocking(_ work: @escaping @Sendable () -> Void)
    /// Resumes `token` on an event worker with `code` once `interval` has passed: never early, a few milliseconds late.
    ///
    /// Any `ResumeToken` will do, so this serves as a timer for modules too. It cannot be taken back: a token that is
    /// woken otherwise meanwhile ignores it. Those that wait cost memory only; what comes due together is spread over
    /// the event workers, each of which looks after its connections in between. When the server stops they are
    /// forgotten. From any thread.
    /// - Complexity: O(1), one short lock.
    func wake(_ token: any ResumeToken, after interval: Interval, code: Int)
    /// Has an event worker run `body` once `interval` has passed, as `wake` does; zero: with its next batch. From any
    /// thread.
    func perform(after interval: Interval, _ body: @escaping @Sendable (any WorkerServices) -> Void)
    /// Answers an RPC command as a client would get it.
    func call(_ command: String, _ parameters: [RPCValue]) throws(RPCFault) -> [RPCValue]
    /// Begins an RPC command, whose answer may come later; blocks nobody.
    func begin(_ command: String, _ parameters: [RPCValue]) -> RPCAnswer
    /// Names of all RPC commands, sorted.
    var commandNames: [String] { get }
    /// What is declared of an RPC command; nil: there is none of that name.
    func command(named name: String) -> RPCCommand?
    /// Serves RPC where the listener says: the server reads and writes, the listener's handler frames the bytes.
    func addControlListener(_ listener: ControlListener)
}

extension ModuleHost {
    /// For hosts that have one configuration.
    public func own<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State {
        self.shared("own." + name, make)
    }

    public var memoryLimit: Int { .max }

    /// For hosts that do not tell.
    public func command(named name: String) -> RPCCommand? { nil }

    /// For hosts whose commands all answer at once.
    public func begin(_ command: String, _ parameters: [RPCValue]) -> RPCAnswer {
        let answer = RPCAnswer()
        do throws(RPCFault) {
            answer.give(try self.call(command, parameters))
        } catch {
            answer.refuse(error)
        }
        return answer
    }

    /// For hosts without a clock: at once.
    public func wake(_ token: any ResumeToken, after interval: Interval, code: Int) {
        token.resume(ResumeResult(code: code))
    }

    /// For hosts without workers of their own: never.
    public func perform(after interval: Interval, _ body: @escaping @Sendable (any WorkerServices) -> Void) {}

    /// Hosts without a resolver remember nothing.
    public func remember(_ addresses: [IPAddress], of host: ByteString, for lifetime: Interval?) {}
    public var aliases: [HostAlias] { [] }
    public func remember(_ records: [DNSData], of question: DNSQuestion, for lifetime: Interval?) {}
    public func forceNameLifetime(_ seconds: Int) {}
    public func changeNaming(_ body: (inout NameParameter.Settings) -> Void) {}
    public func records(_ question: DNSQuestion, then token: any ResumeToken) {
        token.resume(ResumeResult(code: -1))
    }
    public var blocklist: DestinationBlocklist {
        self.shared("core.blocklist") { DestinationBlocklist() }
    }
    /// Hosts without a resolver know no names.
    public func addresses(of host: ByteString, then token: any ResumeToken) {
        token.resume(ResumeResult(code: -1))
    }
    public func name(of address: IPAddress, then token: any ResumeToken) { token.resume(ResumeResult(code: -1)) }
}

/// A name that counts as this server.
public struct HostAlias: Sendable, Equatable {
    public var host: ByteString
    /// 0 matches any port.
    public var port: UInt16
    /// nil matches any protocol.
    public var transport: TransportProtocol?

    public init(host: ByteString, port: UInt16 = 0, transport: TransportProtocol? = nil) {
        self.host = host
        self.port = port
        self.transport = transport
    }
}

/// Turns text in parameters and arguments into what runs: formats, variables, regular expressions.
public protocol ScriptCompiling: AnyObject, Sendable {
    /// - Throws: `ArgumentError` naming the unknown variable and the nearest known one.
    func format(_ text: ByteString) throws -> FormatString
    /// A single variable, with or without index and transformations: `$avp(x)`, `$(ru{uri.host})`.
    func variable(_ text: ByteString) throws -> VariableReference
    /// Slot of `$var(name)`; the same name gives the same slot.
    func variableSlot(_ name: ByteString) -> Int
    /// Number of a flag given by number or by the name that `flags` declared; nil when it is neither.
    func flag(_ text: ByteString) -> Int?
    /// The custom parameter `group.name` that the configuration declared, or nil.
    func customParameter(_ group: ByteString, _ name: ByteString) -> CustomParameter?
    /// All custom parameters, in the order in which the configuration declared them.
    var customParameters: [CustomParameter] { get }
    /// The value of a preprocessor define, or nil.
    func define(_ name: ByteString) -> ByteString?
    /// What a select names: `cfg_get.group.name`, `via[1].host`.
    /// - Throws: `ArgumentError` when it names nothing.
    func select(_ path: ByteString) throws(ArgumentError) -> @Sendable (RouteContext) -> Value
    /// Bit of the attribute flag with that number, or with the name that `avpflags` declared; nil when it is neither.
    func attributeFlag(_ text: ByteString) -> Int?
    /// The value of a variable of the environment, or nil.
    func environment(_ name: ByteString) -> ByteString?
    /// The variables that texts and expressions compiled so far use, each spelling once: what a debugger shows.
    var knownVariables: [VariableReference] { get }
    /// Where what may change at run time is declared; nil where nothing does.
    var configuration: ConfigurationRegistry? { get }
    /// Where the call or the variable that is being compiled stands; nil outside routes.
    var place: ScriptPlace? { get }
}

/// A place in the configuration.
public struct ScriptPlace: Sendable {
    /// Path of the file as it was opened.
    public var file: String
    /// From 1.
    public var line: Int
    /// Name of the route block as log lines show it: `DEFAULT_ROUTE`, `RELAY`.
    public var route: String

    public init(file: String, line: Int, route: String) {
        self.file = file
        self.line = line
        self.route = route
    }
}

extension ScriptCompiling {
    public func select(_ path: ByteString) throws(ArgumentError) -> @Sendable (RouteContext) -> Value {
        throw ArgumentError("there is no select \(path)")
    }

    public func attributeFlag(_ text: ByteString) -> Int? { self.flag(text) }

    public func environment(_ name: ByteString) -> ByteString? {
        ProcessEnvironment.value(name.string).map { ByteString($0) }
    }

    public var place: ScriptPlace? { nil }
    public var customParameters: [CustomParameter] { [] }
    public var configuration: ConfigurationRegistry? { nil }
    public var knownVariables: [VariableReference] { [] }
}

extension ModuleHost {
    public var sharedSettings: SharedSettings { SharedSettings(self.settings) }
}
