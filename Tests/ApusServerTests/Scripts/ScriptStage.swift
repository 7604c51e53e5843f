import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import StandardModules

@testable import ApusServer

/// A server that runs a file of `Tests/Scripts`: everything is real but the sockets and the threads.
final class ScriptStage {
    struct NotLoaded: Error, CustomStringConvertible {
        var description: String
    }

    private let file: ScriptFile
    private let builder: ProgramBuilder
    private let sink = StageLog()
    private let loaded: Result<(server: Server, program: Program, host: ProgramHost), any Error>
    private var worker: StageWorker?

    init(_ file: ScriptFile) {
        self.file = file
        let options = (try? CommandLineOptions(parsing: file.values("option"))) ?? CommandLineOptions()
        var front = FrontEndOptions()
        front.defines = options.defines.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }
        let environment = file.values("environment")
        front.files = FileAccess(
            read: { path throws(FileAccess.Failure) in try FileAccess.system.read(path) },
            environment: { name in
                environment.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
            })
        let builder = ProgramBuilder(
            FrontEnd.parse(path: file.path, options: front), moduleTypes: StandardModules.all)
        builder.addressesOfHost = { $0 == "localhost" ? IPAddress("127.0.0.1").map { [$0] } ?? [] : [] }
        self.builder = builder
        let startup = Startup(options: options, settings: builder.settings)
        let logger = Logger(level: startup.debug, sink: self.sink)
        self.loaded = Result {
            var socketOptions = options
            if builder.settings.sockets.isEmpty { socketOptions.listen = ["udp:127.0.0.1:5060"] }
            let table = try Startup(options: socketOptions, settings: builder.settings).sockets()
            let server = try Server(logger: logger, sockets: table, limits: startup.limits)
            let host = ProgramHost(
                server: server, settings: startup.core, workerCount: 1, compiler: builder,
                findModule: { [unowned builder] in builder.module($0) })
            guard let program = builder.build(host: host) else {
                throw NotLoaded(
                    description: DiagnosticRenderer(sources: builder.parsed.sources).render(builder.diagnostics))
            }
            return (server, program, host)
        }
    }

    /// What is wrong with the file, each as `line:column code message`.
    func findings(_ severity: Diagnostic.Severity) -> [String] {
        let sources = self.builder.parsed.sources
        return self.builder.diagnostics.sorted(in: sources).filter { $0.severity == severity }.map { diagnostic in
            let place = sources.resolve(diagnostic.range.start).location
            return "\(place.line):\(place.column) \(diagnostic.code.id) \(diagnostic.message)"
        }
    }

    /// Lines of the script, without the mark in front unless something stands before that.
    var log: [String] {
        self.sink.lines.compactMap { line in
            let text = line.hasSuffix("\n") ? String(line.dropLast()) : line
            if text.hasPrefix("<script>: ") { return String(text.dropFirst(10)) }
            return text.contains("<script>: ") ? text : nil
        }
    }

    /// All lines of the log.
    var allLines: [String] { self.sink.lines }
    var sent: [String] { self.worker?.sent ?? [] }

    /// Lets all messages of the file arrive.
    func run() throws {
        let (server, program, host) = try self.loaded.get()
        let worker = StageWorker(server: server, host: host)
        self.worker = worker
        for started in program.hooks.started { try started(host) }
        for (index, message) in self.file.messages.enumerated() {
            let bytes = ByteString(message.text(index + 1))
            guard let parsed = Message(bytes.span), let source = IPAddress("127.0.0.1") else { continue }
            let context = RouteContext(
                message: parsed,
                arrival: Arrival(
                    source: SocketAddress(ip: source, port: 5070), socket: server.sockets.sockets[0],
                    time: worker.now),
                worker: worker, program: program)
            worker.take(context, program)
        }
    }
}

final class StageLog: LogSink, @unchecked Sendable {  // a test uses it on one thread
    var lines: [String] = []
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {
        self.lines.append("\(ByteString(prefix))\(ByteString(text))")
    }
}
