import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import StandardModules

@testable import ApusServer

/// A server that runs a file of `Tests/Scripts`: everything is real but the sockets, the threads and the clock.
final class ScriptStage: VirtualServerObserver {
    private let file: ScriptFile
    private let options: CommandLineOptions
    private let files: FileAccess
    private let builder: ProgramBuilder
    private var lines: [String] = []
    private(set) var sent: [String] = []

    init(_ file: ScriptFile) {
        self.file = file
        var options = (try? CommandLineOptions(parsing: file.values("option"))) ?? CommandLineOptions()
        options.configurationPath = file.path
        self.options = options
        let environment = file.values("environment")
        self.files = FileAccess(
            read: { path throws(FileAccess.Failure) in try FileAccess.system.read(path) },
            environment: { name in
                environment.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
            })
        self.builder = ProgramBuilder(
            ConfigurationReader(options, modules: StandardModules.all).parse(files: self.files),
            moduleTypes: StandardModules.all)
    }

    /// What is wrong with the file, each as `line:column code message`.
    func findings() throws -> [(severity: Diagnostic.Severity, text: String)] {
        let builder = self.builder
        var options = self.options
        if builder.settings.sockets.isEmpty { options.listen = ["udp:127.0.0.1:5060"] }
        let startup = Startup(options: options, settings: builder.settings)
        let server = try Server(
            logger: Logger(level: -5, sink: SilentLog()), sockets: try startup.sockets(), limits: startup.limits)
        let host = ProgramHost(
            server: server, settings: startup.core, workerCount: 1, compiler: builder,
            findModule: { [unowned builder] in builder.module($0) })
        _ = builder.build(host: host)
        let sources = builder.parsed.sources
        return builder.diagnostics.sorted(in: sources).map { diagnostic in
            let place = sources.resolve(diagnostic.range.start).location
            return (diagnostic.severity, "\(place.line):\(place.column) \(diagnostic.code.id) \(diagnostic.message)")
        }
    }

    /// Lets all messages of the file arrive.
    func run() throws {
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        setup.options = self.options
        setup.files = self.files
        if self.builder.settings.sockets.isEmpty { setup.listen = ["udp:127.0.0.1:5060"] }
        let server = try VirtualServer(setup, observer: self)
        guard let source = IPAddress("127.0.0.1"), let socket = server.sockets.first else { return }
        for (index, message) in self.file.messages.enumerated() {
            server.receive(
                ByteString(message.text(index + 1)), from: SocketAddress(ip: source, port: 5070), on: socket)
        }
    }

    /// Lines of the script, without the mark in front unless something stands before that.
    var log: [String] {
        self.lines.compactMap { line in
            let text = line.hasSuffix("\n") ? String(line.dropLast()) : line
            if text.hasPrefix("<script>: ") { return String(text.dropFirst(10)) }
            return text.contains("<script>: ") ? text : nil
        }
    }

    /// All lines of the log.
    var allLines: [String] { self.lines }

    // MARK: VirtualServerObserver

    func sent(_ bytes: ByteString, to destination: Destination, token: UInt64) -> Bool {
        self.sent.append(bytes.string)
        return true
    }

    func logged(_ level: LogLevel, _ prefix: ByteString, _ text: ByteString) { self.lines.append("\(prefix)\(text)") }
    func ranScript(in context: RouteContext, _ state: RunState) {}
    func addresses(of name: String) -> [IPAddress] { [] }
    func asked(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) { then(.unreachable) }
    var tracer: (any ScriptTracer)? { nil }
}

private final class SilentLog: LogSink {
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {}
}
