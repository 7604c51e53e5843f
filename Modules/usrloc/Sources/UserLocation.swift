import Bytes
import Glibc
import ModuleKit
import SIPMessage

/// The `usrloc` module: where registered users can be reached (RFC 3261 §10), in memory.
///
/// It has no script functions: `registrar` writes and reads it. Bindings are records of 88 bytes in slabs, their texts
/// packed beside them, in 64 stripes with a lock each; the tables live in the server, so a reload keeps them.
public final class UserLocation: ServerModule {
    public static let name = "usrloc"
    public static let summary = "Location tables: the bindings of registered users."

    let settings: Settings
    let store: LocationStore
    private let counters: CounterRegistry
    private let sweep: ExpirySweep
    /// Between the name of a table and what its statistic counts.
    private let separator: ByteString

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.counters = host.counters
        self.separator = host.settings.statisticsSeparator
        let store = host.shared("usrloc") { LocationStore(started: host.startTime, process: Int(getpid())) }
        self.store = store
        self.sweep = ExpirySweep(store: store, settings: settings)
        host.counters.register("usrloc", "registered_users") {
            store.all.reduce(0) { $0 + $1.addressCount }
        }
        for name in settings.preloaded { _ = self.table(named: name) }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        let sweep = self.sweep
        hooks.periodic = [
            PeriodicTask("usrloc expiry", every: ExpirySweep.pace) { worker in sweep.step(now: worker.now) }
        ]
        return hooks
    }

    /// The table of that name, made when it is asked for first.
    func table(named name: ByteString) -> LocationTable {
        let table = self.store.table(named: name)
        self.counters.register("usrloc", "\(name)\(self.separator)users") { table.addressCount }
        self.counters.register("usrloc", "\(name)\(self.separator)contacts") { table.contactCount }
        let store = self.store
        self.counters.register("usrloc", "\(name)\(self.separator)expires") { store.expiredCount }
        return table
    }
}
