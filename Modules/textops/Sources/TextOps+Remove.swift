import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    /// Functions that remove header fields.
    var removeFunctions: [ScriptFunction] {
        let outcomes = [1: "removed", -1: "no such field"]
        return [
            ScriptFunction(
                "remove_hf", .header("name", "Name of the fields."), in: .any,
                summary: "Removes all header fields with that name.", outcomes: outcomes,
                example: #"remove_hf("Route");"#
            ) { route, arguments in
                guard let header = arguments.object(0, as: HeaderSelector.self) else { return .failure }
                return Self.remove(header, route)
            },
            ScriptFunction(
                "remove_hf_pv", Argument("name", .format, "Name of the fields."), in: .any,
                summary: "Removes all header fields with that name.", outcomes: outcomes,
                example: #"remove_hf_pv("X-$var(name)");"#
            ) { route, arguments in Self.remove(HeaderSelector(arguments.text(0, in: route)), route) },
            ScriptFunction(
                "remove_hf_re", .pattern("pattern", "Expression for their names."), in: .any,
                summary: "Removes all header fields whose name matches.", outcomes: outcomes,
                example: #"remove_hf_re("^X-");"#
            ) { route, arguments in
                guard let pattern = arguments.object(0, as: RegularExpression.self) else { return .failure }
                return Self.remove(route) { pattern.matches($0) }
            },
            ScriptFunction(
                "remove_hf_re_pv", Argument("pattern", .format, "Expression for their names."), in: .any,
                summary: "Removes all header fields whose name matches.", outcomes: outcomes,
                example: #"remove_hf_re_pv("^X-$var(name)");"#
            ) { route, arguments in
                guard let pattern = arguments.pattern(0, in: route) else { return .failure }
                return Self.remove(route) { pattern.matches($0) }
            },
            ScriptFunction(
                "remove_hf_exp", .pattern("pattern", "Expression for their names."),
                .pattern("except", "Expression for the names of those that stay."), in: .any,
                summary: "Removes all header fields whose name matches the first and not the second expression.",
                outcomes: outcomes, example: #"remove_hf_exp("^X-", "^X-Keep");"#
            ) { route, arguments in
                guard let pattern = arguments.object(0, as: RegularExpression.self),
                    let except = arguments.object(1, as: RegularExpression.self)
                else { return .failure }
                return Self.remove(route) { pattern.matches($0) && !except.matches($0) }
            },
            ScriptFunction(
                "remove_hf_exp_pv", Argument("pattern", .format, "Expression for their names."),
                Argument("except", .format, "Expression for the names of those that stay."), in: .any,
                summary: "Removes all header fields whose name matches the first and not the second expression.",
                outcomes: outcomes, example: #"remove_hf_exp_pv("^X-$var(name)", "^X-Keep");"#
            ) { route, arguments in
                guard let pattern = arguments.pattern(0, in: route), let except = arguments.pattern(1, in: route) else {
                    return .failure
                }
                return Self.remove(route) { pattern.matches($0) && !except.matches($0) }
            },
            ScriptFunction(
                "remove_hf_idx", Argument("name", .format, "Name of the field."),
                Argument("index", .int, "Which one, 0 being the first and -1 the last."), in: .any,
                summary: "Removes one of several header fields with a name.", outcomes: outcomes,
                example: #"remove_hf_idx("X-Info", "-1");"#
            ) { route, arguments in
                let header = HeaderSelector(arguments.text(0, in: route))
                let index = header.index(in: route.message, at: arguments.int(1, in: route) ?? 0)
                guard index >= 0 else { return .failure }
                route.edits.removeHeader(at: index, route.message)
                return .success
            },
            ScriptFunction(
                "remove_hf_match", Argument("name", .format, "Name of the fields."),
                Argument("operator", .format, "eq, ne, in (contains) or re (expression)."),
                Argument("value", .format, "What the value is compared with."), in: .any,
                summary: "Removes all header fields with a name and a certain value.", outcomes: outcomes,
                example: #"remove_hf_match("X-Info", "in", "test");"#
            ) { route, arguments in Self.removeMatching(route, arguments) },
        ]
    }

    private static func remove(_ header: HeaderSelector, _ route: RouteContext) -> Outcome {
        let message = route.message
        var index = header.first(in: message)
        guard index >= 0 else { return .failure }
        while index >= 0 {
            if !route.edits.isRemoved(index, message) { route.edits.removeHeader(at: index, message) }
            index = message.next(after: index)
        }
        return .success
    }

    private static func remove(_ route: RouteContext, where isWanted: (Span<UInt8>) -> Bool) -> Outcome {
        let message = route.message
        var found = false
        for index in 0..<message.headerCount {
            let name = message.field(at: index).nameRange
            guard isWanted(message.span.extracting(name.indices)) else { continue }
            found = true
            if !route.edits.isRemoved(index, message) { route.edits.removeHeader(at: index, message) }
        }
        return found ? .success : .failure
    }

    private static func removeMatching(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        let message = route.message
        let header = HeaderSelector(arguments.text(0, in: route))
        let value = arguments.text(2, in: route)
        var pattern: RegularExpression?
        let kind = arguments.text(1, in: route)
        switch kind {
        case "eq", "ne", "in": break
        case "re":
            pattern = arguments.pattern(2, in: route)
            guard pattern != nil else { return .failure }
        default:
            route.log(.error, "remove_hf_match: \(kind.string) is none of eq, ne, in, re")
            return .failure
        }
        var found = false
        var index = header.first(in: message)
        while index >= 0 {
            let body = message.span.extracting(message.field(at: index).value.indices)
            let isWanted: Bool
            switch kind {
            case "eq": isWanted = body.equals(value.span)
            case "ne": isWanted = !body.equals(value.span)
            case "in": isWanted = TextSearch.find(value.span, in: body) >= 0
            default: isWanted = pattern?.matches(body) ?? false
            }
            if isWanted {
                found = true
                if !route.edits.isRemoved(index, message) { route.edits.removeHeader(at: index, message) }
            }
            index = message.next(after: index)
        }
        return found ? .success : .failure
    }

    /// Functions that tell whether header fields are there.
    var presenceFunctions: [ScriptFunction] {
        let outcomes = [1: "there", -1: "not there"]
        return [
            ScriptFunction(
                "is_present_hf", .header("name", "Name of the field."), in: .any,
                summary: "Tells whether the message was received with a header field.", outcomes: outcomes,
                example: #"if (is_present_hf("Diversion")) { setflag(1); }"#
            ) { route, arguments in
                guard let header = arguments.object(0, as: HeaderSelector.self) else { return .failure }
                return header.first(in: route.message) >= 0 ? .success : .failure
            },
            ScriptFunction(
                "is_present_hf_pv", Argument("name", .format, "Name of the field."), in: .any,
                summary: "Tells whether the message was received with a header field.", outcomes: outcomes,
                example: #"if (is_present_hf_pv("X-$var(name)")) { setflag(1); }"#
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                return route.message.first(named: name.span) >= 0 ? .success : .failure
            },
            ScriptFunction(
                "is_present_hf_re", .pattern("pattern", "Expression for its name."), in: .any,
                summary: "Tells whether the message was received with a header field whose name matches.",
                outcomes: outcomes, example: #"if (is_present_hf_re("^P-")) { setflag(1); }"#
            ) { route, arguments in
                guard let pattern = arguments.object(0, as: RegularExpression.self) else { return .failure }
                return Self.isPresent(pattern, route.message) ? .success : .failure
            },
            ScriptFunction(
                "is_present_hf_re_pv", Argument("pattern", .format, "Expression for its name."), in: .any,
                summary: "Tells whether the message was received with a header field whose name matches.",
                outcomes: outcomes, example: #"if (is_present_hf_re_pv("^$var(name)")) { setflag(1); }"#
            ) { route, arguments in
                guard let pattern = arguments.pattern(0, in: route) else { return .failure }
                return Self.isPresent(pattern, route.message) ? .success : .failure
            },
        ]
    }

    private static func isPresent(_ pattern: RegularExpression, _ message: Message) -> Bool {
        for index in 0..<message.headerCount {
            if pattern.matches(message.span.extracting(message.field(at: index).nameRange.indices)) { return true }
        }
        return false
    }
}
