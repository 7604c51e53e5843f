import Bytes
import Glibc
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

/// Reads the configuration again and puts it in the place of the one in force, or changes nothing.
///
/// All of it happens on the thread that asks (the one of a signal, the one of the control sockets), never on a worker's:
/// what workers see is one exchange of a reference.
final class Reloader: Sendable {
    private let reader: ConfigurationReader
    /// Of the server's start: what cannot change stays as it says.
    private let first: Startup
    private let writer: LogWriter
    private let lastGeneration = Lock(1)

    init(_ reader: ConfigurationReader, first: Startup, writer: LogWriter) {
        self.reader = reader
        self.first = first
        self.writer = writer
    }

    /// A configuration that is complete and not in force.
    private struct Candidate {
        var configuration: LoadedConfiguration
        var startup: Startup
        var plan: ListenerPlan
        var report: ReloadReport
    }

    /// Reloads; the outcome is logged too.
    /// - Parameter server: the one that this is the reloader of.
    func reload(_ server: Server) -> Result<ReloadReport, ReloadRefusal> {
        // What goes is let go of outside the lock. It is looked up inside: a listener that is being closed until then would
        // be kept open by it, and could not be bound again.
        let (before, outcome) = server.changing.withLock { _ in (server.situation, self.change(server)) }
        withExtendedLifetime(before) {}
        server.control.wake()
        switch outcome {
        case .success(let report):
            for line in report.lines { server.logger.notice(line) }
            for line in report.warningLines { server.logger.warning(line) }
        case .failure(let refusal):
            server.logger.error("configuration not reloaded, nothing has changed:")
            for line in refusal.text.split(separator: "\n") { server.logger.error(String(line)) }
        }
        return outcome
    }

    private func change(_ server: Server) -> Result<ReloadReport, ReloadRefusal> {
        let begin = Instant.now()
        do throws(ReloadRefusal) {
            var candidate = try self.build(server)
            let host = candidate.configuration.host
            do {
                let opened = try self.prepare(candidate, server)
                self.putInForce(candidate, opened, server)
            } catch {
                host.dismantle()
                throw ReloadRefusal(text: "\(error)")
            }
            candidate.report.milliseconds = Int((Instant.now() - begin).milliseconds)
            return .success(candidate.report)
        } catch {
            return .failure(error)
        }
    }

    // MARK: Building

    private func build(_ server: Server) throws(ReloadRefusal) -> Candidate {
        guard self.reader.options.configurationPath != "-" else {
            throw ReloadRefusal(text: "the configuration was read from standard input, which cannot be read again")
        }
        guard let running = server.configuration else { throw ReloadRefusal(text: "the server has not started yet") }
        let parsed = self.reader.parse()
        if parsed.diagnostics.hasErrors, parsed.configuration.statements.isEmpty {
            throw ReloadRefusal(text: Self.render(parsed.diagnostics, parsed.sources))
        }
        let builder = self.reader.builder(for: parsed)
        let startup = Startup(options: self.reader.options, settings: builder.settings)
        let wanted = Result { try startup.sockets() }
        let plan = ListenerPlan(
            wanted: (try? wanted.get()) ?? SocketTable(sockets: [], aliases: []), running: running.host.table,
            retired: server.retirement.listeners)
        let added = plan.added.filter { $0.transport == .udp }.count * server.transport.limits.datagramWorkers
        let generation = self.lastGeneration.withLock { $0 + 1 }
        let host = ProgramHost(
            server: server, settings: startup.core, workerCount: server.crew.seats(adding: added), compiler: builder,
            table: plan.table, generation: generation, isDraft: true,
            findModule: { [weak builder] in builder?.module($0) })
        let program = builder.build(host: host)
        let problems = Self.render(builder.diagnostics, parsed.sources)
        guard let program, self.reader.mistakes(builder.diagnostics) == 0 else {
            host.dismantle()
            throw ReloadRefusal(text: problems)
        }
        if case .failure(let error) = wanted {
            host.dismantle()
            throw ReloadRefusal(text: "\(error)")
        }
        host.install(program.hooks)
        host.install(
            program.modules.flatMap(\.commands)
                + CoreCommands.all(server, host, modules: program.moduleNames, defines: parsed.defines.all),
            modules: program.modules)
        var report = ReloadReport(generation: generation, warnings: problems)
        report.added = (plan.added + plan.revived).map(\.socketName.string)
        report.removed = plan.removed.map(\.socketName.string)
        report.droppedModules = running.program.moduleNames.filter { !program.moduleNames.contains($0) }
        report.needsRestart = FixedSettings.differences(self.first, startup)
        let configuration = LoadedConfiguration(program: program, host: host, builder: builder)
        return Candidate(configuration: configuration, startup: startup, plan: plan, report: report)
    }

