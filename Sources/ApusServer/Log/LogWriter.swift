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
    /// Takes a finished line: syslog severity, facility (nil: the target's), bytes.
    typealias Output = @Sendable (_ severity: Int, _ facility: Int?, _ line: ByteBuffer) -> Void

    private struct Queue {
        var lines: [LogLine] = []
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
        self.put(
            LogLine(
                level: level, facility: facility, prefix: ByteString(prefix), text: ByteString(text),
                time: WallClock.seconds()))
    }

    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, callID: Span<UInt8>, text: Span<UInt8>) {
        var line = LogLine(
            level: level, facility: facility, prefix: ByteString(prefix), text: ByteString(text),
            time: WallClock.seconds())
        line.callID = ByteString(callID)
        self.put(line)
    }

    private func put(_ line: LogLine) {
        let isDirect = !self.isHeld && !self.isRunning.load(ordering: .acquiring)
        let (isFirst, isMuch) = self.queue.withLock { queue in
            guard queue.bytes < self.capacity else {
                queue.dropped += 1
                return (false, false)
            }
            let before = queue.bytes
            queue.lines.append(line)
            queue.bytes += line.text.count + line.prefix.count + 64
            return (queue.lines.count == 1, before < self.capacity / 4 && queue.bytes >= self.capacity / 4)
        }
        if isDirect { return self.flush() }
        if isFirst { self.signal.raise() }
        if isMuch { self.hurry.raise() }
    }

    func setColor(_ sequence: ByteString, of level: LogLevel) { self.colors.withLock { $0[level] = sequence } }

    private func run() {
        while true {
            self.flush()
            if self.queue.withLock({ $0.isStopped && $0.lines.isEmpty }) { return }
            self.signal.wait(milliseconds: 1000)
            if self.queue.withLock({ $0.lines.isEmpty }) { continue }
            self.hurry.wait(milliseconds: Self.gathering)
        }
    }

    private func flush() {
        let (lines, dropped) = self.queue.withLock { queue in
            defer {
                queue.lines = []
                queue.bytes = 0
                queue.dropped = 0
            }
            return (queue.lines, queue.dropped)
        }
        // Asked for each lot: going to the background changes it.
        let setup = self.setup.withLock { $0 }
        var stamp = LogStamp()
        for line in lines { self.emit(line, setup, &stamp) }
        if dropped > 0 { self.emit("\(dropped) log lines dropped: they came faster than they could be written", setup) }
        self.batch.flush()
        guard !lines.isEmpty else { return }
        self.losses.report {
            self.emit($0, setup)
            self.batch.flush()
        }
    }

    private func emit(_ note: String, _ setup: Setup) {
        var stamp = LogStamp()
        self.emit(
            LogLine(
                level: .warning, facility: nil, prefix: ByteString(), text: ByteString(note),
                time: WallClock.seconds()), setup, &stamp)
    }

    private func emit(_ line: LogLine, _ setup: Setup, _ stamp: inout LogStamp) {
        let rendered = setup.target.format.render(
            line, name: setup.name, processID: Int(getpid()), isColored: setup.target.isColored,
            color: self.colors.withLock { $0[line.level] }, stamp: &stamp)
        setup.output(line.level.severity, line.facility, rendered)
    }
}
