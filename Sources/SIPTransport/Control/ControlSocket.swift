import Bytes
import CLinux
import Glibc

/// Takes the bytes that a control client has sent so far.
///
/// - Returns: how many were used (0: more are needed) and the answer; nil ends the conversation.
public typealias ControlHandler = @Sendable (_ bytes: [UInt8]) -> (used: Int, answer: [UInt8])?

/// As `ControlHandler`; an answer that is not known yet goes to the same client later, through `later`, from any thread.
public typealias WaitingControlHandler =
    @Sendable (_ bytes: [UInt8], _ later: @escaping @Sendable ([UInt8]) -> Void) -> (used: Int, answer: [UInt8])?

/// A unix socket on which local clients are answered, served by an event loop.
///
/// All but `open` runs on that loop's thread.
public final class ControlSocket: DescriptorHandler, @unchecked Sendable {  // set once; then its loop's thread's
    /// The file.
    public let path: String
    private let descriptor: Int32
    private let isDatagram: Bool
    private let answering: Answering
    private var key: RegistrationKey?
    private let scratch = ByteBuffer(capacity: 65_536)
    private var clients: [ControlConnection] = []
    /// Clients at a time; more are turned away.
    private static let clientLimit = 256

    private init(path: String, descriptor: Int32, isDatagram: Bool, handler: @escaping WaitingControlHandler) {
        self.path = path
        self.descriptor = descriptor
        self.isDatagram = isDatagram
        self.answering = Answering(handler)
    }

    deinit { _ = apus_close(self.descriptor) }

    /// Who answers: may change at any time, for clients that are connected too.
    final class Answering: Sendable {
        private let handler: Lock<WaitingControlHandler>
        init(_ handler: @escaping WaitingControlHandler) { self.handler = Lock(handler) }
        func answer(
            _ bytes: [UInt8], later: @escaping @Sendable ([UInt8]) -> Void
        ) -> (used: Int, answer: [UInt8])? {
            self.handler.withLock { $0 }(bytes, later)
        }
        func update(_ handler: @escaping WaitingControlHandler) {
            // The one before is let go of outside the lock: it may be the last to know a whole configuration.
            var other = handler
            self.handler.withLock { swap(&$0, &other) }
        }
    }

    /// Puts another handler in the place of the one so far. From any thread.
    public func update(_ handler: @escaping WaitingControlHandler) { self.answering.update(handler) }

    /// Binds the socket; a file left behind by a server that is gone is replaced, a living one is not.
    ///
    /// - Parameter mode: permissions of the file.
    public static func open(
        path: String, isDatagram: Bool, mode: Int, handler: @escaping ControlHandler
    ) throws(SocketError) -> ControlSocket {
        try self.open(path: path, isDatagram: isDatagram, mode: mode, waiting: { bytes, _ in handler(bytes) })
    }

    /// As the other, with a handler whose answers may come later.
    public static func open(
        path: String, isDatagram: Bool, mode: Int, waiting handler: @escaping WaitingControlHandler
    ) throws(SocketError) -> ControlSocket {
        // withCString hands out a pointer that is valid for the call.
        let result = unsafe path.withCString { unsafe apus_unix_bind($0, isDatagram ? 1 : 0, Int32(mode)) }
        guard result >= 0 else { throw SocketError(.bind, code: -result) }
        return ControlSocket(path: path, descriptor: result, isDatagram: isDatagram, handler: handler)
    }

    /// Begins to serve, on the thread of `loop`.
    public func attach(to loop: EventLoop) {
        self.key = try? loop.register(self.descriptor, handler: self)
    }

    /// Stops serving, on the loop's thread; clients that are connected hear no more.
    public func detach(from loop: EventLoop) {
        if let key = self.key { loop.unregister(key) }
        self.key = nil
        self.answering.update { _, _ in nil }
    }

    /// Removes the file.
    public func remove() { _ = unsafe self.path.withCString { unsafe apus_unlink($0) } }

    /// A client connects, or a datagram is there.
    public func readable(on loop: EventLoop) {
        if self.isDatagram { return self.answerDatagrams() }
        while true {
            let client = apus_accept(self.descriptor)
            if client == -EMFILE || client == -ENFILE {
                // The client stays in the queue and the loop would come straight back: nothing else runs here, so rest.
                usleep(50_000)
                return
            }
            guard client >= 0 else { return }
            self.clients.removeAll { $0.isClosed }
            let connection = ControlConnection(descriptor: client, answering: self.answering)
            // One too many is closed at once, as its last reference goes.
            guard self.clients.count < Self.clientLimit else { continue }
            self.clients.append(connection)
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
            let client = peer
            let later: @Sendable ([UInt8]) -> Void = { [weak self] answer in self?.send(answer, to: client) }
            guard let (_, answer) = self.answering.answer(self.received(), later: later) else { continue }
            self.send(answer, to: client)
        }
    }

