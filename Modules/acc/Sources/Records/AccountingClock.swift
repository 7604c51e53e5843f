import Bytes
import Database

/// Writes the time of a line: `timestamp=` in seconds, and what `time_mode` adds.
struct AccountingClock: Sendable {
    enum Mode: Int, Sendable {
        case plain = 0
        /// Microseconds of the second in `time_exten`.
        case microseconds = 1
        /// Seconds with milliseconds in `time_attr`.
        case fraction = 2
        /// Text after `time_format` in `time_attr`.
        case local = 3
        case universal = 4
    }

    let mode: Mode
    let attribute: ByteString
    let exten: ByteString
    let format: [UInt8]

    init(_ settings: Accounting.Settings) {
        self.mode = Mode(rawValue: settings.timeMode) ?? .plain
        self.attribute = settings.timeAttribute
        self.exten = settings.timeExtension
        self.format = settings.timeFormat.bytes
    }

    func write(to out: ByteBuffer, microseconds: Int = WallClock.microseconds()) {
        let seconds = microseconds / 1_000_000
        let rest = microseconds % 1_000_000
        out.append("timestamp=")
        out.append(decimal: seconds)
        switch self.mode {
        case .plain: break
        case .microseconds: if !self.exten.isEmpty { self.append(self.exten, String(rest), to: out) }
        case .fraction:
            guard !self.attribute.isEmpty else { break }
            self.append(self.attribute, "\(seconds)." + Self.padded(rest / 1000, 3), to: out)
        case .local, .universal:
            guard !self.attribute.isEmpty else { break }
            let time = CalendarTime(seconds: seconds, isUTC: self.mode == .universal)
            self.append(self.attribute, self.text(time, seconds), to: out)
        }
    }

    /// What `time_mode` adds to a row: columns named `time_attr` and `time_exten`.
    func columns(microseconds: Int) -> [(ByteString, DatabaseValue)] {
        let seconds = microseconds / 1_000_000
        let rest = microseconds % 1_000_000
        switch self.mode {
        case .plain: return []
        case .microseconds:
            let values: [(ByteString, DatabaseValue)] = [(self.attribute, .int(seconds)), (self.exten, .int(rest))]
            return values.filter { !$0.0.isEmpty }
        case .fraction:
            guard !self.attribute.isEmpty else { return [] }
            return [(self.attribute, .double(Double(seconds) + Double(rest / 1000) / 1000))]
        case .local, .universal:
            guard !self.attribute.isEmpty else { return [] }
            let time = CalendarTime(seconds: seconds, isUTC: self.mode == .universal)
            return [(self.attribute, .string(ByteString(self.text(time, seconds))))]
        }
    }

    private func append(_ name: ByteString, _ value: String, to out: ByteBuffer) {
        out.append(UInt8(ascii: ";"))
        out.append(name)
        out.append(UInt8(ascii: "="))
        out.append(value)
    }

    /// The conversions of strftime(3) that are numbers; others stay as they are written.
    private func text(_ time: CalendarTime, _ seconds: Int) -> String {
        var text = ""
        var index = 0
        while index < self.format.count {
            let byte = self.format[index]
            index += 1
            guard byte == UInt8(ascii: "%"), index < self.format.count else {
                text.unicodeScalars.append(Unicode.Scalar(byte))
                continue
            }
            let letter = self.format[index]
            index += 1
            switch letter {
            case UInt8(ascii: "Y"): text += String(time.year)
            case UInt8(ascii: "y"): text += Self.padded(time.year % 100, 2)
            case UInt8(ascii: "m"): text += Self.padded(time.month, 2)
            case UInt8(ascii: "d"): text += Self.padded(time.day, 2)
            case UInt8(ascii: "j"): text += Self.padded(time.yearDay + 1, 3)
            case UInt8(ascii: "H"): text += Self.padded(time.hour, 2)
            case UInt8(ascii: "M"): text += Self.padded(time.minute, 2)
            case UInt8(ascii: "S"): text += Self.padded(time.second, 2)
            case UInt8(ascii: "F"):
                text += "\(time.year)-\(Self.padded(time.month, 2))-\(Self.padded(time.day, 2))"
            case UInt8(ascii: "T"):
                text += [time.hour, time.minute, time.second].map { Self.padded($0, 2) }.joined(separator: ":")
            case UInt8(ascii: "s"): text += String(seconds)
            case UInt8(ascii: "%"): text += "%"
            default: text += "%\(Character(Unicode.Scalar(letter)))"
            }
        }
        return text
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
