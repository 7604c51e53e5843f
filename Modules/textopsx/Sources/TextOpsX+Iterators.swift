import Bytes
import ModuleKit
import SIPMessage

extension TextOpsX {
    private static let iterator = Argument("name", .format, "Name of the iterator.")
    private static let added = Argument("text", .format, "What to add, with its line end.")
    private static let outcomes = [1: "done", -1: "the iterator stands on nothing"]

    private static func function(
        _ name: String, _ summary: String, _ body: @escaping @Sendable (RouteContext, ByteString) -> Bool
    ) -> ScriptFunction {
        ScriptFunction(
            name, Self.iterator, in: .any, summary: summary, outcomes: Self.outcomes, example: "\(name)(\"one\");"
        ) { route, arguments in body(route, arguments.text(0, in: route)) ? .success : .failure }
    }

    private static func inserter(
        _ name: String, _ summary: String, _ line: String,
        _ place: @escaping @Sendable (RouteContext, ByteString) -> Int?
    ) -> ScriptFunction {
        ScriptFunction(
            name, Self.iterator, Self.added, in: .any, summary: summary, outcomes: Self.outcomes,
            example: "\(name)(\"one\", \"\(line)\\r\\n\");"
        ) { route, arguments in
            guard let offset = place(route, arguments.text(0, in: route)) else { return .failure }
            route.edits.insert(at: offset, arguments.text(1, in: route))
            return .success
        }
    }

    /// Walking header fields.
    var headerIteratorFunctions: [ScriptFunction] {
        [
            Self.function("hf_iterator_start", "Begins to walk the header fields, before the first.") { route, name in
                route.headerIterators.positions[name] = -1
                return true
            },
            Self.function("hf_iterator_end", "Ends walking the header fields.") { route, name in
                route.headerIterators.positions[name] = nil
                return true
            },
            Self.function("hf_iterator_next", "Goes to the next header field; fails behind the last.") { route, name in
                guard let index = route.headerIterators.positions[name], index + 1 < route.message.headerCount else {
                    return false
                }
                route.headerIterators.positions[name] = index + 1
                return true
            },
            Self.function("hf_iterator_prev", "Goes to the header field before; fails at the first.") { route, name in
                guard let index = route.headerIterators.positions[name], index > 0 else { return false }
                route.headerIterators.positions[name] = index - 1
                return true
            },
            Self.function("hf_iterator_rm", "Removes the header field that the iterator stands on.") { route, name in
                guard let index = route.currentHeader(name) else { return false }
                route.edits.removeHeader(at: index, route.message)
                return true
            },
            Self.inserter(
                "hf_iterator_append", "Adds header fields behind the one that the iterator stands on.", "X-A: b"
            ) { route, name in
                route.currentHeader(name).map { route.message.field(at: $0).range.upper }
            },
            Self.inserter(
                "hf_iterator_insert", "Adds header fields before the one that the iterator stands on.", "X-A: b"
            ) { route, name in
                route.currentHeader(name).map { route.message.field(at: $0).range.lower }
            },
        ]
    }

    /// Walking body lines.
    var lineIteratorFunctions: [ScriptFunction] {
        [
            Self.function("bl_iterator_start", "Begins to walk the lines of the body, before the first.") {
                route, name in
                route.lineIterators.lines[name] = .absent
                return true
            },
            Self.function("bl_iterator_end", "Ends walking the lines of the body.") { route, name in
                route.lineIterators.lines[name] = nil
                return true
            },
            Self.function("bl_iterator_next", "Goes to the next line of the body; fails behind the last.") {
                route, name in
                guard let line = route.lineIterators.lines[name] else { return false }
                let next = route.line(after: line)
                guard next.isPresent else { return false }
                route.lineIterators.lines[name] = next
                return true
            },
            Self.function("bl_iterator_rm", "Removes the line that the iterator stands on.") { route, name in
                guard let line = route.lineIterators.lines[name], line.isPresent else { return false }
                route.edits.delete(line)
                return true
            },
            Self.inserter("bl_iterator_append", "Adds text behind the line that the iterator stands on.", "a=b") {
                route, name in
                route.lineIterators.lines[name].flatMap { $0.isPresent ? $0.upper : nil }
            },
            Self.inserter("bl_iterator_insert", "Adds text before the line that the iterator stands on.", "a=b") {
                route, name in
                route.lineIterators.lines[name].flatMap { $0.isPresent ? $0.lower : nil }
            },
        ]
    }

    public var variables: [ScriptVariable] {
        [
            ScriptVariable(
                "hfitname", inner: .required, summary: "Name of the header field that an iterator stands on."
            ) { name, _ in
                VariableAccess { route, _ in
                    guard let index = route.currentHeader(name.resolve(in: route)) else { return .null }
                    return .slice(route.message.field(at: index).nameRange)
                }
            },
            ScriptVariable(
                "hfitbody", inner: .required, summary: "Value of the header field that an iterator stands on."
            ) { name, _ in
                VariableAccess { route, _ in
                    guard let index = route.currentHeader(name.resolve(in: route)) else { return .null }
                    return .slice(route.message.field(at: index).value)
                }
            },
            ScriptVariable("blitval", inner: .required, summary: "The line of the body that an iterator stands on.") {
                name, _ in
                VariableAccess { route, _ in
                    .slice(ifPresent: route.lineIterators.lines[name.resolve(in: route)] ?? .absent)
                }
            },
        ]
    }
}
