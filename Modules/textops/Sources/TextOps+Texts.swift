import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    /// Comparing texts.
    var textFunctions: [ScriptFunction] {
        [
            Self.compare("cmp_str", "the same", "Tells whether two texts are the same.") { $0 == $1 ? 1 : -1 },
            Self.compare("cmp_istr", "the same", "Tells whether two texts are the same but for case.") {
                $0.span.equalsIgnoringCase($1.span) ? 1 : -1
            },
            Self.compare("starts_with", "it does", "Tells whether the first text begins with the second.") {
                $0.bytes.starts(with: $1.bytes) ? 1 : -1
            },
            Self.compare(
                "starts_with_i", "it does", "Tells whether the first text begins with the second, ignoring case."
            ) {
                $0.span.equalsIgnoringCase(ByteRange(start: 0, count: min($0.count, $1.count)), $1.span) ? 1 : -1
            },
            Self.compare("ends_with", "it does", "Tells whether the first text ends with the second.") {
                $0.count >= $1.count && $0.bytes.suffix($1.count).elementsEqual($1.bytes) ? 1 : -1
            },
            Self.compare("str_find", "its place, counted from 1", "Looks for the second text in the first.") {
                let place = TextSearch.find($1.span, in: $0.span)
                return place < 0 ? -1 : place + 1
            },
            Self.compare(
                "str_ifind", "its place, counted from 1", "Looks for the second text in the first, ignoring case."
            ) {
                let place = TextSearch.find($1.span, in: $0.span, ignoringCase: true)
                return place < 0 ? -1 : place + 1
            },
            Self.compare("str_any_in", "it does", "Tells whether the first text holds any character of the second.") {
                text, set in
                text.bytes.contains { set.bytes.contains($0) } ? 1 : -1
            },
            Self.compare("str_all_in", "it does", "Tells whether the first text holds only characters of the second.") {
                text, set in
                !text.isEmpty && text.bytes.allSatisfy { set.bytes.contains($0) } ? 1 : -1
            },
            Self.list("in_list", "Tells whether a text is a member of a list.", byPrefix: false),
            Self.list("in_list_prefix", "Tells whether a member of a list is how a text begins.", byPrefix: true),
            ScriptFunction(
                "is_privacy", Argument("type", .literal, "header, session, user, none, id, critical or history."),
                in: .any,
                summary: "Tells whether Privacy asks for a kind of privacy.", reference: "RFC 3323 §4.2",
                outcomes: [1: "it does", -1: "it does not"], example: #"if (is_privacy("id")) { setflag(1); }"#
            ) { route, arguments in
                let type = arguments.text(0, in: route)
                let value = route.copy(route.message.value(.privacy))
                let lowered = ByteString(value.bytes.map(\.lowercased))
                return TextSearch.isMember(type, of: lowered, separator: UInt8(ascii: ";")) ? .success : .failure
            },
            ScriptFunction(
                "regex_substring", Argument("text", .format, "Where to look."),
                Argument("pattern", .format, "Extended regular expression."),
                Argument("group", .int, "Number of the group."),
                Argument("count", .int, "Number of groups; Kamailio wants it, here it does not matter."),
                Argument("result", .variable, "Takes the group's text."), in: [.request, .failure, .anyReply, .branch],
                summary: "Puts what a group of an expression matches into a variable.",
                outcomes: [1: "matched", -1: "no match"],
                example: #"regex_substring("$fU", "^0([0-9]+)", "1", "2", "$var(number)");"#
            ) { route, arguments in
                guard let pattern = try? RegularExpression(arguments.text(1, in: route)),
                    let variable = arguments.variable(4)
                else { return .failure }
                let text = arguments.text(0, in: route)
                guard let match = pattern.firstMatch(in: text.span) else { return .failure }
                let range = match[arguments.int(2, in: route) ?? 0]
                guard range.isPresent else { return .failure }
                return variable.write(.bytes(ByteString(text.span, range)), in: route) ? .success : .failure
            },
            ScriptFunction(
                "glob", Argument("text", .format, "The text."),
                Argument("pattern", .format, "* any text, ? any character."),
                in: .any, summary: "Tells whether a text fits a shell pattern.",
                outcomes: [1: "it fits", -1: "it does not"],
                example: #"if (glob("$rU", "49*")) { setflag(1); }"#
            ) { route, arguments in
                let text = arguments.text(0, in: route)
                return ShellPattern(arguments.text(1, in: route)).matches(text) ? .success : .failure
            },
        ]
    }

    private static func compare(
        _ name: String, _ meaning: String, _ summary: String,
        _ body: @escaping @Sendable (ByteString, ByteString) -> Int
    ) -> ScriptFunction {
        ScriptFunction(
            name, Argument("text", .format, "Text."), Argument("other", .format, "Text."), in: .any, summary: summary,
            outcomes: [1: meaning, -1: "not"], example: "if (\(name)(\"$rU\", \"00\")) { setflag(1); }"
        ) { route, arguments in .code(body(arguments.text(0, in: route), arguments.text(1, in: route))) }
    }

    private static func list(_ name: String, _ summary: String, byPrefix: Bool) -> ScriptFunction {
        ScriptFunction(
            name, Argument("text", .format, "The text."), Argument("list", .format, "The list."),
            Argument("separator", .format, "The character between members."), in: .any, summary: summary,
            outcomes: [1: "it is", -1: "it is not"],
            example: "if (\(name)(\"$rU\", \"100,200\", \",\")) { setflag(1); }"
        ) { route, arguments in
            guard let separator = arguments.text(2, in: route).bytes.first else { return .failure }
            let text = arguments.text(0, in: route)
            let list = arguments.text(1, in: route)
            guard !text.isEmpty else { return .failure }
            return TextSearch.isMember(text, of: list, separator: separator, byPrefix: byPrefix) ? .success : .failure
        }
    }

    var viaFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "via_param_rm", Argument("name", .format, "Name of the parameter."),
                Argument("index", .int, "Which Via, 1 being the first and -1 the last."), in: .any,
                summary: "Removes a parameter of a Via.", reference: "RFC 3261 §20.42",
                outcomes: [1: "removed", -1: "no such parameter"], example: #"via_param_rm("rport", "1");"#
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                let wanted = arguments.int(1, in: route) ?? 1
                let message = route.message
                var vias: [Via] = []
                message.forEachVia {
                    vias.append($0)
                    return true
                }
                let index = wanted < 0 ? vias.count + wanted : wanted - 1
                guard vias.indices.contains(index), vias[index].isValid else { return .failure }
                var scanner = ParameterScanner(vias[index].parameters)
                let span = message.span
                while scanner.next(span) {
                    guard span.equalsIgnoringCase(scanner.name, name.span) else { continue }
                    route.edits.delete(ByteRange(scanner.start, max(scanner.name.upper, scanner.value.upper)))
                    return .success
                }
                return .failure
            }
        ]
    }
}
