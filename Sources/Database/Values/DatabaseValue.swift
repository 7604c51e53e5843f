import Bytes

/// A value in a table, as all drivers know it.
public enum DatabaseValue: Sendable, Hashable {
    case null
    case int(Int)
    case double(Double)
    case string(ByteString)
    case blob(ByteString)
    /// Seconds since 1970; how a table keeps it is the driver's affair.
    case time(Int)

    @inlinable public var isNull: Bool { self == .null }

    /// The number: of texts that are one as well; nil for everything else.
    public var int: Int? {
        switch self {
        case .int(let number), .time(let number): number
        case .double(let number): Int(exactly: number.rounded(.towardZero))
        case .string(let text), .blob(let text): text.isEmpty ? nil : Int(text.string)
        case .null: nil
        }
    }

    /// The number, which is finite: nil for what is none, and for `inf` and `nan`, which a text may spell.
    public var double: Double? {
        let number: Double? =
            switch self {
            case .int(let number), .time(let number): Double(number)
            case .double(let number): number
            case .string(let text), .blob(let text): Double(text.string)
            case .null: nil
            }
        return number.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The value as text, numbers in decimal, times as `2026-11-24 07:05:09` in UTC; nil for null.
    public var text: ByteString? {
        switch self {
        case .null: nil
        case .int(let number): ByteString(decimal: number)
        case .double(let number): ByteString("\(number)")
        case .string(let text), .blob(let text): text
        case .time(let seconds): ByteString(CalendarTime(seconds: seconds, isUTC: true).sortable)
        }
    }
}

extension DatabaseValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    public init(stringLiteral value: String) { self = .string(ByteString(value)) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(nilLiteral: ()) { self = .null }
    /// Text, or null.
    public init(_ text: ByteString?) { self = text.map { .string($0) } ?? .null }
    /// A number, or null.
    public init(_ number: Int?) { self = number.map { .int($0) } ?? .null }
}
