import Bytes
import ModuleKit
import SIPMessage

/// Where the iterators of a message stand: on a line, or before the first one (absent).
private final class LineIterators {
    static let limit = 4
    var lines: [ByteString: ByteRange] = [:]
}

extension RouteContext {
    private var sdpIterators: LineIterators {
        if let iterators = self.state(LineIterators.self) { return iterators }
        let iterators = LineIterators()
        self.setState(iterators)
        return iterators
    }

    fileprivate func startIterator(_ name: ByteString) -> Bool {
        guard case .at = SDPBody.find(in: self.message) else { return false }
        let iterators = self.sdpIterators
        guard iterators.lines[name] != nil || iterators.lines.count < LineIterators.limit else {
            self.log(.error, "sdp_iterator_start: there are \(LineIterators.limit) iterators already")
            return false
        }
        iterators.lines[name] = .absent
        return true
    }

    fileprivate func advanceIterator(_ name: ByteString) -> Bool {
        guard let line = self.sdpIterators.lines[name], case .at(let body) = SDPBody.find(in: self.message) else {
            return false
        }
        let message = self.message
        var rest = LineScanner(ByteRange(line.isPresent ? line.upper : body.lower, body.upper))
        guard let next = rest.next(message.span) else { return false }
        self.sdpIterators.lines[name] = next.whole
        return true
    }

    fileprivate func endIterator(_ name: ByteString) { self.sdpIterators.lines[name] = nil }

    /// The line that an iterator stands on, with its end; nil when it stands on none.
    fileprivate func iteratorLine(_ name: ByteString) -> ByteRange? {
        guard let line = self.state(LineIterators.self)?.lines[name], line.isPresent,
            line.upper <= self.message.length
        else { return nil }
        return line
    }
}

extension SDPOperations {
    private static let iterator = Argument("name", .format, "Name of the iterator.")
    private static let added = Argument("text", .format, "What to add, with its line end.")

    private static func function(
        _ name: String, _ summary: String, _ outcomes: [Int: String],
        _ body: @escaping @Sendable (RouteContext, ByteString) -> Bool
    ) -> ScriptFunction {
        ScriptFunction(
            name, Self.iterator, in: .any, summary: summary, outcomes: outcomes, example: "\(name)(\"s1\");"
        ) { route, arguments in body(route, arguments.text(0, in: route)) ? .success : .failure }
    }

    private static func inserter(
        _ name: String, _ where: String, _ place: @escaping @Sendable (ByteRange) -> Int
    ) -> ScriptFunction {
        ScriptFunction(
            name, Self.iterator, Self.added, in: .any,
            summary: "Adds text \(`where`) the line that the iterator stands on.",
            outcomes: [1: "added", -1: "the iterator stands on nothing"],
            example: "\(name)(\"s1\", \"a=tool:apus\\r\\n\");"
        ) { route, arguments in
            guard let line = route.iteratorLine(arguments.text(0, in: route)) else { return .failure }
            route.edits.insert(at: place(line), arguments.text(1, in: route))
            return .success
        }
    }

    var iteratorFunctions: [ScriptFunction] {
        [
            Self.function(
                "sdp_iterator_start", "Begins to walk the lines of the session description, before the first.",
                [1: "begun", -1: "no session description, or four iterators are in use"]
            ) { $0.startIterator($1) },
            Self.function(
                "sdp_iterator_next", "Goes to the next line.", [1: "it stands on a line", -1: "there are no more"]
            ) { $0.advanceIterator($1) },
            Self.function("sdp_iterator_end", "Ends walking.", [1: "ended"]) { route, name in
                route.endIterator(name)
                return true
            },
            Self.function(
                "sdp_iterator_rm", "Removes the line that the iterator stands on.",
                [1: "removed", -1: "the iterator stands on nothing"]
            ) { route, name in
                guard let line = route.iteratorLine(name) else { return false }
                route.edits.delete(line)
                return true
            },
            Self.inserter("sdp_iterator_append", "behind") { $0.upper },
            Self.inserter("sdp_iterator_insert", "before") { $0.lower },
        ]
    }

    var iteratorVariable: ScriptVariable {
        ScriptVariable(
            "sdpitval", inner: .required, summary: "The line that an iterator stands on, with its end."
        ) { name, _ in
            VariableAccess { route, _ in .slice(ifPresent: route.iteratorLine(name.resolve(in: route)) ?? .absent) }
        }
    }
}