    /// Answers a datagram; one that is nothing is not sent. From any thread.
    private func send(_ answer: [UInt8], to client: apus_unix_peer) {
        var peer = client
        unsafe answer.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
            _ = unsafe apus_send_to(self.descriptor, base, bytes.count, &peer)
        }
    }
}

/// One client of a control socket: bytes in until a request is whole, its answer out, and again.
///
/// While an answer waits for the client to read it, nothing more is taken from the client.
final class ControlConnection: DescriptorHandler, @unchecked Sendable {  // its loop's thread; others post to it
    /// More than this without a whole request ends the conversation, bytes.
    private static let limit = 2 << 20
    /// Bytes that are read before they are looked at.
    private static let portion = 65_536

    private var descriptor: Int32
    private let answering: ControlSocket.Answering
    private var key: RegistrationKey?
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var written = 0
    /// The client has sent its last, or what it sent is beyond repair.
    private var isEnding = false
    private(set) var isClosed = false
    /// Answers that are to come.
    private var owed = 0
    /// A client that waits for more answers than this is not listened to meanwhile, so that it cannot fill the memory.
    private static let owedLimit = 64

    init(descriptor: Int32, answering: ControlSocket.Answering) {
        self.descriptor = descriptor
        self.answering = answering
    }

    deinit { if self.descriptor >= 0 { _ = apus_close(self.descriptor) } }

    func attach(to loop: EventLoop) {
        self.key = try? loop.register(self.descriptor, handler: self)
        if self.key == nil { self.isClosed = true }
    }

    func readable(on loop: EventLoop) {
        guard !self.isClosed, self.output.isEmpty, !self.isEnding else { return }
        let buffer = ByteBuffer(capacity: Self.portion)
        var count = 0
        unsafe buffer.fill { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            // The pointer and the length are those of the buffer being filled.
            count = Int(unsafe apus_read(self.descriptor, base, bytes.count))
            return max(count, 0)
        }
        if count == -Int(EAGAIN) || count == -Int(EINTR) { return }
        guard count >= 0 else { return self.close(loop) }
        if count == 0 { self.isEnding = true }
        self.input += ByteString(buffer.span).bytes
        guard self.input.count <= Self.limit else { return self.close(loop) }
        self.answer(on: loop)
        self.writable(on: loop)
    }

    /// Answers the requests that are whole.
    private func answer(on loop: EventLoop) {
        let later: @Sendable ([UInt8]) -> Void = { [weak self] answer in
            if let self { loop.post(LateAnswer(answer, for: self)) }
        }
        while !self.input.isEmpty, self.owed < Self.owedLimit {
            guard let (used, answer) = self.answering.answer(self.input, later: later) else {
                self.isEnding = true
                self.input = []
                return
            }
            self.output += answer
            guard used > 0 else { return }
            if answer.isEmpty { self.owed += 1 }
            self.input.removeFirst(min(used, self.input.count))
        }
    }

    /// An answer that was owed is there.
    func deliver(_ answer: [UInt8], on loop: EventLoop) {
        guard !self.isClosed else { return }
        self.owed = max(self.owed - 1, 0)
        self.output += answer
        self.answer(on: loop)
        self.writable(on: loop)
    }

    func writable(on loop: EventLoop) {
        guard !self.isClosed else { return }
        while self.written < self.output.count {
            let result = unsafe self.output.withUnsafeBufferPointer { bytes -> Int in
                guard let base = bytes.baseAddress else { return 0 }
                // From what is through to the end of the array, which nobody changes meanwhile.
                return Int(unsafe apus_write(self.descriptor, base + self.written, bytes.count - self.written))
            }
            if result == -Int(EINTR) { continue }
            if result == -Int(EAGAIN) { return self.watch(loop, reads: false, writes: true) }
            guard result > 0 else { return self.close(loop) }
            self.written += result
        }
        self.output = []
        self.written = 0
        // Who hangs up does not wait for what is still to come.
        if self.isEnding { return self.close(loop) }
        self.watch(loop, reads: true, writes: false)
    }

    private func watch(_ loop: EventLoop, reads: Bool, writes: Bool) {
        if let key = self.key { loop.update(key, reads: reads, writes: writes) }
    }

    private func close(_ loop: EventLoop) {
        if let key = self.key { loop.unregister(key) }
        self.key = nil
        self.isClosed = true
        _ = apus_close(self.descriptor)
        self.descriptor = -1
    }
}

/// Brings an answer to the loop of the client that waits for it.
private final class LateAnswer: LoopTask {
    private let answer: [UInt8]
    private let connection: ControlConnection

    init(_ answer: [UInt8], for connection: ControlConnection) {
        self.answer = answer
        self.connection = connection
    }

    func perform(on loop: EventLoop) { self.connection.deliver(self.answer, on: loop) }
}
