/// What fuzzed bytes are given to. Nothing may trap, hang or fill the memory, whatever the bytes are.
public enum FuzzTarget: String, Sendable, CaseIterable {
    /// Preprocessor, lexer and parser, and the rendering of what they find.
    case frontend
    /// All of it up to the program, with the standard modules.
    case check
    /// The same, and then a message is run through the script, with little fuel.
    case machine

    /// A SIP message: all that it says, and all that is written from it.
    case message
    /// The bytes as the value of every field that is taken apart.
    case value
    /// A URI, or two with a blank between.
    case uri
    /// A stream cut into messages, whole and in pieces.
    case framing
    /// A stream of HTTP requests, whole and in pieces.
    case httpRequest = "http-request"
    /// A request at a glance beside the parser.
    case glance
    /// A message through the functions and variables of all modules.
    case functions
    /// A body of several parts, or a session description; its type comes from the first byte.
    case body
    /// Credentials and challenges.
    case digest

    /// The first bytes of a connection or datagram as a PROXY header.
    case proxy
    /// The answer of a name server; the first byte chooses what was asked.
    case dns
    /// Packets of the control socket.
    case rpc
    /// Documents of JSON-RPC in a stream, read, written, and carried out.
    case jsonrpc
    /// The header of an answer to an HTTP request.
    case http
    /// A regular expression, and a text behind the line end.
    case expression
    /// A row of the location table.
    case row
    /// A table in a text file, and SQL that is to be understood without a database.
    case table

    /// Several messages, one after the other, through a server with transactions, registrations and dialogs.
    case calls
    /// What modules load from databases and ask of them.
    case load
    /// Commands of the control socket with their arguments, carried out.
    case commands
    /// Files of the system and of modules: resolv.conf, hosts, rules of `permissions`.
    case files

    /// How inputs are changed.
    public enum Shape: Sendable { case script, message, calls, bytes }

    public var shape: Shape {
        switch self {
        case .frontend, .check, .machine: .script
        case .message, .framing, .httpRequest, .glance, .functions, .value, .uri, .digest, .body: .message
        case .calls: .calls
        case .proxy, .dns, .rpc, .jsonrpc, .http, .expression, .row, .table, .load, .commands, .files: .bytes
        }
    }

    /// Folders with inputs to begin with, from the root of the repository.
    public var folders: [String] {
        switch self {
        case .frontend, .check, .machine:
            ["Fuzz/Corpus/script", "Tests/Scripts", "Tests/Scripts/diagnostics"]
        case .message, .glance, .functions: ["Fuzz/Corpus/message", "Tests/Torture/messages"]
        case .framing: ["Fuzz/Corpus/framing", "Fuzz/Corpus/message", "Tests/Torture/messages"]
        case .calls: ["Fuzz/Corpus/calls", "Fuzz/Corpus/message"]
        default: ["Fuzz/Corpus/\(self.rawValue)"]
        }
    }

    /// Why the script of `functions` cannot be loaded; empty when all is well.
    public static var functionFailures: [String] { FunctionProgram.failures() }

    /// Runs a script as `machine` does. Whether its program is still there afterwards; nil when it was refused.
    public static func scriptRemains(_ bytes: [UInt8]) -> Bool? { ScriptTargets.remains(of: bytes) }

    public func run(_ bytes: [UInt8]) {
        switch self {
        case .frontend: ScriptTargets.parse(bytes)
        case .check: ScriptTargets.check(bytes)
        case .machine: ScriptTargets.execute(bytes)
        case .message: MessageTargets.read(bytes)
        case .value: MessageTargets.readValue(bytes)
        case .uri: MessageTargets.readURI(bytes)
        case .framing: StreamTargets.frame(bytes)
        case .httpRequest: HTTPTargets.frame(bytes)
        case .glance: NetworkTargets.glance(bytes)
        case .functions: FunctionTargets.run(bytes)
        case .body: FunctionTargets.readBody(bytes)
        case .digest: FunctionTargets.readDigest(bytes)
        case .proxy: NetworkTargets.readProxyHeader(bytes)
        case .dns: NetworkTargets.readAnswer(bytes)
        case .rpc: NetworkTargets.readPacket(bytes)
        case .jsonrpc: JSONTargets.run(bytes)
        case .http: NetworkTargets.readHTTPAnswer(bytes)
        case .expression: StoreTargets.match(bytes)
        case .row: StoreTargets.readRow(bytes)
        case .table: StoreTargets.readTable(bytes)
        case .calls: FuzzDatabase.turn.withLock { _ in CallTargets.run(bytes) }
        case .load: FuzzDatabase.turn.withLock { _ in LoadTargets.load(bytes) }
        case .commands: FuzzDatabase.turn.withLock { _ in CommandTargets.run(bytes) }
        case .files: StoreTargets.readFiles(bytes)
        }
    }
}
