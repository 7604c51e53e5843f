import Bytes
import Glibc
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

/// Starts a server from a command line and runs it until it is told to stop. `main` is one call of `run`.
public enum Launcher {
    /// - Parameters:
    ///   - arguments: the command line without the program's name.
    ///   - modules: the modules of this build.
    ///   - simulate: what `--simulate` and `--dump-bytecode` do: they need no server.
    /// - Returns: the exit status: 0, or 255 as Kamailio gives for everything that keeps it from starting.
    public static func run(
        _ arguments: [String], modules: [ModuleType],
        simulate: ((CommandLineOptions, [ModuleType]) -> Int32)? = nil
    ) -> Int32 {
        let options: CommandLineOptions
        do {
            options = try CommandLineOptions(parsing: arguments)
        } catch {
            Self.complain("ERROR: \(error.message)")
            return 255
        }
        SystemProcess.raiseStackLimit()
        // They may be passwords, and everybody on the machine can list processes.
        SystemProcess.hideArguments()
        if options.showsHelp {
            print(Usage.help)
            return 0
        }
        if options.showsBuild {
            print(Usage.build(modules: modules.map(\.name)))
            return 0
        }
        if options.showsVersion {
            print(Usage.version)
            return 0
        }
        if options.simulation != nil || options.dumpsBytecode, let simulate { return simulate(options, modules) }
        return Self.run(options, modules)
    }

    private static func run(_ options: CommandLineOptions, _ modules: [ModuleType]) -> Int32 {
        SystemProcess.ignoreBrokenPipes()
        let reader = ConfigurationReader(options, modules: modules)
        let parsed = reader.parse()
        if options.printsConfiguration {
            Self.show(parsed.diagnostics, parsed.sources, options)
            SystemOutput.write(ByteBuffer(ByteString(parsed.resolvedText).span), to: 1)
            return parsed.diagnostics.hasErrors ? 255 : 0
        }
        if parsed.diagnostics.hasErrors, parsed.configuration.statements.isEmpty {
            // Nothing was read: what the rest would say of an empty file helps nobody.
            Self.show(parsed.diagnostics, parsed.sources, options)
            Self.complain("ERROR: bad config file (\(parsed.diagnostics.errorCount) errors)")
            return 255
        }
        let builder = reader.builder(for: parsed)
        let startup = Startup(options: options, settings: builder.settings)
        let target = startup.logTarget(isTerminal: isatty(2) == 1)
        var isSyslog = false
        if case .syslog(let facility) = target.place {
            SystemOutput.openSyslog(name: startup.logName, facility: facility)
            isSyslog = true
        }
        SystemProcess.reportFaults(as: startup.logName, toSyslog: isSyslog)
        let writer = LogWriter(target: target, name: startup.logName)
        defer { writer.stop() }
        do {
            return try Self.run(startup, reader, builder, Logger(level: startup.debug, sink: writer), writer)
        } catch let error as SocketError {
            Self.complain(
                error.code == EADDRINUSE && error.address != nil
                    ? "ERROR: cannot start: \(error); is another server running?" : "ERROR: cannot start: \(error)")
        } catch {
            Self.complain("ERROR: cannot start: \(error)")
        }
        return 255
    }

    /// Checks the configuration, and if it is to be more than that, serves.
    private static func run(
        _ startup: Startup, _ reader: ConfigurationReader, _ builder: ProgramBuilder, _ logger: Logger,
        _ writer: LogWriter
    ) throws -> Int32 {
        let options = startup.options
        // Before the sockets: their addresses are written once.
        SyntaxAllowances.ipv6Style = startup.settings.input.ipv6Style
        startup.settings.input.applyToProcess()
        // A file with mistakes need not name a usable address: the mistakes are what to show.
        let sockets = Result { try startup.sockets() }
        let table = (try? sockets.get()) ?? SocketTable(sockets: [], aliases: [])
        let server = try Server(logger: logger, sockets: table, limits: startup.limits)
        server.control.runDirectory = startup.runDirectory
        var first = Self.build(server, startup, reader, builder, table)
        guard first != nil else { return 255 }
        _ = try sockets.get()
        if options.checksOnly {
            Self.complain("config file ok, exiting...")
            if options.diagnosticFormat == .text { SystemOutput.write(ByteBuffer(table.listing), to: 1) }
            return 0
        }
        server.reloader = Reloader(reader.anchored, first: startup, writer: writer)
        return try Self.serve(server, &first, startup, writer)
    }

    /// The configuration to start with; nil after its mistakes have been shown.
    private static func build(
        _ server: Server, _ startup: Startup, _ reader: ConfigurationReader, _ builder: ProgramBuilder,
        _ table: SocketTable
    ) -> LoadedConfiguration? {
        let host = ProgramHost(
            server: server, settings: startup.core, workerCount: startup.workerCount(table), compiler: builder,
            findModule: { [weak builder] in builder?.module($0) })
        let program = builder.build(host: host)
        var diagnostics = builder.diagnostics
        if startup.options.isStrict { diagnostics.promoteWarnings() }
        Self.show(diagnostics, builder.parsed.sources, startup.options)
        let mistakes = reader.mistakes(diagnostics)
        guard let program, mistakes == 0 else {
            Self.complain("ERROR: bad config file (\(mistakes) errors)")
            return nil
        }
        host.install(program.hooks)
        host.install(
            program.modules.flatMap(\.commands)
                + CoreCommands.all(
                    server, host, modules: program.moduleNames,
                    defines: builder.parsed.defines.all),
            modules: program.modules)
        return LoadedConfiguration(program: program, host: host, builder: builder)
    }

