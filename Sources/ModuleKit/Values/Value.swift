import Bytes
import SIPMessage

/// What an expression, a pseudo-variable or a function argument can be.
///
/// `slice` is text that still lies in the received message: reading `$ci` or `$fU` copies nothing. A slice means
/// something only together with the context whose message it came from; whatever outlives the current action
/// (`$var`, `$avp`, tables) stores `RouteContext.stored(_:)` of it.
public enum Value: Sendable {
    /// `$null`: prints as `<null>`, counts as 0 and as the empty string.
    case null
    case int(Int)
    case bytes(ByteString)
    /// Text in the received bytes of the message being routed.
    case slice(ByteRange)
    /// A number that prints as something else: `$pr` is 1 and `udp`.
    case labelled(Int, ByteString)

    @inlinable
    public static func text(_ text: String) -> Value { .bytes(ByteString(text)) }

    /// An absent range is `$null`.
    @inlinable
    public static func slice(ifPresent range: ByteRange) -> Value { range.isPresent ? .slice(range) : .null }

    @inlinable public var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    /// Whether it is an integer where types matter (`+`, `==`). A labelled number is text there: `$pr == "udp"`.
    @inlinable public var isInt: Bool {
        if case .int = self { return true }
        return false
    }
}

extension Value {
    /// Integer value of `text` as scripts convert it: empty is 0; optional sign and decimal digits, or `0x` and
    /// hexadecimal ones; nil for anything else or past 64 bits.
    public static func integer(_ span: Span<UInt8>, _ range: ByteRange) -> Int? {
        guard range.isPresent, range.count > 0 else { return 0 }
        var index = range.lower
        var negative = false
        if span[index] == UInt8(ascii: "-") || span[index] == UInt8(ascii: "+") {
            negative = span[index] == UInt8(ascii: "-")
            index += 1
        }
        var radix = 10
        if range.upper - index > 2, span[index] == 48, span[index + 1] | 0x20 == UInt8(ascii: "x") {
            radix = 16
            index += 2
        }
        guard index < range.upper else { return nil }
        var value = 0
        while index < range.upper {
            guard let digit = span[index].hexValue, Int(digit) < radix else { return nil }
            let (product, high) = value.multipliedReportingOverflow(by: radix)
            let (sum, carry) = product.addingReportingOverflow(Int(digit))
            guard !high, !carry else { return nil }
            value = sum
            index += 1
        }
        return negative ? -value : value
    }
}
