import CLinux
import Glibc

/// A moment broken down as people write it, in local time or UTC.
public struct CalendarTime: Sendable {
    public var year: Int
    /// 1 to 12.
    public var month: Int
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int
    /// 0 is Sunday.
    public var weekday: Int
    /// 0 is 1 January.
    public var yearDay: Int
    public var isDaylightSaving: Bool

    /// - Parameter seconds: since 1970.
    public init(seconds: Int, isUTC: Bool = false) {
        let parts = apus_calendar(Int64(seconds), isUTC ? 1 : 0)
        self.year = Int(parts.year)
        self.month = Int(parts.month)
        self.day = Int(parts.day)
        self.hour = Int(parts.hour)
        self.minute = Int(parts.minute)
        self.second = Int(parts.second)
        self.weekday = Int(parts.weekday)
        self.yearDay = Int(parts.yearday)
        self.isDaylightSaving = parts.is_dst > 0
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }

    /// `2026-11-24 07:05:09`.
    public var sortable: String {
        "\(self.year)-\(Self.two(self.month))-\(Self.two(self.day)) \(self.clock)"
    }

    /// `2026-11-24T07:05:09Z` (RFC 3339); for a moment in UTC.
    public var internet: String {
        "\(self.year)-\(Self.two(self.month))-\(Self.two(self.day))T\(self.clock)Z"
    }

    /// `07:05:09`.
    public var clock: String { "\(Self.two(self.hour)):\(Self.two(self.minute)):\(Self.two(self.second))" }

    /// `Tue Nov 24 07:05:09 2026`, as ctime(3) without the line end.
    public var ctime: String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let dayText = self.day < 10 ? " \(self.day)" : String(self.day)
        return "\(days[self.weekday % 7]) \(months[(self.month + 11) % 12]) \(dayText) \(self.clock) \(self.year)"
    }
}
