import Bytes
import Glibc
import ModuleKit
import RouteScript
import SIPMessage
import SIPTesting
import SIPTransport
import StandardModules
import Synchronization
import Testing

@testable import ApusServer

/// A whole server on loopback addresses, with a configuration file of its own that tests rewrite.
final class LiveServer {
    final class Sink: LogSink {
        func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {}
    }

    let server: Server
    let path: String

    init(_ text: String, arguments: [String] = [], modules: [ModuleType] = []) throws {
        let directory = try FreshDirectory.make()
        self.path = "\(directory)/test.cfg"
        try #require(SystemOutput.writeFile(self.path, "auto_aliases=no\nchildren=2\n" + text))
        let options = try CommandLineOptions(parsing: ["-f", self.path, "-DD", "-Y", directory] + arguments)
        let reader = ConfigurationReader(options, modules: StandardModules.all + modules)
        let parsed = reader.parse()
        let builder = reader.builder(for: parsed)
        let startup = Startup(options: options, settings: builder.settings)
        let table = try startup.sockets()
        let logger = Logger(level: startup.debug, sink: Sink())
        self.server = try Server(logger: logger, sockets: table, limits: startup.limits)
        self.server.control.runDirectory = startup.runDirectory
        let host = ProgramHost(
            server: self.server, settings: startup.core, workerCount: startup.workerCount(table), compiler: builder,
            findModule: { [weak builder] in builder?.module($0) })
        let program = builder.build(host: host)
        let problems = DiagnosticRenderer(sources: parsed.sources, usesColour: false).render(builder.diagnostics)
        let configuration = LoadedConfiguration(
            program: try #require(program, "\(problems)"), host: host, builder: builder)
        host.install(
            configuration.program.modules.flatMap(\.commands)
                + CoreCommands.all(self.server, host, modules: configuration.program.moduleNames, defines: []),
            modules: configuration.program.modules)
        let writer = LogWriter(target: LogTarget(place: .standardError, format: .stamped), name: "test") { _, _, _ in }
        self.server.reloader = Reloader(reader, first: startup, writer: writer)
        try self.server.transport.bind(table.sockets)
        try self.server.start(configuration)
    }

    deinit { self.server.stop() }

    /// Rewrites the file and reloads.
    @discardableResult
    func reload(_ text: String) throws -> ReloadReport {
        try #require(SystemOutput.writeFile(self.path, "auto_aliases=no\nchildren=2\n" + text))
        return try #require(self.server.reloader).reload(self.server).get()
    }

    /// Why the reload of `text` is refused.
    func refusal(_ text: String) throws -> String {
        let refusal = #expect(throws: ReloadRefusal.self) { try self.reload(text) }
        return refusal?.text ?? ""
    }

    var generation: Int { self.server.configuration?.host.generation ?? 0 }

    /// Returns when no configuration but the one in force is in use any more; false after ten seconds.
    func isAlone() -> Bool { Self.isSoon { self.server.retirement.generations == [self.generation] } }

    /// Whether `claim` comes true within ten seconds.
    static func isSoon(_ claim: () -> Bool) -> Bool {
        for _ in 0..<2000 {
            if claim() { return true }
            // Nothing tells of the end of what other threads do; the signal is never raised.
            WorkSignal().wait(milliseconds: 5)
        }
        return false
    }

    private static let lastPort = Atomic<UInt16>(.random(in: 15_000..<25_000))

    /// A UDP port of 127.0.0.1 that nobody has, below those that the system gives out.
    static func freePort() throws -> UInt16 {
        for _ in 0..<1000 {
            let port = Self.lastPort.wrappingAdd(1, ordering: .relaxed).newValue
            if (try? Phone(port: port)) != nil { return port }
        }
        throw ModuleError("no port is free")
    }
}

/// A SIP user agent's UDP socket; every wait is bounded.
final class Phone {
    private let socket: DatagramSocket
    private let port_: DatagramPort
    private let batch = DatagramBatch()
    private var inbox: [String] = []

    var port: UInt16 { self.socket.localAddress.port }

    init(port: UInt16 = 0) throws {
        let loopback = try #require(IPAddress("127.0.0.1"))
        let listen = ListenSocket(index: 0, transport: .udp, address: SocketAddress(ip: loopback, port: port))
        var settings = DatagramSettings()
        settings.receiveTimeout = 100
        self.socket = try #require(try DatagramSocket.open(listen, settings: settings).first)
        self.port_ = DatagramPort(self.socket)
    }

    /// Lines end with `\n` in `text`.
    func send(_ text: String, to port: UInt16) throws {
        let loopback = try #require(IPAddress("127.0.0.1"))
        let queue = SendQueue()
        let bytes = ByteString(text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"))
        queue.enqueue(bytes.span, to: SocketAddress(ip: loopback, port: port), from: self.socket)
        queue.flush()
    }

    /// The next message whose first line contains `word`, with plain line ends; nil after `seconds`.
    func receive(_ word: String, seconds: Int = 10) -> String? {
        for _ in 0..<(seconds * 10) {
            if let index = self.inbox.firstIndex(where: { $0.prefix { $0 != "\n" }.contains(word) }) {
                return self.inbox.remove(at: index)
            }
            guard case .received(let count) = self.port_.receiveBatch(self.batch) else { continue }
            for index in 0..<count {
                let buffer = self.batch.buffer(at: index)
                let text = ByteString(buffer.span).string.utf8.filter { $0 != 13 }
                self.inbox.append(String(decoding: text, as: UTF8.self))
            }
        }
        return nil
    }

    /// A request of a dialog of its own each time.
    func request(_ method: String, _ uri: String, id: String) -> String {
        """
        \(method) \(uri) SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:\(self.port);branch=z9hG4bK\(id);rport
        Max-Forwards: 10
        From: <sip:a@127.0.0.1>;tag=\(id)
        To: <sip:b@127.0.0.1>
        Call-ID: \(id)
        CSeq: 1 \(method)
        Content-Length: 0


        """
    }

    /// The answer to `request` that Via, From, To, Call-ID and CSeq of it make.
    static func answer(_ status: String, to request: String) -> String {
        let copied = request.split(separator: "\n").compactMap { line -> String? in
            if line.hasPrefix("To:") { return "\(line);tag=phone" }
            let isCopied = ["Via:", "From:", "Call-ID:", "CSeq:", "Record-Route:"].contains { line.hasPrefix($0) }
            return isCopied ? String(line) : nil
        }
        return "SIP/2.0 \(status)\n" + copied.joined(separator: "\n") + "\nContent-Length: 0\n\n"
    }

    /// The first line of the answer to an OPTIONS request; nil when there is none.
    func ask(_ port: UInt16, id: String, seconds: Int = 10) throws -> String? {
        try self.send(self.request("OPTIONS", "sip:127.0.0.1:\(port)", id: id), to: port)
        return self.receive("SIP/2.0 ", seconds: seconds).map { String($0.prefix { $0 != "\n" }) }
    }
}
