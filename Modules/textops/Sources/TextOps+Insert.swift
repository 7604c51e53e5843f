import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    /// Functions that add header fields.
    var insertFunctions: [ScriptFunction] {
        let text = Argument("text", .format, "Whole header lines, each with its line end.")
        return [
            ScriptFunction(
                "append_hf", text, Self.anchor("after"), in: .any,
                summary: "Adds header fields at the end, or after a certain one.", reference: "RFC 3261 §16.6 step 5",
                outcomes: [1: "added"], example: #"append_hf("P-Hint: outbound\r\n");"#
            ) { route, arguments in
                let message = route.message
                var offset = message.headersEnd
                if let anchor = arguments.object(1, as: HeaderSelector.self) {
                    let index = anchor.first(in: message)
                    if index >= 0 { offset = message.field(at: index).range.upper }
                }
                Self.insert(arguments, at: offset, route)
                return .success
            },
            ScriptFunction(
                "insert_hf", text, Self.anchor("before"), in: .any,
                summary: "Adds header fields at the top, or before a certain one.", reference: "RFC 3261 §16.6 step 5",
                outcomes: [1: "added"], example: #"insert_hf("P-Hint: $fU\r\n", "Call-ID");"#
            ) { route, arguments in
                let message = route.message
                var offset = message.firstHeaderStart
                if let anchor = arguments.object(1, as: HeaderSelector.self) {
                    let index = anchor.first(in: message)
                    if index >= 0 { offset = Int(message.field(at: index).start) }
                }
                Self.insert(arguments, at: offset, route)
                return .success
            },
            ScriptFunction(
                "append_urihf", Argument("prefix", .literal, "What stands before the URI: a name and a colon."),
                Argument("suffix", .literal, "What stands behind it: a line end."), in: [.request, .failure, .branch],
                summary: "Adds a header field with the Request-URI as it was received.", outcomes: [1: "added"],
                example: #"append_urihf("CC-Diversion: <", ">\r\n");"#
            ) { route, arguments in
                let message = route.message
                let writer = route.edits.beginInsert()
                writer.buffer.append(arguments.text(0, in: route))
                writer.buffer.append(message.span, message.requestURI)
                writer.buffer.append(arguments.text(1, in: route))
                route.edits.endInsert(writer, at: message.headersEnd)
                return .success
            },
            ScriptFunction(
                "append_to_reply", text, in: [.request, .failure, .branch],
                summary: "Adds header fields to the replies that the server makes itself.",
                reference: "RFC 3261 §8.2.6",
                outcomes: [1: "added"], example: #"append_to_reply("Retry-After: 10\r\n");"#
            ) { route, arguments in
                route.replyHeaders.append(arguments.text(0, in: route))
                return .success
            },
            ScriptFunction(
                "append_time", in: [.request, .failure, .branch],
                summary: "Adds Date to the replies that the server makes itself.", reference: "RFC 3261 §20.17",
                outcomes: [1: "added"], example: "append_time();"
            ) { route, _ in
                route.replyHeaders.append(DateHeader.line(seconds: WallClock.seconds()))
                return .success
            },
            ScriptFunction(
                "append_time_to_request", in: .any, summary: "Adds Date to the message.", reference: "RFC 3261 §20.17",
                outcomes: [1: "added"], example: "append_time_to_request();"
            ) { route, _ in
                route.edits.appendHeader(DateHeader.line(seconds: WallClock.seconds()), route.message)
                return .success
            },
        ]
    }

    private static func anchor(_ word: String) -> Argument {
        .header(
            "name", "Name of the field \(word) which it goes; without such a field, as if left out.", optional: true)
    }

    /// Variables are written straight into the list of edits.
    private static func insert(_ arguments: Arguments, at offset: Int, _ route: RouteContext) {
        if case .format(let format) = arguments.bound[0] {
            let writer = route.edits.beginInsert()
            format.write(to: writer.buffer, in: route)
            route.edits.endInsert(writer, at: offset)
        } else {
            route.edits.insert(at: offset, arguments.text(0, in: route))
        }
    }
}

/// The Date header field (RFC 3261 §20.17).
enum DateHeader {
    /// `Date: Sat, 13 Nov 2010 23:29:00 GMT` with its line end.
    static func line(seconds: Int) -> ByteString {
        let time = CalendarTime(seconds: seconds, isUTC: true)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        let clock = "\(two(time.hour)):\(two(time.minute)):\(two(time.second))"
        let date = "\(two(time.day)) \(months[(time.month + 11) % 12]) \(time.year)"
        return ByteString("Date: \(days[time.weekday % 7]), \(date) \(clock) GMT\r\n")
    }
}
