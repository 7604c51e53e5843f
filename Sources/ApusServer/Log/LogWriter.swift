import Bytes
import Glibc
import ModuleKit
import SIPTransport
import Synchronization

/// Where finished log lines go, and in which form.
struct LogTarget: Sendable, Equatable {
    enum Place: Sendable, Equatable {
        case standardError
        /// - Parameter facility: syslog facility number of lines that name none.
        case syslog(facility: Int)
    }

    var place: Place
    var format: LogFormat
    var isColored = false

    /// Whether lines say the Call-ID of the message that they are about.
    var namesCalls: Bool {
        if case .json(let shape) = self.format { return shape.namesCalls }
        return false
    }

    /// Whether a line end follows each line on standard error.
    var endsLines: Bool {
        if case .json(let shape) = self.format { return shape.endsLines }
        return true
    }
}

/// Writes log lines on a thread of its own. Workers only put lines into a bounded queue; when it is full, lines are
/// dropped and counted, and the count is logged as soon as there is room.
final class LogWriter: LogSink, @unchecked Sendable {  // two locks guard what changes
    /// Takes a finished line: syslog severity, facility (nil: the target's), bytes, which are gone after the call.
    typealias Output = @Sendable (_ severity: Int, _ facility: Int?, _ line: ByteBuffer) -> Void

    /// Lines that are written together.
    private struct Lot {
        static let usualSize = 64 << 10
        var lines: [LogLine] = []
        let texts = ByteBuffer(capacity: 4096)

        /// As new, in the room that it has as long as that is nothing unusual.
        mutating func removeAll() {
            self.texts.removeAll()
            if self.texts.capacity > Self.usualSize { self.texts.shrink(to: Self.usualSize) }
            self.lines.removeAll(keepingCapacity: self.lines.capacity <= Self.usualSize / 64)
        }
    }

    private struct Queue {
        var lot = Lot()
        /// To put lines into while the others are written.
        var spare: Lot?
        var bytes = 0
        var dropped = 0
        var isStopped = false
    }

    private let queue = Lock(Queue())
    private let signal = WorkSignal()
    /// What cannot wait until more has been gathered.
    private let hurry = WorkSignal()
    private struct Setup {
        var target: LogTarget
        var name: ByteString
        var output: Output
    }

    private let setup: Lock<Setup>
    private let namesCalls: Atomic<Bool>
    private let capacity: Int
    private let thread = Lock<WorkerThread?>(nil)
    /// There is a thread: every line asks.
    private let isRunning = Atomic(false)
    /// Sequences that a configuration gave levels in place of the usual ones.
    private let colors = Lock([LogLevel: ByteString]())
    private let isHeld: Bool
    private let losses: LogLosses
    private let batch: LogBatch
    /// Milliseconds between a line and the writing of all that came meanwhile. Woken for each, the thread would take
    /// turns with the workers all the time, which costs them more than the lines do.
    private static let gathering = 5

    /// - Parameters:
    ///   - name: program name in syslog lines and on standard error.
    ///   - capacity: bytes that may wait.
    ///   - isHeld: lines wait until `start` or `stop` even when there is no thread yet.
    ///   - output: nil writes to the target's place.
    init(target: LogTarget, name: String, capacity: Int = 4 << 20, isHeld: Bool = false, output: Output? = nil) {
        let losses = LogLosses()
        let batch = LogBatch(losses)
        self.losses = losses
        self.batch = batch
        self.setup = Lock(
            Setup(target: target, name: ByteString(name), output: output ?? Self.systemOutput(target, batch)))
        self.namesCalls = Atomic(target.namesCalls)
        self.capacity = capacity
        self.isHeld = isHeld
    }

    /// Whether `update` would change anything.
    func isSet(to target: LogTarget, name: String) -> Bool {
        self.setup.withLock { $0.target == target && $0.name == ByteString(name) }
    }

    /// Has lines from now on go to another place, in another form or under another name.
    func update(target: LogTarget, name: String) {
        let output = Self.systemOutput(target, self.batch)
        self.setup.withLock { setup in
            if setup.target.place != target.place || setup.target.endsLines != target.endsLines {
                setup.output = output
            }
            setup.target = target
            setup.name = ByteString(name)
        }
        self.namesCalls.store(target.namesCalls, ordering: .relaxed)
    }

