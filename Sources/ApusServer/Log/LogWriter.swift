import Bytes
import Glibc
import ModuleKit
import SIPTransport

/// Where finished log lines go.
enum LogTarget: Sendable {
    case standardError(isColored: Bool)
    case syslog(facility: Int)
    /// One JSON object a line on standard error.
    case json
}

/// Writes log lines on a thread of its own. Workers only put bytes into a bounded buffer; when it is full, lines are
/// dropped and counted, and the count is logged as soon as there is room.
final class LogWriter: LogSink, @unchecked Sendable {  // `queue` is guarded by its lock, the rest is set once
    private struct Queue {
        var lines: [Line] = []
        var bytes = 0
        var dropped = 0
        var isStopped = false
    }

    private struct Line {
        var level: LogLevel
        var facility: Int?
        var prefix: ByteString
        var text: ByteString
        var time: Int
    }

    private static let capacity = 4 << 20
    private let queue = Lock(Queue())
    private let signal = WorkSignal()
    private let target: Lock<LogTarget>
    private let name: ByteString
    private let processID = getpid()
    private let thread = Lock<WorkerThread?>(nil)

    /// - Parameter name: program name in syslog lines and on standard error.
    init(target: LogTarget, name: String) {
        self.target = Lock(target)
        self.name = ByteString(name)
    }

    /// Begins to write in the background. Before that, and after `stop`, lines are written by the caller.
    func start() {
        self.thread.withLock { $0 = try? WorkerThread(name: "apus-log") { [self] in self.run() } }
    }

    /// Writes what is left and ends the thread.
    func stop() {
        self.queue.withLock { $0.isStopped = true }
        self.signal.raise()
        let thread = self.thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
        self.flush()
    }

    func redirect(to target: LogTarget) { self.target.withLock { $0 = target } }

    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>) {
        let line = Line(
            level: level, facility: facility, prefix: ByteString(prefix), text: ByteString(text),
            time: WallClock.seconds()
        )
        let isDirect = self.thread.withLock { $0 == nil }
        let mustWake = self.queue.withLock { queue in
            guard queue.bytes < Self.capacity else {
                queue.dropped += 1
                return false
            }
            queue.lines.append(line)
            queue.bytes += line.text.count + line.prefix.count + 64
            return queue.lines.count == 1
        }
        if isDirect {
            self.flush()
        } else if mustWake {
            self.signal.raise()
        }
    }

    private func run() {
        while true {
            self.flush()
            if self.queue.withLock({ $0.isStopped && $0.lines.isEmpty }) { return }
            self.signal.wait(milliseconds: 1000)
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
        guard !lines.isEmpty || dropped > 0 else { return }
        let target = self.target.withLock { $0 }
        for line in lines { self.emit(line, target) }
        if dropped > 0 {
            let note = Line(
                level: .warning, facility: nil, prefix: ByteString(),
                text: ByteString("\(dropped) log lines dropped: they came faster than they could be written"),
                time: WallClock.seconds()
            )
            self.emit(note, target)
        }
    }

    private func emit(_ line: Line, _ target: LogTarget) {
        switch target {
        case .syslog(let facility): SystemOutput.syslog(
                severity: Self.severity(line.level), facility: line.facility ?? facility, self.compose(line)
            )
        case .standardError(let isColored):
            let buffer = ByteBuffer(capacity: line.text.count + 128)
            if isColored { buffer.append(Self.color(line.level)) }
            buffer.append(CalendarTime(seconds: line.time).sortable)
            buffer.append(UInt8(ascii: " "))
            buffer.append(self.name)
            buffer.append("[")
            buffer.append(decimal: Int(self.processID))
            buffer.append("]: ")
            buffer.append(self.compose(line).span)
            if isColored { buffer.append("\u{1b}[0m") }
            buffer.append(10)
            SystemOutput.write(buffer, to: 2)
        case .json:
            let buffer = ByteBuffer(capacity: line.text.count + 160)
            buffer.append("{\"time\":")
            buffer.append(decimal: line.time)
            buffer.append(",\"level\":\"")
            buffer.append(line.level.label)
            buffer.append("\",\"pid\":")
            buffer.append(decimal: Int(self.processID))
            if !line.prefix.isEmpty {
                buffer.append(",\"prefix\":")
                JSONText.append(line.prefix.span, to: buffer)
            }
            buffer.append(",\"message\":")
            JSONText.append(line.text.span, to: buffer)
            buffer.append("}\n")
            SystemOutput.write(buffer, to: 2)
        }
    }

    /// `LEVEL: prefix text`, without a line end.
    private func compose(_ line: Line) -> ByteBuffer {
        let buffer = ByteBuffer(capacity: line.text.count + line.prefix.count + 16)
        buffer.append(line.level.label)
        buffer.append(": ")
        buffer.append(line.prefix)
        buffer.append(line.text)
        while buffer.count > 0, buffer[buffer.count - 1] == 10 || buffer[buffer.count - 1] == 13 {
            buffer.truncate(to: buffer.count - 1)
        }
        return buffer
    }

    private static func severity(_ level: LogLevel) -> Int {
        switch level {
        case .alert: 1
        case .bug, .critical2, .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug: 7
        }
    }

    private static func color(_ level: LogLevel) -> StaticString {
        switch level {
        case .alert, .bug, .critical2, .critical: "\u{1b}[1;31m"
        case .error: "\u{1b}[31m"
        case .warning: "\u{1b}[33m"
        case .notice: "\u{1b}[36m"
        case .info: "\u{1b}[0m"
        case .debug: "\u{1b}[2m"
        }
    }
}

enum JSONText {
    /// Appends `text` as a JSON string with quotes; bytes that are not UTF-8 are replaced.
    static func append(_ text: Span<UInt8>, to buffer: ByteBuffer) {
        buffer.append(UInt8(ascii: "\""))
        for byte in ByteString(text).string.utf8 {
            switch byte {
            case 0x22: buffer.append("\\\"")
            case 0x5c: buffer.append("\\\\")
            case 10: buffer.append("\\n")
            case 13: buffer.append("\\r")
            case 9: buffer.append("\\t")
            case 0..<32:
                buffer.append("\\u00")
                buffer.append(hex: UInt64(byte), digits: 2)
            default: buffer.append(byte)
            }
        }
        buffer.append(UInt8(ascii: "\""))
    }
}
