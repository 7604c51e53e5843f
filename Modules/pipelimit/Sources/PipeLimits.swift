import Bytes
import Database
import ModuleKit
import SIPMessage
import ratelimit
import sl

/// The `pipelimit` module: how much passes through pipes with names, which scripts make as they need them.
public final class PipeLimits: ServerModule {
    public static let name = "pipelimit"
    public static let summary = "Limits of traffic by named pipes, made by scripts or read from a database."

    let settings: Settings
    let store: PipeStore
    let replies: StatelessReplies
    /// nil: pipes are made by scripts alone.
    let database: Database?

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.replies = try host.module(StatelessReplies.self)
        self.database = settings.databaseURL.isEmpty ? nil : try Database(settings.databaseURL, host: host)
        let store = host.shared("pipelimit") {
            PipeStore(stripes: 1 << settings.hashSize, capacity: settings.maxPipes)
        }
        self.store = store
        host.counters.register("pipelimit", "pipes") { store.count }
        host.counters.register("pipelimit", "evicted_pipes") { store.evictions }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] _ in try self.load() }
        hooks.periodic = [
            PeriodicTask("pipelimit interval", every: .seconds(self.settings.interval)) { [self] worker in
                self.endInterval(worker)
            }
        ]
        return hooks
    }

    private func endInterval(_ worker: any WorkerServices) {
        self.store.endInterval(unused: self.settings.cleanUnused.value(in: worker.configuration))
        guard self.settings.fetchesLoad else { return }
        let pipes = self.store.all
        self.aim(pipes)
        self.store.watch.measure(
            processors: pipes.contains { $0.pipe.algorithm == .feedback },
            network: pipes.contains { $0.pipe.algorithm == .network }, on: worker.host)
    }

    /// Has FEEDBACK aim at the limit of its pipes.
    func aim(_ pipes: [PipeTable.Entry]) {
        let limit = pipes.first { $0.pipe.algorithm == .feedback }?.pipe.limit
        self.store.watch.change { $0.setPoint = limit.map { Double($0) / 100 } }
    }

    /// Reads the pipes of the database.
    /// - Throws: `ModuleError` naming the row that cannot be used.
    private func load() throws {
        guard let database = self.database else { return }
        let settings = self.settings
        let columns = [settings.pipeColumn, settings.algorithmColumn, settings.limitColumn]
        try database.require([TableUse(.plPipes, named: settings.table, columns: columns)])
        let rows: Rows
        do throws(DatabaseError) {
            rows = try database.wait(.read) { try $0.query(Select(columns, from: settings.table)) }
        } catch {
            throw ModuleError("pipelimit: table \(settings.table): \(error)")
        }
        for (index, row) in rows.enumerated() {
            guard let name = row[0].text, !name.isEmpty, name.count <= PipeStore.longestName,
                let algorithm = row[1].text.flatMap({ LimitAlgorithm(name: $0.string) }),
                let limit = row[2].int, limit >= 0
            else {
                throw ModuleError(
                    "pipelimit: table \(settings.table), row \(index + 1): a name, one of TAILDROP, RED, FEEDBACK, "
                        + "NETWORK and NOP, and a limit are needed")
            }
            self.store.set(name, algorithm, limit: limit, isStored: true)
        }
        let all = self.store.all
        guard Self.agree(all) else {
            throw ModuleError("pipelimit: table \(settings.table): all FEEDBACK pipes have the same limit")
        }
        self.aim(all)
    }

    /// Whether all FEEDBACK pipes aim at the same load.
    static func agree(_ pipes: [PipeTable.Entry]) -> Bool {
        Set(pipes.filter { $0.pipe.algorithm == .feedback }.map(\.pipe.limit)).count <= 1
    }
}