    private static func systemOutput(_ target: LogTarget, _ batch: LogBatch) -> Output {
        switch target.place {
        case .standardError:
            return { _, _, line in
                if target.endsLines { line.append(10) }
                batch.add(line)
            }
        case .syslog(let standard):
            return { severity, facility, line in
                SystemOutput.syslog(severity: severity, facility: facility ?? standard, line)
            }
        }
    }

    /// Begins to write in the background. Before that, and after `stop`, lines are written by the caller.
    func start() {
        self.thread.withLock { thread in
            thread = try? WorkerThread(name: "apus-log") { [self] in self.run() }
            self.isRunning.store(thread != nil, ordering: .releasing)
        }
    }

    /// Writes what is left and ends the thread.
    func stop() {
        self.queue.withLock { $0.isStopped = true }
        self.signal.raise()
        self.hurry.raise()
        let thread = self.thread.withLock { thread in
            defer { thread = nil }
            self.isRunning.store(false, ordering: .releasing)
            return thread
        }
        thread?.join()
        self.flush()
    }

    var wantsCallIDs: Bool { self.namesCalls.load(ordering: .relaxed) }

    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {
        self.write(level, facility: facility, prefix: prefix, callID: Span(), text: text)
    }

    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, callID: Span<UInt8>, text: Span<UInt8>) {
        let isDirect = !self.isHeld && !self.isRunning.load(ordering: .acquiring)
        let time = WallClock.seconds()
        let (isFirst, isMuch) = self.queue.withLock { queue in
            guard queue.bytes < self.capacity else {
                queue.dropped += 1
                return (false, false)
            }
            let before = queue.bytes
            queue.lot.lines.append(
                LogLine(
                    level, facility: facility, time: time, prefix: prefix, callID: callID, text, into: queue.lot.texts))
            queue.bytes += text.count + prefix.count + 64
            return (queue.lot.lines.count == 1, before < self.capacity / 4 && queue.bytes >= self.capacity / 4)
        }
        if isDirect { return self.flush() }
        if isFirst { self.signal.raise() }
        if isMuch { self.hurry.raise() }
    }

    func setColor(_ sequence: ByteString, of level: LogLevel) { self.colors.withLock { $0[level] = sequence } }

    private func run() {
        while true {
            self.flush()
            if self.queue.withLock({ $0.isStopped && $0.lot.lines.isEmpty }) { return }
            self.signal.wait(milliseconds: 1000)
            if self.queue.withLock({ $0.lot.lines.isEmpty }) { continue }
            self.hurry.wait(milliseconds: Self.gathering)
        }
    }

    private func flush() {
        var (lot, dropped) = self.queue.withLock { queue in
            defer {
                queue.lot = queue.spare.take() ?? Lot()
                queue.bytes = 0
                queue.dropped = 0
            }
            return (queue.lot, queue.dropped)
        }
        // Asked for each lot: going to the background changes it.
        let setup = self.setup.withLock { $0 }
        let processID = Int(getpid())
        let rendered = ByteBuffer(capacity: 512)
        var stamp = LogStamp()
        for line in lot.lines {
            self.emit(line, lot.texts.span, setup, processID, &stamp, by: rendered)
            rendered.removeAll()
        }
        if dropped > 0 { self.emit("\(dropped) log lines dropped: they came faster than they could be written", setup) }
        self.batch.flush()
        let wasEmpty = lot.lines.isEmpty
        lot.removeAll()
        self.queue.withLock { [lot] in $0.spare = lot }
        guard !wasEmpty else { return }
        self.losses.report {
            self.emit($0, setup)
            self.batch.flush()
        }
    }

    private func emit(_ note: String, _ setup: Setup) {
        let texts = ByteBuffer(capacity: 128)
        let line = LogLine(
            .warning, facility: nil, time: WallClock.seconds(), prefix: Span(), ByteString(note).span, into: texts)
        var stamp = LogStamp()
        self.emit(line, texts.span, setup, Int(getpid()), &stamp, by: ByteBuffer(capacity: 256))
    }

    /// - Parameters:
    ///   - texts: those of the line among them.
    ///   - rendered: room for the line, empty.
    private func emit(
        _ line: LogLine, _ texts: Span<UInt8>, _ setup: Setup, _ processID: Int, _ stamp: inout LogStamp,
        by rendered: ByteBuffer
    ) {
        let color = setup.target.isColored ? self.colors.withLock { $0[line.level] } : nil
        setup.target.format.render(
            line, of: texts, name: setup.name, processID: processID, isColored: setup.target.isColored, color: color,
            stamp: &stamp, to: rendered)
        setup.output(line.level.severity, line.facility, rendered)
    }
}
