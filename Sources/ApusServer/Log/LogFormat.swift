import Bytes
import ModuleKit

/// One line on its way to the log.
struct LogLine: Sendable {
    var level: LogLevel
    /// syslog facility number; nil for the configured one.
    var facility: Int?
    var prefix: ByteString
    var text: ByteString
    /// Call-ID of the message that it is about; empty: of none, or nobody asked.
    var callID = ByteString()
    /// Seconds since 1970.
    var time: Int
}

/// The time of a line as text: made once for all lines of one second, which it takes longer to say than to write.
struct LogStamp {
    private var seconds: Int?
    private var text = ByteString()

    mutating func text(of seconds: Int, _ make: (Int) -> String) -> ByteString {
        if self.seconds != seconds {
            self.text = ByteString(make(seconds))
            self.seconds = seconds
        }
        return self.text
    }
}

/// How a log line is written out.
enum LogFormat: Sendable, Equatable {
    /// `LEVEL: prefix text`: syslog adds time, name and process id itself.
    case bare
    /// `2026-11-24 07:05:09 name[123]: LEVEL: prefix text`.
    case stamped
    /// `07:05:09 LEVEL: prefix text`, for people at a terminal.
    case terminal
    /// One JSON object.
    case json(JSONShape = JSONShape())
}

extension LogFormat {
    /// The line as bytes, without a line end.
    func render(_ line: LogLine, name: ByteString, processID: Int, isColored: Bool) -> ByteBuffer {
        var stamp = LogStamp()
        return self.render(
            line, name: name, processID: processID, isColored: isColored, color: nil, stamp: &stamp)
    }

    /// - Parameters:
    ///   - color: the sequence in front of a coloured line; nil: the usual one of its level.
    ///   - stamp: the time of the line before, in this format.
    func render(
        _ line: LogLine, name: ByteString, processID: Int, isColored: Bool, color: ByteString?,
        stamp: inout LogStamp
    ) -> ByteBuffer {
        let buffer = ByteBuffer(capacity: line.text.count + line.prefix.count + 160)
        let isColored = isColored && (self == .terminal || self == .stamped)
        if isColored {
            if let color { buffer.append(color) } else { buffer.append(Self.color(line.level)) }
        }
        switch self {
        case .bare: Self.appendBody(line, to: buffer)
        case .terminal:
            buffer.append(stamp.text(of: line.time) { CalendarTime(seconds: $0).clock })
            buffer.append(UInt8(ascii: " "))
            Self.appendBody(line, to: buffer)
        case .stamped:
            buffer.append(stamp.text(of: line.time) { CalendarTime(seconds: $0).sortable })
            buffer.append(UInt8(ascii: " "))
            buffer.append(name)
            buffer.append(UInt8(ascii: "["))
            buffer.append(decimal: processID)
            buffer.append("]: ")
            Self.appendBody(line, to: buffer)
        case .json(let shape): shape.append(line, name, processID, to: buffer)
        }
        if isColored { buffer.append("\u{1b}[0m") }
        return buffer
    }

    private static func appendBody(_ line: LogLine, to buffer: ByteBuffer) {
        buffer.append(line.level.label)
        buffer.append(": ")
        PlainText.append(line.prefix, to: buffer)
        PlainText.append(Self.trimmed(line.text), to: buffer)
    }

    /// Scripts end their texts with line ends; one line in the log has none.
    static func trimmed(_ text: ByteString) -> ByteString {
        var bytes = text.bytes
        while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
        return bytes.count == text.count ? text : ByteString(bytes)
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

extension LogLevel {
    /// Severity in syslog, 0 to 7 (RFC 5424 §6.2.1).
    var severity: Int {
        switch self {
        case .alert: 1
        case .bug, .critical2, .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug: 7
        }
    }
}

/// Strings as JSON writes them (RFC 8259 §7).
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
