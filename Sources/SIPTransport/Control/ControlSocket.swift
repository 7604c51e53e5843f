import Bytes
import CLinux
import Glibc

/// Takes the bytes that a control client has sent so far.
///
/// - Returns: how many were used (0: more are needed) and the answer; nil ends the conversation.
public typealias ControlHandler = @Sendable (_ bytes: [UInt8]) -> (used: Int, answer: [UInt8])?

/// A unix socket on which local clients are answered, served by an event loop.
///
/// All but `open` runs on that loop's thread.
public final class ControlSocket: DescriptorHandler, @unchecked Sendable {  // set once; then its loop's thread's
    /// The file.
    public let path: String
    private let descriptor: Int32
    private let isDatagram: Bool
    private let handler: ControlHandler
    private let scratch = ByteBuffer(capacity: 65_536)

    private init(path: String, descriptor: Int32, isDatagram: Bool, handler: @escaping ControlHandler) {
        self.path = path
        self.descriptor = descriptor
        self.isDatagram = isDatagram
        self.handler = handler
    }

    deinit { _ = apus_close(self.descriptor) }

    /// Binds the socket; a file left behind by a server that is gone is replaced, a living one is not.
    ///
    /// - Parameter mode: permissions of the file.
    public static func open(
        path: String, isDatagram: Bool, mode: Int, handler: @escaping ControlHandler
    ) throws(SocketError) -> ControlSocket {
        // withCString hands out a pointer that is valid for the call.
        let result = unsafe path.withCString { unsafe apus_unix_bind($0, isDatagram ? 1 : 0, Int32(mode)) }
        guard result >= 0 else { throw SocketError(.bind, code: -result) }
        return ControlSocket(path: path, descriptor: result, isDatagram: isDatagram, handler: handler)
    }

    /// Begins to serve, on the thread of `loop`.
    public func attach(to loop: EventLoop) {
        _ = try? loop.register(self.descriptor, handler: self)
    }

    /// Removes the file.
    public func remove() { _ = unsafe self.path.withCString { unsafe apus_unlink($0) } }

    /// A client connects, or a datagram is there.
    public func readable(on loop: EventLoop) {
        if self.isDatagram { return self.answerDatagrams() }
        while true {
            let client = apus_accept(self.descriptor)
            guard client >= 0 else { return }
            let connection = ControlConnection(descriptor: client, handler: self.handler)
            connection.attach(to: loop)
        }
    }

    private func received() -> [UInt8] {
        let buffer = self.scratch
        return ByteString(buffer.span).bytes
    }

    private func answerDatagrams() {
        for _ in 0..<64 {
            var peer = apus_unix_peer()
            var count = 0
            unsafe self.scratch.fill { bytes in
                guard let base = bytes.baseAddress else { return 0 }
                count = Int(unsafe apus_receive_from(self.descriptor, base, bytes.count, &peer))
                return max(count, 0)
            }
            guard count > 0 else { return }
            guard let (_, answer) = self.handler(self.received()), !answer.isEmpty else { continue }
            unsafe answer.withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return }
                _ = unsafe apus_send_to(self.descriptor, base, bytes.count, &peer)
            }
        }
    }
}

/// One client of a control socket: bytes in until a request is whole, its answer out, and again.
final class ControlConnection: DescriptorHandler {
    /// More than this without a whole request ends the conversation, bytes.
    private static let limit = 1 << 20

    private let descriptor: Int32
    private let handler: ControlHandler
    private var key: RegistrationKey?
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var isEnding = false

    init(descriptor: Int32, handler: @escaping ControlHandler) {
        self.descriptor = descriptor
        self.handler = handler
    }

    deinit { _ = apus_close(self.descriptor) }

    func attach(to loop: EventLoop) {
        self.key = try? loop.register(self.descriptor, handler: self)
    }

    func readable(on loop: EventLoop) {
        let buffer = ByteBuffer(capacity: 16_384)
        while true {
            var count = 0
            unsafe buffer.fill { bytes in
                guard let base = bytes.baseAddress else { return 0 }
                count = Int(unsafe apus_read(self.descriptor, base, bytes.count))
                return max(count, 0)
            }
            if count == -Int(EAGAIN) || count == -Int(EINTR) { break }
            guard count > 0 else { return self.close(loop) }
            self.input += ByteString(buffer.span).bytes
            guard self.input.count <= Self.limit else { return self.close(loop) }
        }
        while !self.input.isEmpty {
            guard let (used, answer) = self.handler(self.input) else {
                self.isEnding = true
                break
            }
            self.output += answer
            guard used > 0 else { break }
            self.input.removeFirst(min(used, self.input.count))
        }
        self.writable(on: loop)
    }

    func writable(on loop: EventLoop) {
        while !self.output.isEmpty {
            let written = unsafe self.output.withUnsafeBufferPointer { bytes -> Int in
                guard let base = bytes.baseAddress else { return 0 }
                return Int(unsafe apus_write(self.descriptor, base, bytes.count))
            }
            if written == -Int(EAGAIN) {
                self.watch(loop, isWriting: true)
                return
            }
            guard written > 0 else { return self.close(loop) }
            self.output.removeFirst(written)
        }
        self.watch(loop, isWriting: false)
        if self.isEnding { self.close(loop) }
    }

    private func watch(_ loop: EventLoop, isWriting: Bool) {
        if let key = self.key { loop.update(key, reads: true, writes: isWriting) }
    }

    private func close(_ loop: EventLoop) {
        if let key = self.key { loop.unregister(key) }
        self.key = nil
    }
}
