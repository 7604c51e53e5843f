import Bytes

/// Times as tables write them.
public enum DatabaseTime {
    /// Seconds since 1970 of `2026-11-24 07:05:09`, in UTC; the time may be missing, `T` may stand in the middle, and what
    /// follows the seconds is ignored. nil for what is no time.
    public static func seconds(_ text: ByteString) -> Int? {
        let parts = text.bytes.split(maxSplits: 6, omittingEmptySubsequences: false) { !$0.isDigit }
        guard parts.count >= 3, let date = self.numbers(parts.prefix(3)), (1...12).contains(date[1]),
            (1...31).contains(date[2]), (0...9999).contains(date[0])
        else { return nil }
        var seconds = 0
        if parts.count >= 6 {
            guard let clock = self.numbers(parts[3..<6]), clock[0] < 24, clock[1] < 60, clock[2] < 61 else {
                return nil
            }
            seconds = clock[0] * 3600 + clock[1] * 60 + clock[2]
        } else if parts.count != 3 {
            return nil
        }
        return self.days(year: date[0], month: date[1], day: date[2]) * 86_400 + seconds
    }

    private static func numbers(_ parts: ArraySlice<ArraySlice<UInt8>>) -> [Int]? {
        var numbers: [Int] = []
        for part in parts {
            guard !part.isEmpty, part.count <= 4, let number = Int(String(decoding: part, as: UTF8.self)) else {
                return nil
            }
            numbers.append(number)
        }
        return numbers
    }

    /// Days since 1 January 1970 in the Gregorian calendar.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        // Years that begin in March have their leap day at the end.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
