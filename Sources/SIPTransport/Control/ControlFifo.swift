import Bytes
import CLinux

/// Sends an answer to the fifo of that name. From any thread.
public typealias FifoReply = @Sendable (_ name: ByteString, _ answer: [UInt8]) -> Void

/// Takes the bytes that were written to a fifo so far.
///
/// - Returns: how many were used, 0: more are needed; nil: none of them means anything.
public typealias FifoHandler = @Sendable (_ bytes: [UInt8], _ reply: @escaping FifoReply) -> Int?

/// A fifo that requests are written to; each says by name which other fifo its answer is for.
///
/// What is there when the last writer closes, and is no whole request, is thrown away: the next one begins afresh.
public final class ControlFifo: ControlEndpoint, DescriptorHandler, @unchecked Sendable {  // its loop's thread's
    public let path: String
    private var descriptor: Int32
    private let making: Lock<@Sendable () -> FifoHandler>
    private let replies: FifoReplies
    /// Of the one that writes.
    private var handler: FifoHandler?
    private var input: [UInt8] = []
    private var key: RegistrationKey?
    /// More without a whole request is thrown away, bytes.
    private static let limit = 2 << 20

    private init(path: String, descriptor: Int32, replies: FifoReplies, making: @escaping @Sendable () -> FifoHandler) {
        self.path = path
        self.descriptor = descriptor
        self.replies = replies
        self.making = Lock(making)
    }

    deinit { if self.descriptor >= 0 { _ = apus_close(self.descriptor) } }

    /// Makes the fifo; one left behind by a server that is gone is replaced, one that is read or any other file is not.
    ///
    /// - Parameters:
    ///   - replies: folder of the fifos that answers go to.
    ///   - report: takes what went wrong with an answer, for the log.
    public static func open(
        path: String, mode: Int, replies: String, making: @escaping @Sendable () -> FifoHandler,
        report: @escaping @Sendable (String) -> Void
    ) throws(SocketError) -> ControlFifo {
        // withCString hands out a pointer that is valid for the call.
        let result = unsafe path.withCString { unsafe apus_fifo_make($0, Int32(mode)) }
        guard result >= 0 else { throw SocketError(.bind, code: -result) }
        return ControlFifo(
            path: path, descriptor: result, replies: FifoReplies(directory: replies, report: report), making: making)
    }

    /// Puts another handler and another folder in the place of those so far. From any thread.
    public func update(replies: String, _ making: @escaping @Sendable () -> FifoHandler) {
        // The one before is let go of outside the lock: it may be the last to know a whole configuration.
        var other = making
        self.making.withLock { swap(&$0, &other) }
        self.replies.directory.withLock { $0 = replies }
    }

    public func attach(to loop: EventLoop) {
        self.replies.start(on: loop)
        self.key = try? loop.register(self.descriptor, handler: self)
    }

    /// Answers that wait for their reader still get their time.
    public func detach(from loop: EventLoop) {
        self.close(loop)
        self.handler = nil
        self.making.withLock { $0 = { { _, _ in nil } } }
    }

    public func remove() {
        // The path lives for the call.
        _ = unsafe self.path.withCString { unsafe apus_unlink($0) }
    }

    public func readable(on loop: EventLoop) {
        switch ControlInput(of: self.descriptor) {
        case .nothing: return
        case .end, .failed: return self.begin(on: loop)
        case .bytes(let bytes): self.input += bytes
        }
        self.take()
        if self.input.count > Self.limit { self.input = [] }
    }

    private func take() {
        let replies = self.replies
        let reply: FifoReply = { name, answer in replies.post(answer, to: name) }
        while !self.input.isEmpty {
            let handler = self.handler ?? self.making.withLock { $0 }()
            self.handler = handler
            guard let used = handler(self.input, reply) else {
                // The handler stays: it knows what it is in the middle of.
                self.input = []
                return
            }
            guard used > 0 else { return }
            self.input.removeFirst(min(used, self.input.count))
            // A request may have brought another configuration.
            self.handler = nil
        }
    }

    /// The last writer has closed. The end that was open then would be ready for ever: another one takes its place, and
    /// bytes that came in between are of the fifo, not of its end.
    private func begin(on loop: EventLoop) {
        self.input = []
        self.handler = nil
        // withCString hands out a pointer that is valid for the call.
        let next = unsafe self.path.withCString { unsafe apus_fifo_read($0) }
        self.close(loop)
        // Somebody has removed the file: a restart makes another.
        guard next >= 0 else { return self.replies.report("\(self.path): \(SocketError.text(of: -next))") }
        self.descriptor = next
        self.key = try? loop.register(next, handler: self)
    }

    private func close(_ loop: EventLoop) {
        if let key = self.key { loop.unregister(key) }
        self.key = nil
        if self.descriptor >= 0 { _ = apus_close(self.descriptor) }
        self.descriptor = -1
    }
}
