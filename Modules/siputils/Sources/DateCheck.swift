import Bytes
import ModuleKit
import SIPMessage

extension SIPUtils {
    var dateFunction: ScriptFunction {
        ScriptFunction(
            "hdr_date_check", Argument("seconds", .int, "How old the date may be."), in: .any,
            summary: "Tells whether the date in Date is not too old.", reference: "RFC 3261 §20.17",
            outcomes: [1: "it is not", -1: "there is no Date, or it is no date", -4: "it is too old"],
            example: #"if (!hdr_date_check("60")) { setflag(1); }"#
        ) { route, arguments in
            let message = route.message
            guard let tolerance = arguments.int(0, in: route),
                let date = SIPDate.seconds(message.span, message.value(.date))
            else {
                route.log(.error, "hdr_date_check: there is no Date, or it is no date")
                return .failure
            }
            return WallClock.seconds() - date > max(tolerance, 0) ? -4 : .success
        }
    }
}

/// `Sat, 13 Nov 2010 23:29:00 GMT` (RFC 3261 §25.1 `rfc1123-date`).
enum SIPDate {
    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970; nil for anything else than such a date.
    static func seconds(_ span: Span<UInt8>, _ range: ByteRange) -> Int? {
        guard range.isPresent, range.length == 29 else { return nil }
        let text = ByteString(span, range)
        let word = text.string
        guard word.utf8.count == 29, word.hasSuffix(" GMT"), self.days.contains(String(word.prefix(3))) else {
            return nil
        }
        let pattern = Array("???, 00 ??? 0000 00:00:00 GMT".utf8)
        for (byte, wanted) in zip(text.bytes, pattern) {
            switch wanted {
            case 63: continue
            case 48: if !byte.isDigit { return nil }
            default: if byte != wanted { return nil }
            }
        }
        func number(_ start: Int, _ count: Int) -> Int {
            text.bytes[start..<(start + count)].reduce(0) { $0 * 10 + Int($1 - 48) }
        }
        let name = String(decoding: text.bytes[8..<11], as: UTF8.self)
        guard let month = self.months.firstIndex(of: name) else { return nil }
        let (day, year) = (number(5, 2), number(12, 4))
        let (hour, minute, second) = (number(17, 2), number(20, 2), number(23, 2))
        guard (1...31).contains(day), hour < 24, minute < 60, second < 61 else { return nil }
        return self.days(year, month + 1, day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// Days since 1 January 1970 of the Gregorian calendar; years begin in March, so that leap days come last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let years = month > 2 ? year : year - 1
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return years * 365 + years / 4 - years / 100 + years / 400 + ofYear - 719_468
    }
}
