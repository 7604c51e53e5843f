import Bytes
import CLinux

/// New settings for a loop.
final class SettingsTask: LoopTask {
    private let settings: StreamSettings
    init(_ settings: StreamSettings) { self.settings = settings }
    func perform(on loop: EventLoop) { loop.settings = self.settings }
}

/// A listener that begins to accept.
final class ListenTask: LoopTask {
    private let listener: StreamListener
    init(_ listener: StreamListener) { self.listener = listener }
    func perform(on loop: EventLoop) {
        // epoll refuses only when the kernel has no memory; the listener then closes.
        do throws(SocketError) { try self.listener.begin() } catch { self.listener.close() }
    }
}

/// A listener that is given up.
final class ListenerEndTask: LoopTask {
    private let listener: StreamListener
    init(_ listener: StreamListener) { self.listener = listener }
    func perform(on loop: EventLoop) { self.listener.close() }
}

/// An accepted connection that another loop is to serve.
final class BeginTask: LoopTask {
    private let connection: StreamConnection
    init(_ connection: StreamConnection) { self.connection = connection }
    func perform(on loop: EventLoop) { self.connection.begin() }
}

/// The end of a connection, after what waits for its peer.
final class CloseTask: LoopTask {
    private let connection: StreamConnection
    init(_ connection: StreamConnection) { self.connection = connection }
    func perform(on loop: EventLoop) {
        switch self.connection.state {
        case .open: self.connection.closeWhenWritten()
        case .fresh, .connecting: self.connection.close(.requested)
        case .closing, .closed: break
        }
    }
}

/// Another lifetime for one connection.
final class LifetimeTask: LoopTask {
    private let connection: StreamConnection
    private let lifetime: Interval
    init(_ connection: StreamConnection, _ lifetime: Interval) {
        self.connection = connection
        self.lifetime = lifetime
    }
    func perform(on loop: EventLoop) {
        self.connection.lifetime = self.lifetime
        self.connection.arm()
    }
}

/// Other probes of the kernel for one connection.
final class KeepaliveTask: LoopTask {
    private let connection: StreamConnection
    private let isOn: Bool
    private let idle: Int
    private let interval: Int
    private let count: Int
    init(_ connection: StreamConnection, _ isOn: Bool, _ idle: Int, _ interval: Int, _ count: Int) {
        self.connection = connection
        self.isOn = isOn
        self.idle = idle
        self.interval = interval
        self.count = count
    }
    func perform(on loop: EventLoop) {
        let descriptor = self.connection.descriptor
        guard descriptor >= 0 else { return }
        _ = apus_socket_set(descriptor, APUS_KEEPALIVE, self.isOn ? 1 : 0)
        for (option, value) in [
            (APUS_KEEPALIVE_IDLE, self.idle), (APUS_KEEPALIVE_INTERVAL, self.interval),
            (APUS_KEEPALIVE_COUNT, self.count),
        ] where self.isOn && value > 0 {
            _ = apus_socket_set(descriptor, option, Int32(clamping: value))
        }
    }
}
