import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    /// Functions that exchange what an expression or a text matches for another text.
    var replaceFunctions: [ScriptFunction] {
        [
            Self.replace("replace", "header and body", all: false) { Self.afterFirstLine($0) },
            Self.replace("replace_all", "header and body", all: true) { Self.afterFirstLine($0) },
            Self.replace("replace_hdrs", "the header", all: true) { Self.headers($0) },
            Self.replace("replace_body", "the body", all: false) { $0.body },
            Self.replace("replace_body_all", "the body", all: true) { $0.body },
            Self.replace("replace_body_atonce", "the body", all: true) { $0.body },
            Self.replaceText("replace_str", "header and body") { Self.afterFirstLine($0) },
            Self.replaceText("replace_hdrs_str", "the header") { Self.headers($0) },
            Self.replaceText("replace_body_str", "the body") { $0.body },
        ]
    }

    private static func replace(
        _ name: String, _ place: String, all: Bool, _ part: @escaping @Sendable (Message) -> ByteRange
    ) -> ScriptFunction {
        ScriptFunction(
            name, .pattern("pattern", "Extended regular expression; case is ignored."),
            Argument("text", .literal, "What comes in its place."), in: .any,
            summary: "Replaces \(all ? "all matches" : "the first match") of an expression in \(place).",
            outcomes: [1: "replaced", -1: "no match"], example: "\(name)(\"192\\.0\\.2\\.1\", \"192.0.2.2\");"
        ) { route, arguments in
            guard let pattern = arguments.object(0, as: RegularExpression.self) else { return .failure }
            let message = route.message
            let range = part(message)
            let text = arguments.text(1, in: route)
            let span = message.span.extracting(range.indices)
            var position = 0
            var found = false
            let last = all ? pattern.lastStart(in: span) : span.count
            while position <= last, let match = pattern.firstMatch(in: span, from: position) {
                found = true
                let place = ByteRange(start: range.lower + match.range.lower, count: match.range.length)
                route.edits.replace(place, with: text.span)
                position = match.range.count > 0 ? match.range.upper : match.range.upper + 1
                guard all else { break }
            }
            return found ? .success : .failure
        }
    }

    private static func replaceText(
        _ name: String, _ place: String, _ part: @escaping @Sendable (Message) -> ByteRange
    ) -> ScriptFunction {
        ScriptFunction(
            name, Argument("match", .format, "Text to look for, case counts."),
            Argument("text", .format, "What comes in its place."),
            Argument("mode", .format, "a all of them, f the first."), in: .any,
            summary: "Replaces a text in \(place).", outcomes: [1: "replaced", -1: "not found"],
            example: "\(name)(\"192.0.2.1\", \"192.0.2.2\", \"a\");"
        ) { route, arguments in
            let match = arguments.text(0, in: route)
            let text = arguments.text(1, in: route)
            let isAll = arguments.text(2, in: route).bytes.first != UInt8(ascii: "f")
            let message = route.message
            let range = part(message)
            let span = message.span.extracting(range.indices)
            var position = TextSearch.find(match.span, in: span)
            guard position >= 0 else { return .failure }
            while position >= 0 {
                route.edits.replace(ByteRange(start: range.lower + position, count: match.count), with: text.span)
                guard isAll else { break }
                position = TextSearch.find(match.span, in: span, from: position + match.count)
            }
            return .success
        }
    }
}
