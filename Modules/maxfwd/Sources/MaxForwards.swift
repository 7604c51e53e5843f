import Bytes
import ModuleKit
import SIPMessage

/// The `maxfwd` module: keeps requests from circling forever (RFC 3261 §16.3 step 3, §16.6 step 3).
///
/// The hop count is changed in the received bytes, where everybody sees it at once; only a missing field is an edit.
public final class MaxForwards: ServerModule {
    public static let name = "maxfwd"
    public static let summary = "Checks, decrements and adds the Max-Forwards header field."

    let settings: Settings

    public init(_ settings: Settings, host: any ModuleHost) throws { self.settings = settings }
}

/// What was written into a message that had no Max-Forwards.
final class AddedHops {
    let count: Int
    init(_ count: Int) { self.count = count }
}

extension MaxForwards {
    /// - Returns: 2 when the field was added, 1 when a hop was taken, -1 when none is left, -2 when it is malformed.
    func takeHop(from route: RouteContext, adding hops: Int) -> Int {
        let message = route.message
        let index = message.first(.maxForwards)
        guard index >= 0 else {
            if route.state(AddedHops.self) == nil {
                let writer = route.edits.beginInsert()
                writer.buffer.append("Max-Forwards: ")
                writer.buffer.append(decimal: hops)
                writer.buffer.append("\r\n")
                route.edits.endInsert(writer, at: message.firstHeaderStart)
                route.setState(AddedHops(hops))
            }
            return 2
        }
        let place = message.field(at: index).value
        guard let left = Self.number(message.span, place) else { return -2 }
        guard left > 0 else { return -1 }
        // A number that grew shorter leaves blanks before it: the field's value begins elsewhere now.
        if Self.write(min(left - 1, route[self.settings.maxLimit]), at: place, in: message.buffer) {
            _ = message.parse()
        }
        return 1
    }

    /// Puts `number` in decimal into `place`, with blanks in front.
    /// - Returns: whether there are any.
    static func write(_ number: Int, at place: ByteRange, in buffer: ByteBuffer) -> Bool {
        var rest = number
        var index = place.upper - 1
        repeat {
            buffer[index] = UInt8(ascii: "0") &+ UInt8(rest % 10)
            rest /= 10
            index -= 1
        } while rest > 0 && index >= place.lower
        let isShorter = index >= place.lower
        while index >= place.lower {
            buffer[index] = UInt8(ascii: " ")
            index -= 1
        }
        return isShorter
    }

    enum Hops: Equatable {
        case missing
        case malformed
        case left(Int)
    }

    /// The hop count as it is now: that of the message, or the one that was added.
    func hops(_ route: RouteContext) -> Hops {
        let message = route.message
        let index = message.first(.maxForwards)
        guard index >= 0 else { return route.state(AddedHops.self).map { .left($0.count) } ?? .missing }
        return Self.number(message.span, message.field(at: index).value).map { .left($0) } ?? .malformed
    }

    /// The number of a field; one without a value has no hops left.
    static func number(_ span: Span<UInt8>, _ value: ByteRange) -> Int? {
        value.count == 0 ? 0 : span.decimal(in: value, limit: Int(UInt32.max))
    }
}
