import Bytes
import CLinux
import Glibc

/// Answers on their way to the fifos of those who asked.
///
/// Nobody waits for a reader: an answer that finds none within its time is thrown away, and so is what comes while too
/// many wait. Answers to one fifo follow each other. All but `post` and `directory` is of its loop's thread.
final class FifoReplies: @unchecked Sendable {  // two locks; the rest is its loop's thread's
    /// The folder of the fifos; names lead nowhere else.
    let directory: Lock<String>
    let report: @Sendable (String) -> Void
    private let loop = Lock<EventLoop?>(nil)
    private var waiting: [FifoAnswer] = []
    private var isArmed = false
    /// Answers that may wait, and bytes of all but the last of them.
    private static let limit = 64
    private static let byteLimit = 4 << 20
    private static let pause = Interval.milliseconds(10)

    init(directory: String, report: @escaping @Sendable (String) -> Void) {
        self.directory = Lock(directory)
        self.report = report
    }

    func start(on loop: EventLoop) { self.loop.withLock { $0 = loop } }

    /// Sends `answer` to the fifo named `name`. From any thread.
    func post(_ answer: [UInt8], to name: ByteString) {
        guard let loop = self.loop.withLock({ $0 }) else { return }
        loop.post(Delivery(self, answer, name))
    }

    /// A name that stays in the folder.
    static func isPlain(_ name: ByteString) -> Bool {
        !name.isEmpty && name.count <= 255 && name != "." && name != ".."
            && !name.bytes.contains { $0 == 0x2f || $0 == 0 }
    }

    fileprivate func begin(_ answer: [UInt8], _ name: ByteString, on loop: EventLoop) {
        guard Self.isPlain(name) else { return self.report("'\(name)' is no name of a reply fifo") }
        let bytes = self.waiting.reduce(0) { $0 + $1.left }
        guard self.waiting.count < Self.limit, bytes <= Self.byteLimit else {
            return self.report("too many answers wait for their readers: the one for \(name) is thrown away")
        }
        let directory = self.directory.withLock { $0 }
        let path = directory.hasSuffix("/") ? "\(directory)\(name)" : "\(directory)/\(name)"
        self.waiting.append(FifoAnswer(path: path, answer))
        self.goOn(on: loop)
    }

    /// Writes what can be written, and comes back for the rest.
    fileprivate func goOn(on loop: EventLoop) {
        var busy: Set<String> = []
        self.waiting.removeAll { answer in
            // One that came earlier is not through yet.
            guard !busy.contains(answer.path) else { return false }
            switch answer.goOn() {
            case .waits:
                busy.insert(answer.path)
                return false
            case .done: return true
            case .failed(let reason):
                self.report("reply fifo \(answer.path): \(reason)")
                return true
            }
        }
        guard !self.waiting.isEmpty, !self.isArmed else { return }
        self.isArmed = true
        loop.perform(Turn(self), after: Self.pause)
    }

    private final class Turn: LoopTask {
        private let replies: FifoReplies
        init(_ replies: FifoReplies) { self.replies = replies }
        func perform(on loop: EventLoop) {
            self.replies.isArmed = false
            self.replies.goOn(on: loop)
        }
    }

    private final class Delivery: LoopTask {
        private let replies: FifoReplies
        private let answer: [UInt8]
        private let name: ByteString

        init(_ replies: FifoReplies, _ answer: [UInt8], _ name: ByteString) {
            self.replies = replies
            self.answer = answer
            self.name = name
        }

        func perform(on loop: EventLoop) { self.replies.begin(self.answer, self.name, on: loop) }
    }
}

/// One answer for a fifo, that its reader may open only now.
final class FifoAnswer {
    enum Progress {
        case done, waits
        case failed(String)
    }

    let path: String
    private let bytes: [UInt8]
    private var written = 0
    private var descriptor: Int32 = -1
    private var deadline = Instant.precise() + FifoAnswer.patience
    /// Time for a reader to come, and then for it to read on.
    private static let patience = Interval.seconds(2)

    init(path: String, _ bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    deinit { if self.descriptor >= 0 { _ = apus_close(self.descriptor) } }

    var left: Int { self.bytes.count - self.written }

    func goOn() -> Progress {
        if self.descriptor < 0 {
            // withCString hands out a pointer that is valid for the call.
            let result = unsafe self.path.withCString { unsafe apus_fifo_write($0) }
            if result == -ENXIO { return self.isLate ? .failed("nobody reads it") : .waits }
            if result == -EINVAL || result == -ELOOP { return .failed("is no fifo") }
            guard result >= 0 else { return .failed(SocketError.text(of: -result)) }
            self.descriptor = result
        }
        while self.written < self.bytes.count {
            let result = unsafe self.bytes.withUnsafeBufferPointer { bytes -> Int in
                guard let base = bytes.baseAddress else { return 0 }
                // From what is through to the end of the array, which never changes.
                return Int(unsafe apus_write(self.descriptor, base + self.written, bytes.count - self.written))
            }
            if result == -Int(EINTR) { continue }
            if result == -Int(EAGAIN) { return self.isLate ? .failed("its reader does not read on") : .waits }
            guard result > 0 else { return .failed(SocketError.text(of: Int32(clamping: -result))) }
            self.written += result
            self.deadline = Instant.precise() + Self.patience
        }
        return .done
    }

    private var isLate: Bool { Instant.precise() > self.deadline }
}
