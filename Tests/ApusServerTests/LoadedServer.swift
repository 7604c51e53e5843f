import Bytes
import ModuleKit
import RouteScript
import StandardModules

@testable import ApusServer

/// A server with a configuration and without threads or sockets.
struct LoadedServer {
    final class Sink: LogSink {
        func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {}
    }

    let server: Server
    let configuration: LoadedConfiguration?
    /// What is wrong with the configuration, as it is shown.
    let problems: String

    init(_ text: String, name: String = "test.cfg", options: CommandLineOptions = CommandLineOptions()) throws {
        let parsed = FrontEnd.parse(text: text, name: name)
        let builder = ProgramBuilder(parsed, moduleTypes: StandardModules.all)
        let startup = Startup(options: options, settings: builder.settings)
        let logger = Logger(level: -5, sink: Sink())
        let table = try startup.sockets()
        self.server = try Server(logger: logger, sockets: table, limits: startup.limits)
        let host = ProgramHost(
            server: self.server, settings: startup.core, workerCount: startup.workerCount(table), compiler: builder,
            findModule: { [unowned builder] in builder.module($0) })
        let program = builder.build(host: host)
        self.problems = DiagnosticRenderer(sources: parsed.sources, usesColour: false).render(builder.diagnostics)
        self.configuration = program.map { LoadedConfiguration(program: $0, host: host, builder: builder) }
    }
}
