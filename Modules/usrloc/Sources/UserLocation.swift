import Bytes
import Database
import Glibc
import ModuleKit
import SIPMessage

/// The `usrloc` module: where registered users can be reached (RFC 3261 §10), in memory and in a database.
///
/// It has no script functions: `registrar` writes and reads it. Bindings are records in slabs, their texts packed beside
/// them, in 64 stripes with a lock each; the tables live in the server, so a reload keeps them.
public final class UserLocation: ServerModule {
    public static let name = "usrloc"
    public static let summary = "Location tables: the bindings of registered users."

    let settings: Settings
    let store: LocationStore
    let database: Database?
    let loader: LocationLoader?
    let journal: LocationJournal?
    let serverID: Int
    let observers = Lock<[(event: ByteString, body: ExpiryObserver)]>([])
    private let counters: CounterRegistry
    private let statisticsSeparator: ByteString
    private let sweep: ExpirySweep
    private let keepalive: KeepaliveSender?

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.counters = host.counters
        self.statisticsSeparator = host.settings.statisticsSeparator
        self.serverID = host.settings.serverID
        let store = host.shared("usrloc") { LocationStore(started: host.startTime, process: Int(getpid())) }
        self.store = store
        self.sweep = ExpirySweep(store: store, settings: settings)
        self.keepalive =
            settings.keepalive.mode == 0 ? nil : try KeepaliveSender(store: store, settings: settings, host: host)
        let mode = settings.database.mode
        if mode == .memory {
            (self.database, self.loader, self.journal) = (nil, nil, nil)
        } else {
            let database = try Database(settings.database.url, host: host)
            self.database = database
            self.loader = LocationLoader(database: database, settings: settings, store: store, host: host)
            self.journal =
                mode.writes ? LocationJournal(store: store, database: database, settings: settings, host: host) : nil
        }
        host.counters.register("usrloc", "registered_users") {
            store.all.reduce(0) { $0 + $1.addressCount }
        }
        for name in settings.preloaded { _ = self.table(named: name) }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.periodic = [
            PeriodicTask("usrloc expiry", every: ExpirySweep.pace) { [self] worker in self.expire(worker) }
        ]
        if let keepalive = self.keepalive {
            hooks.periodic.append(
                PeriodicTask("usrloc keepalive", every: ExpirySweep.pace) { worker in keepalive.step(worker) })
            hooks.replyArrived = { route in keepalive.take(route) }
        }
        if let journal = self.journal {
            // With write-through what expired, and what commands changed, is stored soon as well.
            let seconds = self.settings.database.mode == .writeBack ? self.settings.timerInterval : 1
            hooks.periodic.append(
                PeriodicTask("usrloc journal", every: .seconds(seconds)) { worker in
                    journal.request(nil, now: worker.now)
                })
            hooks.stopped = { _ in journal.drain() }
        }
        if let loader = self.loader {
            hooks.started = { [store] _ in try loader.start(store.all) }
            if self.settings.database.cleansByTimer {
                hooks.periodic.append(
                    PeriodicTask("usrloc clean", every: .seconds(self.settings.timerInterval)) { [self] _ in
                        self.deleteExpiredRows()
                    })
            }
        }
        if self.settings.handlesLostConnections {
            hooks.connectionClosed = { [self] worker, closed in self.forget(closed.id, worker) }
        }
        return hooks
    }

    private func expire(_ worker: any WorkerServices) {
        let program = worker.currentProgram
        let wanted = self.observers.withLock { $0 }.filter { observer in
            program?.route(.event, named: observer.event).isPresent == true
        }
        let closes = self.settings.closesExpiredConnections
        let gone = self.sweep.step(
            now: worker.now, collects: closes || !wanted.isEmpty,
            forgets: self.settings.database.mode == .databaseOnly)
        guard !gone.isEmpty else { return }
        for observer in wanted { observer.body(worker, gone) }
        guard closes, let connections = worker.connections else { return }
        for expired in gone where expired.contact.record.connection != 0 {
            _ = connections.close(ConnectionID(rawValue: expired.contact.record.connection))
        }
    }

    /// The bindings that were made over a connection end with it.
    private func forget(_ connection: ConnectionID, _ worker: any WorkerServices) {
        let users = self.store.commons.connected.withLock { $0.removeValue(forKey: connection) } ?? []
        for user in users {
            self.store.existingTable(named: user.table)?.removeAll(of: user.address.span) { contact in
                contact.connection == connection.rawValue
            }
        }
    }

    private func deleteExpiredRows() {
        guard let database = self.database else { return }
        let settings = self.settings.database
        // Rows hold times of the wall clock. One that was set forward must not take bindings with it that are alive.
        let limit = min(WallClock.seconds(), self.store.commons.clock.seconds()) - self.settings.removalDelay
        let time: DatabaseValue = settings.expiresType == 1 ? .int(limit) : .time(limit)
        let never: DatabaseValue = settings.expiresType == 1 ? .int(0) : .time(0)
        for table in self.store.all {
            let name = table.name
            database.perform(.write) { session in
                try session.delete(
                    Delete(
                        from: name,
                        where: [
                            Condition(settings.column(.expires), .less, time),
                            Condition(settings.column(.expires), .greater, never),
                        ]))
            } answer: { _ in
            }
        }
    }

    /// The table of that name, made when it is asked for first.
    func table(named name: ByteString) -> LocationTable {
        let table = self.store.table(named: name)
        let prefix = name + self.statisticsSeparator
        self.counters.register("usrloc", "\(prefix)users") { table.addressCount }
        self.counters.register("usrloc", "\(prefix)contacts") { table.contactCount }
        let commons = self.store.commons
        self.counters.register("usrloc", "\(prefix)expires") { commons.expiredCount }
        return table
    }

    /// Whether the binding is one that is to be kept alive: behind NAT.
    func isKeptAlive(_ contact: FoundContact) -> Bool {
        self.settings.natFlag >= 0 && contact.record.branchFlags & 1 << UInt32(self.settings.natFlag) != 0
    }
}
