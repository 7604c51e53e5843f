import Bytes

/// A value in an RPC call or answer. Structs keep the order of their members, and a name may repeat.
public indirect enum RPCValue: Sendable, Equatable {
    case null
    case int(Int)
    case double(Double)
    case text(ByteString)
    case array([RPCValue])
    case structure([Member])

    public struct Member: Sendable, Equatable {
        public var name: String
        public var value: RPCValue
        public init(_ name: String, _ value: RPCValue) {
            self.name = name
            self.value = value
        }
    }

    public static func string(_ text: String) -> RPCValue { .text(ByteString(text)) }
    public static func structure(_ members: KeyValuePairs<String, RPCValue>) -> RPCValue {
        .structure(members.map { Member($0.key, $0.value) })
    }
}

/// The error answer of an RPC call.
public struct RPCFault: Error, Sendable, Equatable {
    public var code: Int
    public var text: String
    public init(_ code: Int, _ text: String) {
        self.code = code
        self.text = text
    }

    /// A parameter that is missing, or is of another type than the command takes.
    public static func parameter(_ index: Int, _ problem: String) -> RPCFault {
        RPCFault(400, "\(Self.parameterMark)\(index): \(problem)")
    }

    /// Whether it is about a parameter that is missing or of another type: JSON-RPC has words of its own for that.
    public var isAboutParameter: Bool { self.code == 400 && self.text.hasPrefix(Self.parameterMark) }

    private static let parameterMark = "error at parameter "
}

/// The parameters of one RPC call.
public struct RPCRequest: Sendable {
    public var parameters: [RPCValue]
    public let host: any ModuleHost

    public init(parameters: [RPCValue], host: any ModuleHost) {
        self.parameters = parameters
        self.host = host
    }

    public func has(_ index: Int) -> Bool { index < self.parameters.count }

    /// The parameter as text; numbers are converted.
    public func text(_ index: Int) throws(RPCFault) -> ByteString {
        guard index < self.parameters.count else { throw self.missing(index, "string") }
        switch self.parameters[index] {
        case .text(let text): return text
        case .int(let number): return ByteString(decimal: number)
        case .double(let number): return ByteString("\(number)")
        case .null, .array, .structure: throw RPCFault.parameter(index, "expected string type")
        }
    }

    /// The parameter as an integer; text that spells one is converted.
    public func int(_ index: Int) throws(RPCFault) -> Int {
        guard index < self.parameters.count else { throw self.missing(index, "int") }
        switch self.parameters[index] {
        case .int(let number): return number
        case .double(let number):
            guard let whole = Int(exactly: number.rounded()) else {
                throw RPCFault.parameter(index, "expected int type")
            }
            return whole
        case .text(let text):
            guard let number = Int(text.string) else {
                throw RPCFault.parameter(index, "expected int type")
            }
            return number
        case .null, .array, .structure: throw RPCFault.parameter(index, "expected int type")
        }
    }

    private func missing(_ index: Int, _ type: String) -> RPCFault {
        .parameter(index, "expected \(type) type but end of packet encountered")
    }
}

/// A command that control clients can call.
public struct RPCCommand: Sendable {
    public var name: String
    public var summary: String
    /// The answer is a list even when it holds one value.
    public var returnsArray: Bool
    public var body: @Sendable (RPCRequest) throws(RPCFault) -> [RPCValue]
    /// It reloads something: `rpc_exec_delta` keeps its runs apart.
    public var isReload = false
    /// Set of a command that has to wait for something: takes the place of `body`, must not block, and gives its
    /// answer within 90 seconds.
    public var later: (@Sendable (RPCRequest, RPCAnswer) -> Void)?

    public init(
        _ name: String, returnsArray: Bool = false, isReload: Bool = false, _ summary: String,
        body: @escaping @Sendable (RPCRequest) throws(RPCFault) -> [RPCValue]
    ) {
        self.name = name
        self.summary = summary
        self.returnsArray = returnsArray
        self.isReload = isReload
        self.body = body
    }

    /// A command whose answer comes later; see `later`.
    public static func waiting(
        _ name: String, _ summary: String, later: @escaping @Sendable (RPCRequest, RPCAnswer) -> Void
    ) -> RPCCommand {
        var command = RPCCommand(name, summary) { _ throws(RPCFault) in
            throw RPCFault(500, "command \(name) needs a client that waits")
        }
        command.later = later
        return command
    }
}