    private static func render(_ diagnostics: DiagnosticBag, _ sources: SourceMap) -> String {
        guard !diagnostics.isEmpty else { return "" }
        return DiagnosticRenderer(sources: sources, usesColour: false).render(diagnostics)
    }

    // MARK: Swapping

    /// Does what may fail: binds the new listeners, starts the modules.
    private func prepare(_ candidate: Candidate, _ server: Server) throws -> Transport.Opened {
        let opened: Transport.Opened
        do {
            opened = try Self.open(candidate, server)
        } catch let error as SocketError {
            throw ReloadRefusal(text: "cannot listen: \(error)")
        }
        let host = candidate.configuration.host
        var started: [ModuleHooks] = []
        do {
            for hooks in candidate.configuration.program.modules.map(\.hooks) {
                try hooks.started?(host)
                started.append(hooks)
            }
        } catch {
            for hooks in started { hooks.stopped?(host) }
            throw error
        }
        return opened
    }

    /// Binds the new listeners. One that a reload gave up a moment ago may have a worker that is just leaving it.
    private static func open(_ candidate: Candidate, _ server: Server) throws -> Transport.Opened {
        let end = Instant.precise() + .seconds(1)
        while true {
            do {
                return try server.transport.open(candidate.plan.added, candidate.startup.limits)
            } catch let error as SocketError {
                guard error.code == EADDRINUSE, server.retirement.hasJustClosed, Instant.precise() < end else {
                    throw error
                }
            }
            WorkSignal().wait(milliseconds: 20)
        }
    }

    /// From here on nothing fails.
    private func putInForce(_ candidate: Candidate, _ opened: Transport.Opened, _ server: Server) {
        let plan = candidate.plan
        let generation = candidate.report.generation
        self.lastGeneration.withLock { $0 = generation }
        candidate.configuration.host.commit()
        for socket in plan.revived { server.retirement.revive(socket.index) }
        server.transport.commit(opened)
        server.transport.streams.update(sockets: plan.table.sockets)
        server.transport.streams.update(candidate.startup.limits.stream)
        self.applyLog(candidate.startup, server)
        candidate.startup.settings.input.applyToProcess()
        server.adopt(candidate.configuration)
        for sockets in opened.datagrams {
            do {
                try server.crew.add(sockets, server)
            } catch {
                server.logger.error("no thread for \(sockets.first?.listenSocket.socketName.string ?? ""): \(error)")
            }
        }
        server.retirement.retire(plan.removed.filter { $0.transport == .udp }, generation: generation)
        for socket in plan.removed where socket.transport != .udp { server.transport.close(socket.index) }
        server.crew.wake()
    }

    private func applyLog(_ startup: Startup, _ server: Server) {
        server.logger.threshold = startup.debug
        let target = startup.logTarget(isTerminal: isatty(2) == 1)
        guard !self.writer.isSet(to: target, name: startup.logName) else { return }
        if case .syslog(let facility) = target.place {
            SystemOutput.openSyslog(name: startup.logName, facility: facility)
        }
        self.writer.update(target: target, name: startup.logName)
    }
}
