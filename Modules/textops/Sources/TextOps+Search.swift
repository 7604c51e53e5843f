import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    /// Functions that look for something.
    var searchFunctions: [ScriptFunction] {
        let pattern = Argument.pattern("pattern", "Extended regular expression; case is ignored.")
        let outcomes = [1: "found", -1: "not found"]
        return [
            ScriptFunction(
                "search", pattern, in: .any, summary: "Looks for an expression in the whole message.",
                outcomes: outcomes, example: #"if (search("^Contact:.*@127\.0\.0\.1")) { setflag(1); }"#
            ) { route, arguments in
                guard let pattern = arguments.object(0, as: RegularExpression.self) else { return .failure }
                let message = route.message
                return pattern.matches(message.span.extracting(message.start..<message.length)) ? .success : .failure
            },
            ScriptFunction(
                "search_body", pattern, in: .any, summary: "Looks for an expression in the body.",
                outcomes: outcomes, example: #"if (search_body("a=inactive")) { setflag(1); }"#
            ) { route, arguments in
                guard let pattern = arguments.object(0, as: RegularExpression.self) else { return .failure }
                let message = route.message
                guard message.body.count > 0 else { return .failure }
                return pattern.matches(message.span.extracting(message.body.indices)) ? .success : .failure
            },
            ScriptFunction(
                "search_hf", .header("name", "Name of the fields."), pattern,
                Argument("which", .literal, "a all fields, f the first, l the last.", optional: true), in: .any,
                summary: "Looks for an expression in the values of header fields.", outcomes: outcomes,
                example: #"if (search_hf("Contact", "transport=tcp", "a")) { setflag(1); }"#
            ) { route, arguments in
                guard let header = arguments.object(0, as: HeaderSelector.self),
                    let pattern = arguments.object(1, as: RegularExpression.self)
                else { return .failure }
                let message = route.message
                let isFound = FieldChoice(arguments.text(2, in: route)).contains(in: message, header) { index in
                    pattern.matches(message.span.extracting(message.field(at: index).value.indices))
                }
                return isFound ? .success : .failure
            },
            ScriptFunction(
                "search_str", Argument("text", .format, "Where to look."),
                Argument("pattern", .format, "Extended regular expression; case is ignored."), in: .any,
                summary: "Looks for an expression in a text.", outcomes: outcomes,
                example: #"if (search_str("$fU", "^[0-9]+$$")) { setflag(1); }"#
            ) { route, arguments in
                guard let pattern = arguments.pattern(1, in: route) else { return .failure }
                let text = arguments.text(0, in: route)
                return pattern.matches(text.span) ? .success : .failure
            },
            Self.appendAfter("search_append", "the header", #""^User-Agent: [^\r]*", " (seen)""#) {
                Self.afterFirstLine($0)
            },
            Self.appendAfter("search_append_body", "the body", #""^a=sendrecv", "\r\na=seen""#) { $0.body },
        ]
    }

    /// Header and body: what `search_append`, `replace` and `subst` work on.
    static func afterFirstLine(_ message: Message) -> ByteRange { ByteRange(message.firstHeaderStart, message.length) }
    static func headers(_ message: Message) -> ByteRange { ByteRange(message.firstHeaderStart, message.headersEnd) }

    private static func appendAfter(
        _ name: String, _ place: String, _ example: String, _ part: @escaping @Sendable (Message) -> ByteRange
    ) -> ScriptFunction {
        ScriptFunction(
            name, .pattern("pattern", "Extended regular expression; case is ignored."),
            Argument("text", .literal, "What to insert."), in: .any,
            summary: "Inserts text behind the first match of an expression in \(place).",
            outcomes: [1: "inserted", -1: "no match"], example: "\(name)(\(example));"
        ) { route, arguments in
            guard let pattern = arguments.object(0, as: RegularExpression.self) else { return .failure }
            let message = route.message
            let range = part(message)
            guard let match = pattern.firstMatch(in: message.span.extracting(range.indices)) else { return .failure }
            route.edits.insert(at: range.lower + match.range.upper, arguments.text(1, in: route))
            return .success
        }
    }
}

/// Which of several fields with one name are meant.
enum FieldChoice {
    case all, first, last

    init(_ text: ByteString) {
        switch text.bytes.first {
        case UInt8(ascii: "f"), UInt8(ascii: "F"): self = .first
        case UInt8(ascii: "l"), UInt8(ascii: "L"): self = .last
        default: self = .all
        }
    }

    /// Whether `body` is true for one of the fields chosen; stops at the first.
    func contains(in message: Message, _ header: HeaderSelector, _ body: (Int) -> Bool) -> Bool {
        var index = header.first(in: message)
        while index >= 0 {
            let next = message.next(after: index)
            switch self {
            case .first: return body(index)
            case .last:
                if next < 0 { return body(index) }
            case .all:
                if body(index) { return true }
            }
            index = next
        }
        return false
    }

    /// Calls `body` with every field chosen.
    func forEach(in message: Message, _ header: HeaderSelector, _ body: (Int) -> Void) {
        _ = self.contains(in: message, header) { index in
            body(index)
            return false
        }
    }
}
