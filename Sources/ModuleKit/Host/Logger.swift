import Bytes
import Synchronization

/// Levels of Kamailio: the larger, the chattier. A message is logged when its level is at most `debug`.
public enum LogLevel: Int, Sendable, BitwiseCopyable, CaseIterable, Comparable {
    case alert = -5
    case bug = -4
    case critical2 = -3
    case critical = -2
    case error = -1
    case warning = 0
    case notice = 1
    case info = 2
    case debug = 3

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    /// As log lines show it: `ERROR`.
    public var label: StaticString {
        switch self {
        case .alert: "ALERT"
        case .bug: "BUG"
        case .critical2: "CRITICAL"
        case .critical: "CRITICAL"
        case .error: "ERROR"
        case .warning: "WARNING"
        case .notice: "NOTICE"
        case .info: "INFO"
        case .debug: "DEBUG"
        }
    }
}

/// Takes finished log lines; never blocks the caller: when its buffer is full it drops and counts.
public protocol LogSink: AnyObject, Sendable {
    /// - Parameter facility: syslog facility number (16 is LOCAL0), or nil for the configured one.
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, text: Span<UInt8>)
    /// Whether lines about a message are to say its Call-ID.
    var wantsCallIDs: Bool { get }
    /// A line about a message with this Call-ID.
    func write(_ level: LogLevel, facility: Int?, prefix: Span<UInt8>, callID: Span<UInt8>, text: Span<UInt8>)
    /// The sequence that colours lines of a level, where lines are.
    func setColor(_ sequence: ByteString, of level: LogLevel)
}

extension LogSink {
    public func setColor(_ sequence: ByteString, of level: LogLevel) {}
    public var wantsCallIDs: Bool { false }
    public func write(
        _ level: LogLevel, facility: Int?, prefix: Span<UInt8>, callID: Span<UInt8>, text: Span<UInt8>
    ) {
        self.write(level, facility: facility, prefix: prefix, text: text)
    }
}

/// The server's log: a level that can change at any time in front of a sink.
public final class Logger: Sendable {
    private let level: Atomic<Int>
    private let sink: any LogSink

    public init(level: Int, sink: any LogSink) {
        self.level = Atomic(level)
        self.sink = sink
    }

    /// The `debug` parameter: largest level that is written, -5 to 9.
    public var threshold: Int {
        get { self.level.load(ordering: .relaxed) }
        set { self.level.store(newValue, ordering: .relaxed) }
    }

    /// By itself: whoever asks need not count the logger.
    @inline(never)
    public func isOn(_ level: LogLevel) -> Bool { level.rawValue <= self.threshold }

    public func write(_ level: LogLevel, facility: Int? = nil, prefix: ByteString = ByteString(), _ text: String) {
        self.write(level, facility: facility, prefix: prefix.span, ByteString(text).span)
    }

    public func write(_ level: LogLevel, facility: Int? = nil, prefix: Span<UInt8>, _ text: Span<UInt8>) {
        guard self.isOn(level) else { return }
        self.sink.write(level, facility: facility, prefix: prefix, text: text)
    }

    /// Writes whatever the threshold is: for lines of a worker that has a level of its own.
    public func writeAnyway(_ level: LogLevel, facility: Int? = nil, prefix: Span<UInt8>, _ text: Span<UInt8>) {
        self.sink.write(level, facility: facility, prefix: prefix, text: text)
    }

    /// Writes a line about the message of `route`, with the configured prefix, whatever the threshold is.
    public func write(_ level: LogLevel, facility: Int?, _ text: Span<UInt8>, about route: RouteContext) {
        let prefix = route.program.logPrefix(for: route)
        let message = route.message
        let range = self.sink.wantsCallIDs ? message.callID : .absent
        guard range.isPresent else {
            return self.sink.write(level, facility: facility, prefix: prefix.span, text: text)
        }
        let span = message.span
        self.sink.write(
            level, facility: facility, prefix: prefix.span, callID: span.extracting(range.indices), text: text)
    }

    public func setColor(_ sequence: ByteString, of level: LogLevel) { self.sink.setColor(sequence, of: level) }

    public func error(_ text: @autoclosure () -> String) { if self.isOn(.error) { self.write(.error, text()) } }
    public func warning(_ text: @autoclosure () -> String) { if self.isOn(.warning) { self.write(.warning, text()) } }
    public func notice(_ text: @autoclosure () -> String) { if self.isOn(.notice) { self.write(.notice, text()) } }
    public func info(_ text: @autoclosure () -> String) { if self.isOn(.info) { self.write(.info, text()) } }
    public func debug(_ text: @autoclosure () -> String) { if self.isOn(.debug) { self.write(.debug, text()) } }
}