    private static func show(_ diagnostics: DiagnosticBag, _ sources: SourceMap, _ options: CommandLineOptions) {
        if options.diagnosticFormat == .json {
            SystemOutput.write(ByteBuffer(DiagnosticJSON(sources: sources).render(diagnostics)), to: 1)
            return
        }
        guard !diagnostics.isEmpty else { return }
        let usesColour = options.usesColor || isatty(2) == 1
        let text = DiagnosticRenderer(sources: sources, usesColour: usesColour).render(diagnostics)
        SystemOutput.write(ByteBuffer(text), to: 2)
    }

    /// Binds, drops privileges, goes to the background if asked, runs until a signal says stop.
    /// - Parameter first: what to start with; taken, so that it can go when a reload has replaced it.
    private static func serve(
        _ server: Server, _ first: inout LoadedConfiguration?, _ startup: Startup, _ writer: LogWriter
    ) throws -> Int32 {
        try server.transport.bind(server.sockets.sockets)
        let isBuiltIn = startup.options.configurationPath == nil
        if !isBuiltIn { SystemOutput.write(ByteBuffer(server.sockets.listing), to: 1) }
        let background = startup.goesToBackground ? try Background.enter() : nil
        ProcessControl.prepareRunDirectory(startup.runDirectory, user: startup.user, group: startup.group)
        var pidFiles: [PidFile] = []
        defer { for file in pidFiles { file.remove() } }
        if let path = startup.options.pidFile { pidFiles.append(try PidFile.write(getpid(), to: path)) }
        if let path = startup.options.groupPidFile { pidFiles.append(try PidFile.write(getpgrp(), to: path)) }
        ProcessControl.raiseFileLimit(to: startup.settings.openFilesLimit)
        Self.limitConnections(server)
        if startup.settings.disablesCoreDump { SystemProcess.disableCoreDump() }
        if startup.settings.locksMemory, !SystemProcess.lockMemory() {
            server.logger.warning("the memory cannot be locked (mlock_pages)")
        }
        if let directory = startup.chroot { try ProcessControl.changeRoot(directory) }
        if let directory = startup.workingDirectory { try ProcessControl.changeDirectory(directory) }
        try ProcessControl.dropPrivileges(user: startup.user, group: startup.group)
        try ProcessControl.limitPrivileges(server.logger, isDropped: startup.user != nil)
        // Asked before anybody is served: a terminal that goes away while the server starts is one that it had.
        let hadTerminal = background == nil && SystemProcess.hasTerminal
        let signals = ProcessControl.blockStopSignals()
        writer.start()
        if let configuration = first { try server.start(configuration) }
        first = nil
        Self.announce(server, startup)
        background?.reportStarted()
        server.waitForStop(signals, hadTerminal: hadTerminal)
        for file in pidFiles { file.remove() }
        server.logger.notice("stopping")
        // What modules store at the end has its time, unless somebody asks once more; the rest ends within a second.
        ProcessControl.limitStop(seconds: startup.settings.exitTimeout, signals)
        server.stop { ProcessControl.limitStop(milliseconds: 900) }
        return 0
    }

    /// Connections may not take the descriptors that everything else needs.
    private static func limitConnections(_ server: Server) {
        let files = SystemProcess.fileLimit
        let streams = server.transport.streams
        streams.descriptorLimit = ProcessControl.connections(ofFiles: files)
        let wanted = streams.settings.maximumConnections
        guard streams.descriptorLimit < wanted else { return }
        server.logger.warning(
            "\(files) files may be open: there will be \(streams.descriptorLimit) connections at most, "
                + "not \(wanted) (tcp_max_connections); see open_files_limit")
    }

    /// Says what runs where.
    private static func announce(_ server: Server, _ startup: Startup) {
        let logger = server.logger
        for line in startup.withoutEffect { logger.warning(line) }
        if let limit = MemoryLimit.find() {
            let line =
                "\(limit.bytes >> 20) MiB of memory may be used (\(limit.source)); the system ends a process that wants more"
            // So little is met one day, without a word then: it is told without being asked for.
            if limit.bytes < 1 << 30 { logger.warning(line) } else { logger.info(line) }
        }
        for (name, reason) in startup.settings.notBuilt {
            logger.warning("parameter \(name) is not built yet: \(reason)")
        }
        for (name, reason) in startup.settings.replaced {
            logger.notice("parameter \(name) is not needed: \(reason)")
        }
        guard startup.options.configurationPath == nil else { return }
        var text = "\napus \(BuildInformation.version) is running its built-in configuration.\n\n  Listening on\n"
        for socket in server.sockets.sockets { text += "    \(socket.socketName)\n" }
        let first = server.sockets.sockets.first.map { $0.address }
        let registrar = first.map { $0.port == 5060 ? $0.ip.bracketed : "\($0)" } ?? "127.0.0.1"
        text += """
              Modules: \(server.configuration?.program.moduleNames.joined(separator: " ") ?? "")
              Control: \(server.control.paths.first.map { "kamcmd -s unix:\($0)" } ?? "none")

              Register a phone: user alice (any name), registrar \(registrar), no password.
              Register a second one as bob, then call sip:bob@\(registrar).

              Stop with Ctrl-C. Run your own configuration with: apus -f kamailio.cfg

            """
        SystemOutput.write(ByteBuffer(text + "\n"), to: 2)
    }

    private static func complain(_ text: String) { SystemOutput.write(ByteBuffer("\(text)\n"), to: 2) }
}
