import Bytes
import Glibc
import SIPTesting
import SIPTransport
import Testing

@testable import ApusServer

/// A control socket in a directory of its own, and a loop that serves it. The protocol here: lines, each sent back
/// in capitals; `!` ends the conversation.
private final class LineServer {
    let path: String
    private let loop: EventLoop
    private let thread: WorkerThread
    private let socket: ControlSocket

    init(mode: Int = 0o600, path: String? = nil) throws {
        let path = try path ?? LineServer.freshPath()
        self.path = path
        self.socket = try ControlSocket.open(path: path, isDatagram: false, mode: mode) { bytes in
            if bytes.first == UInt8(ascii: "!") { return nil }
            guard let end = bytes.firstIndex(of: 10) else { return (0, []) }
            return (end + 1, Array(bytes[...end]).map { (97...122).contains($0) ? $0 - 32 : $0 })
        }
        let loop = try EventLoop(index: 0)
        self.loop = loop
        let socket = self.socket
        loop.post(LoopWork { socket.attach(to: $0) })
        self.thread = try WorkerThread(name: "test-control") { loop.run() }
    }

    func stop() {
        self.loop.stop()
        self.thread.join()
        self.socket.remove()
    }

    static func freshPath() throws -> String { "\(try FreshDirectory.make())/ctl" }
}

/// The other end; every wait is bounded.
private final class LineClient {
    private let descriptor: Int32

    init?(_ path: String) {
        self.descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // sun_path is an array of 108 bytes in the struct; the paths of these tests are shorter.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            for index in bytes.indices where index < target.count - 1 { unsafe target[index] = bytes[index] }
        }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(self.descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { return nil }
    }

    deinit { close(self.descriptor) }

    func send(_ text: String) {
        SystemOutput.write(ByteBuffer(text), to: self.descriptor)
    }

    func finish() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// What comes until `count` bytes are there or the other end closes; nil after ten seconds of silence.
    func receive(_ count: Int) -> String? {
        var text: [UInt8] = []
        while text.count < count {
            var item = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
            // One entry, valid for the call.
            guard unsafe poll(&item, 1, 10_000) == 1 else { return nil }
            let buffer = ByteBuffer(capacity: 65_536)
            unsafe buffer.fill { target in
                guard let base = target.baseAddress else { return 0 }
                return max(unsafe read(self.descriptor, base, target.count), 0)
            }
            if buffer.count == 0 { break }
            text += ByteString(buffer.span).bytes
        }
        return String(decoding: text, as: UTF8.self)
    }
}

@Suite("Control socket")
struct ControlSocketTests {
    @Test func `an answer that comes later goes to the client that asked, and delays no other`() throws {
        let path = try LineServer.freshPath()
        let waiting = Lock<[@Sendable ([UInt8]) -> Void]>([])
        let socket = try ControlSocket.open(
            path: path, isDatagram: false, mode: 0o600,
            waiting: { bytes, later in
                guard let end = bytes.firstIndex(of: 10) else { return (0, []) }
                if bytes.first == UInt8(ascii: "w") {
                    waiting.withLock { $0.append(later) }
                    return (end + 1, [])
                }
                return (end + 1, Array(bytes[...end]))
            })
        let loop = try EventLoop(index: 0)
        loop.post(LoopWork { socket.attach(to: $0) })
        let thread = try WorkerThread(name: "test-control") { loop.run() }
        defer {
            loop.stop()
            thread.join()
            socket.remove()
        }
        let patient = try #require(LineClient(path))
        patient.send("wait\n")
        let other = try #require(LineClient(path))
        other.send("now\n")
        #expect(other.receive(4) == "now\n")
        // Whatever the first one had sent before has been read by now.
        patient.send("more\n")
        #expect(patient.receive(5) == "more\n")
        for later in waiting.withLock({ $0 }) { later(Array("done\n".utf8)) }
        #expect(patient.receive(5) == "done\n")
    }

    @Test func `a request in pieces is answered once it is whole`() throws {
        let server = try LineServer()
        defer { server.stop() }
        let client = try #require(LineClient(server.path))
        client.send("he")
        client.send("llo\nwor")
        #expect(client.receive(6) == "HELLO\n")
        client.send("ld\n")
        #expect(client.receive(6) == "WORLD\n")
    }

    @Test func `requests sent together are answered in order, and the end of the client ends the conversation`() throws
    {
        let server = try LineServer()
        defer { server.stop() }
        let client = try #require(LineClient(server.path))
        client.send("one\ntwo\nthree\nhalf")
        client.finish()
        #expect(client.receive(100) == "ONE\nTWO\nTHREE\n")
    }

    @Test func `what is no request ends this conversation and no other`() throws {
        let server = try LineServer()
        defer { server.stop() }
        let bad = try #require(LineClient(server.path))
        let good = try #require(LineClient(server.path))
        bad.send("!")
        #expect(bad.receive(1) == "")
        good.send("fine\n")
        #expect(good.receive(5) == "FINE\n")
    }

    @Test func `answers larger than the system's buffers arrive whole`() throws {
        let server = try LineServer()
        defer { server.stop() }
        let client = try #require(LineClient(server.path))
        let line = String(repeating: "x", count: 999) + "\n"
        var received = ""
        // In portions below what a socket takes without being read, twenty times over.
        for _ in 0..<20 {
            client.send(String(repeating: line, count: 60))
            received += client.receive(60_000) ?? ""
        }
        #expect(received == String(repeating: line.uppercased(), count: 1200))
    }

    @Test func `a socket file that serves is not taken over`() throws {
        let server = try LineServer()
        defer { server.stop() }
        let failure = #expect(throws: SocketError.self) { try LineServer(path: server.path) }
        #expect(failure?.code == EADDRINUSE)
        let client = try #require(LineClient(server.path))
        client.send("still\n")
        #expect(client.receive(6) == "STILL\n")
    }

    @Test func `a socket file that nobody serves is replaced, and the end removes it`() throws {
        let path = try LineServer.freshPath()
        do {
            // Dropped without being removed, as by a process that is killed.
            _ = try ControlSocket.open(path: path, isDatagram: false, mode: 0o600) { _ in nil }
        }
        #expect(LineClient(path) == nil)
        let server = try LineServer(path: path)
        let client = try #require(LineClient(path))
        client.send("new\n")
        #expect(client.receive(4) == "NEW\n")
        server.stop()
        #expect(LineClient(path) == nil)
    }

    @Test func `a path that is too long is refused`() {
        let failure = #expect(throws: SocketError.self) {
            try ControlSocket.open(path: "/tmp/" + String(repeating: "x", count: 200), isDatagram: false, mode: 0o600) {
                _ in nil
            }
        }
        #expect(failure?.code == ENAMETOOLONG)
    }
}
