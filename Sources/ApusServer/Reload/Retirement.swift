import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

/// Configurations from their start to the end of their last user, and the listeners that a reload gave up, which stay
/// open for what began before it.
final class Retirement: EventLoopDelegate, Sendable {
    /// Longest that a listener stays open after it was given up: an INVITE transaction at its default limits is over.
    static let grace = Interval.seconds(240)

    /// What is left to do when nothing runs of a configuration any more. It does not keep the program.
    private struct Ending {
        let host: ProgramHost
        let modules: [any ServerModule]
        let stopped: [@Sendable (any ModuleHost) -> Void]

        func carryOut() {
            for body in self.stopped { body(self.host) }
            self.host.dismantle()
        }
    }

    private struct Listener {
        var socket: ListenSocket
        /// The first configuration without it.
        var generation: Int
        var deadline: Instant
    }

    private struct State {
        var endings: [Int: Ending] = [:]
        var listeners: [Listener] = []
        /// When a listener was closed last.
        var closedAt: Instant?
        weak var server: Server?
    }

    private let state = Lock(State())

    // MARK: Configurations

    /// Waits for the end of the last user of `configuration`.
    func follow(_ configuration: LoadedConfiguration, on server: Server) {
        let generation = configuration.host.generation
        let program = configuration.program
        let ending = Ending(
            host: configuration.host, modules: program.modules, stopped: program.hooks.stopped)
        self.state.withLock { state in
            state.server = server
            state.endings[generation] = ending
        }
        program.onRelease { [weak server] in
            // The last reference may go under the lock of a transaction: others do the work.
            server?.blocking.run { [weak server] in
                guard let server else { return }
                server.retirement.finish(generation)
                server.retirement.closeListeners(of: server)
                // Small pieces that the next configuration, a little different, would not fit into.
                SystemProcess.returnMemory()
                SystemProcess.forgetProgram()
            }
        }
    }

    private func finish(_ generation: Int) {
        let ending = self.state.withLock { $0.endings.removeValue(forKey: generation) }
        ending?.carryOut()
    }

    /// Numbers of the configurations that somebody still uses, the one in force among them.
    var generations: [Int] { self.state.withLock { $0.endings.keys.sorted() } }

    /// At the end of the server: stops the modules of all configurations, the newest last.
    func stopAll() {
        let endings = self.state.withLock { state in
            defer { state.endings = [:] }
            return state.endings.sorted { $0.key < $1.key }.map(\.value)
        }
        for ending in endings { ending.carryOut() }
    }

    // MARK: Listeners

    /// Keeps `sockets` open until the configurations before `generation` are done, `grace` at most.
    func retire(_ sockets: [ListenSocket], generation: Int, now: Instant = .now()) {
        let deadline = now + Self.grace
        self.state.withLock { state in
            state.listeners += sockets.map { Listener(socket: $0, generation: generation, deadline: deadline) }
        }
    }

    /// Listeners that were given up and are open yet.
    var listeners: [ListenSocket] { self.state.withLock { $0.listeners.map(\.socket) } }

    /// Whether a listener was closed within the last 15 seconds: a busy worker may have it open yet.
    var hasJustClosed: Bool {
        self.state.withLock { $0.closedAt.map { Instant.precise() - $0 < .seconds(15) } ?? false }
    }

    /// Takes a listener back into service.
    func revive(_ index: Int) { self.state.withLock { $0.listeners.removeAll { $0.socket.index == index } } }

    /// Closes the listeners that nobody needs any more.
    func closeListeners(of server: Server, now: Instant = .now()) {
        server.changing.withLock { _ in
            let closing = self.state.withLock { state -> [ListenSocket] in
                let oldest = state.endings.keys.min() ?? .max
                let over = state.listeners.filter { oldest >= $0.generation || $0.deadline <= now }
                state.listeners.removeAll { entry in over.contains { $0.socket == entry.socket } }
                if !over.isEmpty { state.closedAt = .precise() }
                return over.map(\.socket)
            }
            guard !closing.isEmpty else { return }
            for socket in closing {
                server.transport.close(socket.index)
                server.crew.remove(listener: socket.index)
            }
            server.refreshDescriptors()
            for socket in closing {
                server.logger.info("closed \(socket.socketName.string), which the configuration no longer has")
            }
        }
    }

    // MARK: On the control thread

    var nextDeadline: Instant? { self.state.withLock { $0.listeners.map(\.deadline).min() } }

    func loopWoke(_ loop: EventLoop, now: Instant) {
        let due = self.state.withLock { state -> Server? in
            state.listeners.contains { $0.deadline <= now } ? state.server : nil
        }
        guard let server = due else { return }
        server.blocking.run { server.retirement.closeListeners(of: server) }
    }
}
