import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// A configuration made ready for a simulation.
struct SimulatedConfiguration {
    let server: Server
    let configuration: LoadedConfiguration
    let sources: SourceMap
    let warnings: String

    /// - Parameter workers: how many there will be.
    init(
        _ setup: VirtualSetup, _ world: any SimulatedWorld & LogSink, workers: Int = 1
    ) throws(VirtualFailure) {
        var options = setup.options
        options.autoAliases = false
        let reader = ConfigurationReader(options, modules: setup.moduleTypes)
        var front = FrontEndOptions()
        front.files = setup.files
        front.defines = options.defines.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }
        let parsed =
            setup.text.map { FrontEnd.parse(text: $0.content, name: $0.name, options: front) }
            ?? reader.parse(files: setup.files)
        self.sources = parsed.sources
        let builder = reader.builder(for: parsed)
        builder.addressesOfHost = { world.addresses(of: ByteString($0)) }
        do {
            let startup = Self.startup(options, builder.settings, setup.listen, workers)
            if let fuel = setup.scriptFuel { builder.limit(fuel: fuel) }
            let table = try startup.sockets()
            self.server = try Server(
                logger: Logger(level: startup.debug, sink: world), sockets: table, limits: startup.limits, world: world)
            let host = ProgramHost(
                server: self.server, settings: startup.core, workerCount: workers, compiler: builder,
                findModule: { [weak builder] in builder?.module($0) })
            let program = builder.build(host: host)
            let text = DiagnosticRenderer(sources: parsed.sources, usesColour: false).render(builder.diagnostics)
            guard let program else { throw VirtualFailure.configuration(text) }
            self.warnings = text
            self.configuration = LoadedConfiguration(program: program, host: host, builder: builder)
            host.install(program.hooks)
            host.install(
                program.modules.flatMap(\.commands)
                    + CoreCommands.all(
                        self.server, host, modules: program.moduleNames,
                        defines: parsed.defines.all))
        } catch let failure as VirtualFailure {
            throw failure
        } catch {
            throw .other("\(error)")
        }
    }

    /// The start as it would be, with sockets that depend on nothing but what is written down.
    private static func startup(
        _ options: CommandLineOptions, _ settings: ConfigurationSettings, _ listen: [String], _ workers: Int
    ) -> Startup {
        var options = options
        var settings = settings
        if !listen.isEmpty {
            settings.sockets = []
            options.listen = listen
        } else if settings.sockets.isEmpty, options.listen.isEmpty {
            options.listen = ["127.0.0.1"]
        }
        options.udpWorkers = 1
        options.tcpWorkers = workers
        return Startup(options: options, settings: settings, isSimulated: true)
    }
}
