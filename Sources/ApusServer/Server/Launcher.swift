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
    /// - Returns: the exit status: 0, or 255 as Kamailio gives for everything that keeps it from starting.
    public static func run(_ arguments: [String], modules: [ModuleType]) -> Int32 {
        let options: CommandLineOptions
        do {
            options = try CommandLineOptions(parsing: arguments)
        } catch {
            Self.complain(error.message)
            return 255
        }
        if options.showsHelp {
            print(Usage.help)
            return 0
        }
        if options.showsVersion || options.showsBuild {
            print(Usage.version)
            return 0
        }
        return Self.run(options, modules)
    }

    private static func run(_ options: CommandLineOptions, _ modules: [ModuleType]) -> Int32 {
        let parsed = Self.parse(options)
        if options.printsConfiguration {
            SystemOutput.write(ByteBuffer(ByteString(parsed.resolvedText).span), to: 1)
            return parsed.diagnostics.hasErrors ? 255 : 0
        }
        let builder = ProgramBuilder(
            parsed, moduleTypes: modules, extraModules: options.loadModules.map(Self.moduleName),
            extraParameters: options.modparams.compactMap(Self.moduleParameter))
        let startup = Startup(options: options, settings: builder.settings)
        let writer = LogWriter(target: startup.logTarget, name: startup.logName)
        let logger = Logger(level: startup.debug, sink: writer)
        if case .syslog(let facility) = startup.logTarget {
            SystemOutput.openSyslog(name: startup.logName, facility: facility)
        }
        do {
            let table = try startup.sockets()
            let server = try Server(logger: logger, sockets: table, limits: startup.limits)
            server.control.runDirectory = startup.runDirectory
            let host = ProgramHost(
                server: server, settings: startup.core, workerCount: startup.workerCount(table), compiler: builder,
                findModule: { [unowned builder] in builder.module($0) })
            let program = builder.build(host: host)
            Self.show(builder.diagnostics, parsed.sources, startup)
            let tooManyWarnings = options.isStrict && builder.diagnostics.warningCount > 0
            guard let program, !tooManyWarnings else {
                let count = builder.diagnostics.errorCount + (tooManyWarnings ? builder.diagnostics.warningCount : 0)
                Self.complain("bad config file (\(count) errors)")
                return 255
            }
            if options.checksOnly {
                Self.complain("config file ok, exiting...")
                for socket in table.sockets { print("  \(socket.transport.name): \(socket.address.ip) : \(socket.address.port)") }
                return 0
            }
            let configuration = LoadedConfiguration(program: program, host: host, builder: builder)
            host.install(
                program.modules.flatMap(\.commands)
                    + CoreCommands.all(
                        server, host, modules: program.moduleNames, defines: Array(parsed.defines.names).sorted()))
            return try Self.serve(server, configuration, startup, writer)
        } catch let error as SocketError {
            Self.complain("cannot start: \(error)")
        } catch let error as ModuleError {
            Self.complain("cannot start: \(error.message)")
        } catch {
            Self.complain("cannot start: \(error)")
        }
        return 255
    }

    private static func parse(_ options: CommandLineOptions) -> ParsedConfiguration {
        var front = FrontEndOptions()
        front.defines = options.defines.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }
        front.substitutions = options.substitutions.map { kind, expression in
            switch kind {
            case .text: FrontEndOptions.Substitution(.plain, expression)
            case .define: FrontEndOptions.Substitution(.define, expression)
            case .quotedDefine: FrontEndOptions.Substitution(.quotedDefine, expression)
            }
        }
        front.collectsResolvedText = options.printsConfiguration
        guard let path = options.configurationPath else {
            // Sockets from the command line take the place of the built-in ones.
            if !options.listen.isEmpty { front.defines.append("LISTEN_ELSEWHERE") }
            return FrontEnd.parse(
                text: DefaultConfiguration.text, name: DefaultConfiguration.name, options: front)
        }
        return FrontEnd.parse(path: path, options: front)
    }

    private static func show(_ diagnostics: DiagnosticBag, _ sources: SourceMap, _ startup: Startup) {
        guard !diagnostics.isEmpty else { return }
        let usesColour = startup.options.usesColor || isatty(2) == 1
        let text = DiagnosticRenderer(sources: sources, usesColour: usesColour).render(diagnostics)
        SystemOutput.write(ByteBuffer(text), to: 2)
    }

    /// Binds, drops privileges, goes to the background if asked, runs until a signal says stop.
    private static func serve(
        _ server: Server, _ configuration: LoadedConfiguration, _ startup: Startup, _ writer: LogWriter
    ) throws -> Int32 {
        try server.transport.bind(server.sockets.sockets)
        let background = startup.goesToBackground ? try Background.enter(directory: startup.workingDirectory) : nil
        if let directory = startup.options.workingDirectory ?? startup.settings.workingDirectory {
            ProcessControl.changeDirectory(directory)
        }
        try ProcessControl.dropPrivileges(
            user: startup.options.user ?? startup.settings.user, group: startup.options.group ?? startup.settings.group)
        if let limit = startup.settings.openFilesLimit { ProcessControl.raiseFileLimit(to: limit) }
        for path in [startup.options.pidFile, startup.options.groupPidFile].compactMap({ $0 }) {
            SystemOutput.makeDirectory(of: path)
            if !SystemOutput.writeFile(path, "\(getpid())\n") {
                throw ModuleError("cannot write the process id to \(path)")
            }
        }
        writer.start()
        let signals = ProcessControl.blockStopSignals()
        let threads = try server.start(configuration)
        Self.announce(server, configuration, startup)
        background?.reportStarted()
        server.waitForStop(signals)
        server.logger.notice("stopping")
        threads.stop()
        server.stop(configuration)
        for path in [startup.options.pidFile, startup.options.groupPidFile].compactMap({ $0 }) {
            SystemOutput.removeFile(path)
        }
        writer.stop()
        return 0
    }

    /// Says what runs where.
    private static func announce(_ server: Server, _ configuration: LoadedConfiguration, _ startup: Startup) {
        let logger = server.logger
        for (option, reason) in startup.options.withoutEffect {
            logger.notice("option \(option) has no effect: \(reason)")
        }
        for (name, reason) in startup.settings.withoutEffect {
            logger.info("parameter \(name) has no effect: \(reason)")
        }
        guard startup.options.configurationPath == nil else { return }
        var text = "\napus \(BuildInformation.version) is running its built-in configuration.\n\n  Listening on\n"
        for socket in server.sockets.sockets { text += "    \(socket.socketName)\n" }
        text += """
              Modules: \(configuration.program.moduleNames.joined(separator: " "))
              Control: \(server.control.paths.joined(separator: " "))

              Register a phone: user alice (any name), domain or registrar \(server.sockets.sockets.first.map { "\($0.address)" } ?? "127.0.0.1:5060"),
              no password. Register a second one as bob, then call sip:bob@127.0.0.1.

              Stop with Ctrl-C. Run your own configuration with: apus -f kamailio.cfg

            """
        SystemOutput.write(ByteBuffer(text + "\n"), to: 2)
    }

    private static func complain(_ text: String) { SystemOutput.write(ByteBuffer("apus: \(text)\n"), to: 2) }

    private static func moduleName(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".so") ? String(file.dropLast(3)) : file
    }

    /// `module:parameter:type:value`.
    private static func moduleParameter(_ text: String) -> (module: String, name: String, value: ParameterValue)? {
        let parts = text.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4 else { return nil }
        if parts[2] == "i" { return Int(parts[3]).map { (parts[0], parts[1], .int($0)) } }
        return (parts[0], parts[1], .text(ByteString(parts[3])))
    }
}
