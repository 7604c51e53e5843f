import Bytes
import Glibc
import ModuleKit
import SIPMessage

extension SelectTable {
    /// `x_own` as header fields are written: `x-own`.
    static func fieldName(_ name: String) -> ByteString {
        ByteString(name.map { $0 == "_" ? "-" : String($0) }.joined())
    }

    static func message(
        _ rest: ArraySlice<SelectPath.Element>, _ path: [SelectPath.Element]
    ) throws(ArgumentError) -> Reader {
        let read: Reader
        var rest = rest
        switch rest.popFirst()?.name {
        case nil: read = { .slice(ByteRange(start: 0, count: $0.message.length)) }
        case "len"?: read = { .bytes(ByteString(decimal: $0.message.length)) }
        case "type"?: read = { .text($0.isRequest ? "1" : "2") }
        case "body"?:
            if rest.first?.name == "sdp" { rest.removeFirst() }
            read = { .slice(ifPresent: $0.message.body) }
        case "flags"?: read = { .bytes(ByteString(decimal: Int($0.flags))) }
        case "id"?:
            if rest.first?.name == "hex" {
                rest.removeFirst()
                read = { route in
                    let digits = String(UInt32(truncatingIfNeeded: route.number), radix: 16)
                    return .text(String(repeating: "0", count: 8 - digits.count) + digits)
                }
            } else {
                read = { .bytes(ByteString(decimal: $0.number)) }
            }
        case "header"?:
            if let field = rest.popFirst() {
                let selector = HeaderSelector(self.fieldName(field.name))
                read = { route in
                    let index = selector.index(in: route.message, at: 0)
                    return index < 0 ? .null : .slice(ifPresent: route.message.field(at: index).value)
                }
            } else {
                read = { .slice(ByteRange($0.message.firstHeaderStart, $0.message.headersEnd)) }
            }
        case "first_line"?:
            read = { route in
                let message = route.message
                return route.withText(.slice(ByteRange(start: 0, count: message.length))) { span in
                    var end = 0
                    while end < span.count, span[end] != 13, span[end] != 10 { end += 1 }
                    return .slice(ByteRange(start: 0, count: end))
                }
            }
        default: throw self.unknown(path)
        }
        return try self.leaf(rest, path, read)
    }

    /// `sys.pid`, `sys.now`, `sys.unique`: of the process and the clock.
    static func system(
        _ rest: ArraySlice<SelectPath.Element>, _ path: [SelectPath.Element]
    ) throws(ArgumentError) -> Reader {
        let read: Reader
        var rest = rest
        switch rest.popFirst()?.name {
        case "pid"?: read = { _ in .bytes(ByteString(decimal: Int(getpid()))) }
        case "unique"?:
            read = { route in
                let number = HashSeed.fold(UInt64(truncatingIfNeeded: WallClock.microseconds()), HashSeed.process | 1)
                let id = String(Int(getpid()), radix: 16)
                return .text(
                    "\(id)-\(String(WallClock.seconds(), radix: 16))-\(String(number & 0xffff_ffff, radix: 16))")
            }
        case "now"?:
            switch rest.popFirst()?.name {
            case nil: read = { _ in .bytes(ByteString(decimal: WallClock.seconds())) }
            case "local"?: read = { _ in .text(CalendarTime(seconds: WallClock.seconds()).ctime) }
            case "gmt"?, "utc"?: read = { _ in .text(CalendarTime(seconds: WallClock.seconds(), isUTC: true).ctime) }
            default: throw self.unknown(path)
            }
        default: throw self.unknown(path)
        }
        return try self.leaf(rest, path, read)
    }
}
