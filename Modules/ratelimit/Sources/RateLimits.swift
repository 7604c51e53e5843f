import Bytes
import ModuleKit
import SIPMessage

/// The `ratelimit` module: how many requests of each method pass, by pipes with numbers and queues that lead to them.
public final class RateLimits: ServerModule {
    public static let name = "ratelimit"
    public static let summary = "Limits of traffic by method: numbered pipes, and queues that lead to them."

    /// Pipes and queues are numbered from 0 to one less.
    public static let most = 32

    struct Queue: Sendable {
        var pipe: Int
        /// `*`: any method.
        var method: ByteString
    }

    let settings: Settings
    /// By number; nil: not defined.
    let pipes: [Lock<TrafficPipe?>]
    let queues: Lock<[Queue]>
    let watch = LoadWatch()
    let isDebugging = Lock(false)

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.pipes = settings.pipes.map { Lock($0) }
        self.queues = Lock(settings.queues)
        self.watch.change { $0.setPoint = Self.setPoint(of: settings.pipes) }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.periodic = [
            PeriodicTask("ratelimit interval", every: .seconds(self.settings.interval)) { [self] worker in
                self.endInterval(worker.host)
            }
        ]
        return hooks
    }

    /// The load that FEEDBACK pipes aim at; nil when there are none.
    static func setPoint(of pipes: [TrafficPipe?]) -> Double? {
        pipes.compactMap(\.self).first { $0.algorithm == .feedback }.map { Double($0.limit) / 100 }
    }

    var knownPipes: [TrafficPipe?] { self.pipes.map { $0.withLock { $0 } } }

    private func endInterval(_ host: any ModuleHost) {
        let waiting = self.watch.waitingBytes
        for pipe in self.pipes { pipe.withLock { $0?.endInterval(scale: self.settings.interval, waiting: waiting) } }
        let algorithms = self.knownPipes.compactMap(\.?.algorithm)
        self.watch.measure(
            processors: algorithms.contains(.feedback), network: algorithms.contains(.network), on: host)
        guard self.isDebugging.withLock({ $0 }) else { return }
        for (number, pipe) in self.knownPipes.enumerated() where pipe != nil {
            host.logger.warning("ratelimit: \(self.line(number, pipe))")
        }
    }

    // MARK: Deciding

    /// Counts a message of a method.
    /// - Returns: false when it is over the limit, or no queue is for it. A queue that leads nowhere lets it pass.
    func passes(_ method: ByteString) -> Bool {
        // A queue for the method goes before one for all, wherever it stands.
        let pipe = self.queues.withLock { queues in
            queues.first { $0.method == method }?.pipe ?? queues.first { $0.method == "*" }?.pipe
        }
        return pipe.map { self.passes(pipe: $0) ?? true } ?? false
    }

    /// Counts a message for a pipe.
    /// - Returns: nil when there is none of that number, or it limits nothing.
    func passes(pipe number: Int) -> Bool? {
        guard self.pipes.indices.contains(number) else { return nil }
        let share = self.watch.refusedShare
        switch self.pipes[number].withLock({ $0?.take(scale: self.settings.interval, refusedShare: share) }) {
        case .passes: return true
        case .isOver: return false
        case .unlimited, nil: return nil
        }
    }
}
