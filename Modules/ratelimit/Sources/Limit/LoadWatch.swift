import Bytes
import ModuleKit

/// Measures the load at the end of each interval, away from the workers, and keeps what follows from it.
public final class LoadWatch: Sendable {
    private struct State {
        var controller = LoadController()
        var load = SystemLoad()
        var waiting = 0
        var isMeasuring = false
    }

    private let state = Lock(State())

    public init() {}

    /// Percent of messages that FEEDBACK pipes refuse.
    public var refusedShare: Int { self.state.withLock { $0.controller.refusedShare } }
    /// Bytes that wait to be read, when somebody measured last.
    public var waitingBytes: Int { self.state.withLock { $0.waiting } }
    public var controller: LoadController { self.state.withLock { $0.controller } }

    public func change(_ body: (inout LoadController) -> Void) { self.state.withLock { body(&$0.controller) } }

    /// Has the load measured on a thread that may block.
    /// - Parameters:
    ///   - processors: whether that of the processors is wanted, for FEEDBACK.
    ///   - network: whether the bytes that wait are wanted, for NETWORK.
    public func measure(processors: Bool, network: Bool, on host: any ModuleHost) {
        guard processors || network else { return }
        let isFree = self.state.withLock { state in
            defer { state.isMeasuring = true }
            return !state.isMeasuring
        }
        guard isFree else { return }
        let ports = Set(host.sockets.filter { $0.transport == .udp }.map(\.address.port))
        host.runBlocking { [self] in
            let waiting = network ? SystemLoad.waitingBytes(ports: ports) : 0
            var load = self.state.withLock { $0.load }
            let share = processors ? load.processors() : nil
            self.state.withLock { state in
                state.load = load
                state.waiting = waiting
                state.isMeasuring = false
                if let share { state.controller.update(load: share) }
            }
        }
    }
}
