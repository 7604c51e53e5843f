import Bytes
import ModuleKit
import SIPTransport

/// Control sockets of all modules, on a thread of their own: a long answer delays no message.
final class ControlServer: @unchecked Sendable {  // `sockets` is guarded by its lock, the rest set once
    private let logger: Logger
    private let loop: EventLoop
    private let sockets = Lock<[ControlSocket]>([])
    private let thread = Lock<WorkerThread?>(nil)
    /// Where relative paths are; set before any socket is added.
    private let directory = Lock("/run/kamailio")

    init(logger: Logger) throws {
        self.logger = logger
        self.loop = try EventLoop(index: 1000)
    }

    var runDirectory: String {
        get { self.directory.withLock { $0 } }
        set { self.directory.withLock { $0 = newValue } }
    }

    /// Looks after what comes round on this thread; set before `start`.
    func setDelegate(_ delegate: any EventLoopDelegate) { self.loop.delegate = delegate }

    /// Has the thread look at its deadlines.
    func wake() { self.loop.post(LoopWork { _ in }) }

    /// Puts the sockets of a new configuration in the place of those so far. A socket that both have stays bound, its
    /// clients stay connected, and the new handler answers them from now on.
    func replace(_ listeners: [ControlListener]) {
        let wanted = listeners.compactMap { self.place($0)?.path }
        let leaving = self.sockets.withLock { sockets -> [ControlSocket] in
            let leaving = sockets.filter { !wanted.contains($0.path) }
            sockets.removeAll { !wanted.contains($0.path) }
            return leaving
        }
        for socket in leaving {
            socket.remove()
            self.loop.post(LoopWork { loop in socket.detach(from: loop) })
        }
        for listener in listeners { self.add(listener) }
    }

    private func place(_ listener: ControlListener) -> (path: String, isDatagram: Bool)? {
        switch listener.address {
        case .unixStream(let name): (self.path(name), false)
        case .unixDatagram(let name): (self.path(name), true)
        case .tcp, .udp: nil
        }
    }

    /// Binds a control socket; what cannot be bound is logged, the server goes on without it.
    func add(_ listener: ControlListener) {
        guard let (path, isDatagram) = self.place(listener) else {
            self.logger.error("\(listener.name): control over TCP and UDP is not built yet, use a unix socket")
            return
        }
        if let known = self.sockets.withLock({ $0.first { $0.path == path } }) {
            known.update(listener.handle)
            return
        }
        do {
            SystemOutput.makeDirectory(of: path)
            let socket = try ControlSocket.open(
                path: path, isDatagram: isDatagram, mode: listener.mode, waiting: listener.handle)
            self.sockets.withLock { $0.append(socket) }
            self.loop.post(LoopWork { loop in socket.attach(to: loop) })
            self.logger.info("\(listener.name) control socket: \(path)")
        } catch {
            self.logger.error("\(listener.name): cannot bind \(path): \(SocketError.text(of: error.code))")
        }
    }

    private func path(_ name: String) -> String {
        name.hasPrefix("/") ? name : "\(self.runDirectory)/\(name)"
    }

    var paths: [String] { self.sockets.withLock { $0.map(\.path) } }

    func start() throws {
        let thread = try WorkerThread(name: "apus-control") { [self] in self.loop.run() }
        self.thread.withLock { $0 = thread }
    }

    func stop() {
        self.loop.stop()
        self.thread.withLock { $0 }?.join()
        self.sockets.withLock { sockets in
            for socket in sockets { socket.remove() }
            sockets = []
        }
    }
}
