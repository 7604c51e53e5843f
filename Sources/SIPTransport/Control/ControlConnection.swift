import Bytes
import CLinux
import Glibc

/// One client of a control socket: bytes in until a request is whole, its answer out, and again.
///
/// While an answer waits for the client to read it, nothing more is taken from the client.
final class ControlConnection: DescriptorHandler, @unchecked Sendable {  // its loop's thread; others post to it
    /// More than this without a whole request ends the conversation, bytes.
    private static let limit = 2 << 20
    /// Once the client has so many bytes of answers to read, it does not get further ones before it has read them.
    private static let outputLimit = 1 << 20

    private var descriptor: Int32
    private let answering: ControlSocket.Answering
    private var handler: (generation: Int, handler: WaitingControlHandler)?
    private var key: RegistrationKey?
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var written = 0
    /// The client has sent its last, or what it sent is beyond repair.
    private var isEnding = false
    private(set) var isClosed = false
    private(set) var lastHeard = Instant.now()
    /// Answers that are to come.
    private var owed = 0
    /// A client that waits for more answers than this is not listened to meanwhile, so that it cannot fill the memory.
    private static let owedLimit = 64

    init(descriptor: Int32, answering: ControlSocket.Answering) {
        self.descriptor = descriptor
        self.answering = answering
    }

    deinit { if self.descriptor >= 0 { _ = apus_close(self.descriptor) } }

    /// Neither side waits for the other.
    var isIdle: Bool { self.owed == 0 && self.output.isEmpty }

    func attach(to loop: EventLoop) {
        self.key = try? loop.register(self.descriptor, handler: self)
        if self.key == nil { self.isClosed = true }
    }

    func readable(on loop: EventLoop) {
        guard !self.isClosed, self.output.isEmpty, !self.isEnding else { return }
        switch ControlInput(of: self.descriptor) {
        case .nothing: return
        case .failed: return self.close(loop)
        case .end: self.isEnding = true
        case .bytes(let bytes): self.input += bytes
        }
        self.lastHeard = .now()
        guard self.input.count <= Self.limit else { return self.close(loop) }
        self.answer(on: loop)
        self.writable(on: loop)
    }

    /// Answers the requests that are whole.
    private func answer(on loop: EventLoop) {
        let later: @Sendable ([UInt8]) -> Void = { [weak self] answer in
            if let self { loop.post(LateAnswer(answer, for: self)) }
        }
        while !self.input.isEmpty, self.owed < Self.owedLimit, self.output.count < Self.outputLimit {
            guard let (used, answer) = self.answering.refresh(&self.handler)(self.input, later) else {
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
        while true {
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
            // Requests that waited for this.
            self.answer(on: loop)
            if self.output.isEmpty { break }
        }
        // Who hangs up does not wait for what is still to come.
        if self.isEnding { return self.close(loop) }
        self.watch(loop, reads: true, writes: false)
    }

    private func watch(_ loop: EventLoop, reads: Bool, writes: Bool) {
        if let key = self.key { loop.update(key, reads: reads, writes: writes) }
    }

    func close(_ loop: EventLoop) {
        guard !self.isClosed else { return }
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
