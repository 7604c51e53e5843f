import Bytes
import ModuleKit
import SIPMessage

/// The `pike` module: finds addresses that send more than they may.
///
/// It blocks nobody: scripts ask it and decide. What it knows of addresses is bounded, however many there are.
public final class FloodDetector: ServerModule {
    public static let name = "pike"
    public static let summary = "Finds addresses that send more requests than they may."

    let settings: Settings
    let tree: FloodTree
    private let isBlocking: CounterID

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        let tree = host.shared("pike") { FloodTree(nodes: settings.maxNodes) }
        self.tree = tree
        self.isBlocking = host.counters.register("pike", "blocked_requests", "Requests of addresses over the limit.")
        host.counters.register("pike", "blocked_addresses") { tree.figures.blocked }
        host.counters.register("pike", "nodes") { tree.figures.nodes }
        host.counters.register("pike", "evicted_nodes") { tree.figures.evictions }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.periodic = [
            PeriodicTask("pike windows", every: .seconds(max(self.settings.samplingUnit, 1))) { [self] worker in
                self.release(at: worker.now, worker.host.logger)
            }
        ]
        return hooks
    }

    var measure: FloodTree.Measure {
        FloodTree.Measure(
            unit: self.settings.samplingUnit, limit: self.settings.density, latency: self.settings.removeLatency,
            ipv6Prefix: self.settings.ipv6Prefix)
    }

    /// Lets in again what has kept the limit for a window, and says so.
    private func release(at now: Instant, _ logger: Logger) {
        for address in self.tree.sweep(self.measure, at: now) {
            guard logger.isOn(self.settings.logLevel) else { continue }
            logger.write(self.settings.logLevel, "pike: \(address) keeps the limit again")
        }
    }

    func check(_ address: IPAddress, in route: RouteContext) -> Outcome {
        let verdict = self.tree.hit(address, self.measure, at: route.worker.now)
        guard verdict.isBlocked else { return .success }
        route.worker.count(self.isBlocking)
        guard verdict.isNew else { return .failure }
        route.log(
            self.settings.logLevel,
            "pike: \(address) sends more than \(self.settings.density) messages in \(self.settings.samplingUnit) s")
        return -2
    }
}
