import Bytes
import Glibc
import ModuleKit
import SIPMessage
import SIPTransport

/// Control sockets and fifos of all modules, on a thread of their own: a long answer delays no message.
final class ControlServer: @unchecked Sendable {  // `served` is guarded by its lock, the rest set once
    private let logger: Logger
    private let loop: EventLoop
    private let served = Lock<[Served]>([])
    private let thread = Lock<WorkerThread?>(nil)
    /// Where relative paths are; set before any socket is added.
    private let directory = Lock("/run/kamailio")

    private struct Served {
        var name: String
        var address: ControlListener.Address
        var endpoint: any ControlEndpoint
    }

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
        let wanted = listeners.map { self.place($0.address) }
        let leaving = self.served.withLock { served -> [Served] in
            let leaving = served.filter { !wanted.contains($0.address) }
            served.removeAll { !wanted.contains($0.address) }
            return leaving
        }
        for each in leaving {
            each.endpoint.remove()
            self.loop.post(LoopWork { loop in each.endpoint.detach(from: loop) })
        }
        for listener in listeners { self.add(listener) }
    }

    /// With the whole path.
    private func place(_ address: ControlListener.Address) -> ControlListener.Address {
        switch address {
        case .unixStream(let name): .unixStream(self.path(name))
        case .unixDatagram(let name): .unixDatagram(self.path(name))
        case .fifo(let name): .fifo(self.path(name))
        case .tcp, .udp: address
        }
    }

    private func path(_ name: String) -> String {
        name.hasPrefix("/") ? name : "\(self.runDirectory)/\(name)"
    }

    /// Binds a control socket or makes a fifo; what cannot be had is logged, the server goes on without it.
    func add(_ listener: ControlListener) {
        let address = self.place(listener.address)
        let known = self.served.withLock { $0.first { $0.address == address } }
        do throws(SocketError) {
            let endpoint = try self.endpoint(at: address, known?.endpoint, listener)
            try self.permit(listener, at: address, known == nil ? endpoint : nil)
            guard known == nil else { return }
            self.served.withLock {
                $0.append(Served(name: listener.name, address: address, endpoint: endpoint))
            }
            self.loop.post(LoopWork { loop in endpoint.attach(to: loop) })
            self.logger.info("\(listener.name) control socket: \(address)")
        } catch {
            self.logger.error("\(listener.name): cannot serve \(address): \(SocketError.text(of: error.code))")
        }
    }

    /// Makes what serves at `address`, or gives the one that is there the listener's handler.
    private func endpoint(
        at address: ControlListener.Address, _ known: (any ControlEndpoint)?, _ listener: ControlListener
    ) throws(SocketError) -> any ControlEndpoint {
        switch listener.service {
        case .writing(to: let replies, let handler):
            if let fifo = known as? ControlFifo {
                fifo.update(replies: replies, handler)
                return fifo
            }
            guard case .fifo(let path) = address else { throw SocketError(.open, code: EOPNOTSUPP) }
            SystemOutput.makeDirectory(of: path)
            return try ControlFifo.open(path: path, mode: listener.mode, replies: replies, making: handler) {
                [logger = self.logger, name = listener.name] in logger.error("\(name): \($0)")
            }
        case .answering(let handler):
            if let socket = known as? ControlSocket {
                socket.update(handler, patience: listener.patience)
                return socket
            }
            let socket = try self.socket(at: address, listener, handler)
            socket.update(handler, patience: listener.patience)
            return socket
        }
    }

    /// Gives the file of a listener its owners and mode.
    /// - Parameter new: goes when that cannot be done: rather nobody is answered than the wrong ones.
    private func permit(
        _ listener: ControlListener, at address: ControlListener.Address, _ new: (any ControlEndpoint)?
    ) throws(SocketError) {
        guard let path = address.path else { return }
        do throws(SocketError) {
            try ControlPermissions(mode: listener.mode, user: listener.user, group: listener.group).apply(to: path)
        } catch {
            new?.remove()
            throw error
        }
    }

    private func socket(
        at address: ControlListener.Address, _ listener: ControlListener, _ handler: @escaping ControlHandlerMaker
    ) throws(SocketError) -> ControlSocket {
        switch address {
        case .unixStream(let path), .unixDatagram(let path):
            SystemOutput.makeDirectory(of: path)
            let isDatagram = address == .unixDatagram(path)
            return try .open(path: path, isDatagram: isDatagram, mode: listener.mode, making: handler)
        case .tcp(let host, let port), .udp(let host, let port):
            let isDatagram = address == .udp(host, port)
            guard let ip = Self.ip(of: host) else { throw SocketError(.bind, code: EADDRNOTAVAIL) }
            if !ip.isLoopback {
                self.logger.warning(
                    "\(listener.name): whoever reaches \(address) may do everything, without a password")
            }
            return try .open(address: SocketAddress(ip: ip, port: port), isDatagram: isDatagram, making: handler)
        case .fifo: throw SocketError(.open, code: EOPNOTSUPP)
        }
    }

    private static func ip(of host: String) -> IPAddress? {
        if host == "*" || host.isEmpty { return IPAddress("0.0.0.0") }
        if let ip = IPAddress(host) { return ip }
        guard case .success(let found) = HostLookup.addresses(of: ByteString(host)) else { return nil }
        return found.first
    }

    /// Socket files of the protocol that kamcmd speaks.
    var paths: [String] {
        self.served.withLock { served in
            served.compactMap { if case .unixStream(let path) = $0.address { path } else { nil } }
        }
    }

    func start() throws {
        let thread = try WorkerThread(name: "apus-control") { [self] in self.loop.run() }
        self.thread.withLock { $0 = thread }
    }

    func stop() {
        self.loop.stop()
        self.thread.withLock { $0 }?.join()
        self.served.withLock { served in
            for each in served { each.endpoint.remove() }
            served = []
        }
    }
}
