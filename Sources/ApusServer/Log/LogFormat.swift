import Bytes
import ModuleKit

/// One line on its way to the log. Its texts lie one behind the other in a buffer that many lines share.
struct LogLine: BitwiseCopyable, Sendable {
    let level: LogLevel
    /// syslog facility number; nil for the configured one.
    let facility: Int?
    /// Seconds since 1970.
    let time: Int
    let prefix: ByteRange
    /// Call-ID of the message that it is about; empty: of none, or nobody asked.
    let callID: ByteRange
    /// Without the line ends that scripts end their texts with: one line in the log has none.
    let text: ByteRange

    /// - Parameter texts: what the ranges are into; gets the texts.
    init(
        _ level: LogLevel, facility: Int?, time: Int, prefix: Span<UInt8>, callID: Span<UInt8> = Span(),
        _ text: Span<UInt8>, into texts: ByteBuffer
    ) {
        self.level = level
        self.facility = facility
        self.time = time
        self.prefix = Self.add(prefix, prefix.count, to: texts)
        self.callID = Self.add(callID, callID.count, to: texts)
        var count = text.count
        while count > 0, text[count &- 1] == 10 || text[count &- 1] == 13 { count &-= 1 }
        self.text = Self.add(text, count, to: texts)
    }

    private static func add(_ text: Span<UInt8>, _ count: Int, to texts: ByteBuffer) -> ByteRange {
        let start = texts.count
        texts.append(text.extracting(first: count))
        return ByteRange(start: start, count: count)
    }
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
    /// Appends the line as bytes, without a line end.
    /// - Parameters:
    ///   - texts: those of the line among them.
    ///   - color: the sequence in front of a coloured line; nil: the usual one of its level.
    ///   - stamp: the time of the line before, in this format.
    func render(
        _ line: LogLine, of texts: Span<UInt8>, name: ByteString, processID: Int, isColored: Bool, color: ByteString?,
        stamp: inout LogStamp, to buffer: ByteBuffer
    ) {
        let isColored = isColored && (self == .terminal || self == .stamped)
        if isColored {
            if let color { buffer.append(color) } else { buffer.append(Self.color(line.level)) }
        }
        switch self {
        case .bare: Self.appendBody(line, texts, to: buffer)
        case .terminal:
            buffer.append(stamp.text(of: line.time) { CalendarTime(seconds: $0).clock })
            buffer.append(UInt8(ascii: " "))
            Self.appendBody(line, texts, to: buffer)
        case .stamped:
            buffer.append(stamp.text(of: line.time) { CalendarTime(seconds: $0).sortable })
            buffer.append(UInt8(ascii: " "))
            buffer.append(name)
            buffer.append(UInt8(ascii: "["))
            buffer.append(decimal: processID)
            buffer.append("]: ")
            Self.appendBody(line, texts, to: buffer)
        case .json(let shape): shape.append(line, texts, name, processID, to: buffer)
        }
        if isColored { buffer.append("\u{1b}[0m") }
    }

    private static func appendBody(_ line: LogLine, _ texts: Span<UInt8>, to buffer: ByteBuffer) {
        buffer.append(line.level.label)
        buffer.append(": ")
        PlainText.append(texts.extracting(line.prefix.indices), to: buffer)
        PlainText.append(texts.extracting(line.text.indices), to: buffer)
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
