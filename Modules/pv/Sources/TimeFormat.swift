import Bytes

/// Dates and times as strftime(3) writes them in the C locale.
public enum TimeFormat {
    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// - Parameter seconds: since 1970.
    public static func text(_ format: ByteString, seconds: Int, isUTC: Bool) -> ByteString {
        let out = ByteBuffer(capacity: 64)
        self.write(format.bytes[...], CalendarTime(seconds: seconds, isUTC: isUTC), seconds, isUTC, to: out)
        return ByteString(out.span)
    }

    private static func write(
        _ format: ArraySlice<UInt8>, _ time: CalendarTime, _ seconds: Int, _ isUTC: Bool, to out: ByteBuffer
    ) {
        var index = format.startIndex
        while index < format.endIndex {
            let byte = format[index]
            index += 1
            guard byte == UInt8(ascii: "%"), index < format.endIndex else {
                out.append(byte)
                continue
            }
            let conversion = format[index]
            index += 1
            if let longer = self.composite(conversion) {
                self.write(Array(longer.utf8)[...], time, seconds, isUTC, to: out)
            } else if !self.writeText(conversion, time, seconds, isUTC, to: out),
                !self.writeNumber(conversion, time, seconds, to: out)
            {
                out.append(UInt8(ascii: "%"))
                out.append(conversion)
            }
        }
    }

    private static func composite(_ conversion: UInt8) -> String? {
        switch conversion {
        case UInt8(ascii: "c"): "%a %b %e %H:%M:%S %Y"
        case UInt8(ascii: "D"), UInt8(ascii: "x"): "%m/%d/%y"
        case UInt8(ascii: "F"): "%Y-%m-%d"
        case UInt8(ascii: "r"): "%I:%M:%S %p"
        case UInt8(ascii: "R"): "%H:%M"
        case UInt8(ascii: "T"), UInt8(ascii: "X"): "%H:%M:%S"
        default: nil
        }
    }

    private static func writeText(
        _ conversion: UInt8, _ time: CalendarTime, _ seconds: Int, _ isUTC: Bool, to out: ByteBuffer
    ) -> Bool {
        let day = self.days[time.weekday % 7]
        let month = self.months[(time.month + 11) % 12]
        switch conversion {
        case UInt8(ascii: "a"): out.append(String(day.prefix(3)))
        case UInt8(ascii: "A"): out.append(day)
        case UInt8(ascii: "b"), UInt8(ascii: "h"): out.append(String(month.prefix(3)))
        case UInt8(ascii: "B"): out.append(month)
        case UInt8(ascii: "n"): out.append(10)
        case UInt8(ascii: "t"): out.append(9)
        case UInt8(ascii: "%"): out.append(conversion)
        case UInt8(ascii: "p"): out.append(time.hour < 12 ? "AM" : "PM")
        case UInt8(ascii: "P"): out.append(time.hour < 12 ? "am" : "pm")
        case UInt8(ascii: "z"):
            let minutes = isUTC ? 0 : self.offset(seconds)
            out.append(minutes < 0 ? "-" : "+")
            self.padded(abs(minutes) / 60 * 100 + abs(minutes) % 60, 4, to: out)
        case UInt8(ascii: "Z"): if isUTC || self.offset(seconds) == 0 { out.append("UTC") }
        default: return false
        }
        return true
    }

    private static func writeNumber(
        _ conversion: UInt8, _ time: CalendarTime, _ seconds: Int, to out: ByteBuffer
    ) -> Bool {
        let hour12 = (time.hour + 11) % 12 + 1
        switch conversion {
        case UInt8(ascii: "C"): self.padded(time.year / 100, 2, to: out)
        case UInt8(ascii: "d"): self.padded(time.day, 2, to: out)
        case UInt8(ascii: "e"): self.padded(time.day, 2, with: 32, to: out)
        case UInt8(ascii: "H"): self.padded(time.hour, 2, to: out)
        case UInt8(ascii: "I"): self.padded(hour12, 2, to: out)
        case UInt8(ascii: "j"): self.padded(time.yearDay + 1, 3, to: out)
        case UInt8(ascii: "k"): self.padded(time.hour, 2, with: 32, to: out)
        case UInt8(ascii: "l"): self.padded(hour12, 2, with: 32, to: out)
        case UInt8(ascii: "m"): self.padded(time.month, 2, to: out)
        case UInt8(ascii: "M"): self.padded(time.minute, 2, to: out)
        case UInt8(ascii: "s"): out.append(decimal: seconds)
        case UInt8(ascii: "S"): self.padded(time.second, 2, to: out)
        case UInt8(ascii: "u"): out.append(decimal: time.weekday == 0 ? 7 : time.weekday)
        case UInt8(ascii: "U"): self.padded((time.yearDay + 7 - time.weekday) / 7, 2, to: out)
        case UInt8(ascii: "w"): out.append(decimal: time.weekday)
        case UInt8(ascii: "W"): self.padded((time.yearDay + 7 - (time.weekday + 6) % 7) / 7, 2, to: out)
        case UInt8(ascii: "y"): self.padded(time.year % 100, 2, to: out)
        case UInt8(ascii: "Y"): out.append(decimal: time.year)
        default: return false
        }
        return true
    }

    /// Minutes that local time is ahead of UTC.
    private static func offset(_ seconds: Int) -> Int {
        let local = CalendarTime(seconds: seconds)
        let utc = CalendarTime(seconds: seconds, isUTC: true)
        var days = local.yearDay - utc.yearDay
        if local.year != utc.year { days = local.year > utc.year ? 1 : -1 }
        return (days * 24 + local.hour - utc.hour) * 60 + local.minute - utc.minute
    }

    private static func padded(_ value: Int, _ width: Int, with filler: UInt8 = 48, to out: ByteBuffer) {
        let digits = String(value)
        for _ in 0..<max(width - digits.utf8.count, 0) { out.append(filler) }
        out.append(digits)
    }
}
