import ApusServer
import Bytes
import ModuleKit
import RouteScript

/// Writes the lines of a script as they run, each with the values that it read and what came of it.
final class LinePrinter: ScriptTracer, @unchecked Sendable {  // used on the thread of its stage
    private struct Line {
        var file: String
        var line: Int
        var depth: Int
        var notes: [String] = []
        /// Statements that have begun on it: the second time round a loop it is shown again.
        var begun: [String] = []
        /// Something else was written in between: its text need not be repeated.
        var isContinued = false
    }

    private let write: (String) -> Void
    /// Called before anything is written: the time may have changed.
    var prepare: () -> Void = {}
    /// What expressions read since the last action: the next one tells which line they are in.
    private var reads: [String] = []
    private var texts: [String: [Substring]] = [:]
    private var current: Line?
    /// Lines that wait for what a route that they run comes to.
    private var depth = 0
    private var block = ""

    init(write: @escaping (String) -> Void) { self.write = write }

    func use(_ sources: SourceMap) {
        for source in sources.sources where self.texts[source.name] == nil {
            let text = String(decoding: source.bytes, as: UTF8.self)
            self.texts[source.name] = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        }
    }

    /// A script has come to its end.
    func reset() {
        self.depth = 0
        self.block = ""
        self.reads = []
    }

    // MARK: Actions

    func willRun(_ action: ScriptAction, in route: RouteContext) -> TraceVerdict {
        self.enter(action)
        switch action.kind {
        case .call, .command:
            if let values = Self.arguments(action, route) { self.current?.notes.append("\(action.name)(\(values))") }
        case .route: self.depth += 1
        case .assign, .condition, .loop, .selection, .return, .exit, .drop, .break: break
        }
        return .goOn
    }

    func didRead(_ variable: VariableReference, _ value: Value, in route: RouteContext) {
        let note = "\(variable.text) = \(Self.shown(value, route))"
        if self.reads.last != note { self.reads.append(note) }
    }

    func didRun(_ action: ScriptAction, _ result: Value?, in route: RouteContext) {
        if action.kind == .route { self.depth = max(self.depth - 1, 0) }
        let isHere = self.current.map { $0.line == action.line && $0.file == action.file } ?? false
        let reads = self.reads
        self.reads = []
        if !isHere {
            // A route came between, or a loop looks at its condition again.
            self.flush()
            self.enterBlock(action)
            self.current = Line(file: action.file, line: action.line, depth: self.depth)
            self.current?.isContinued = true
        }
        self.current?.notes += reads
        self.current?.notes.append(Self.outcome(action, result, route))
    }

    private func takeReads() {
        self.current?.notes += self.reads
        self.reads = []
    }

    /// Names the block when it is another one than before.
    private func enterBlock(_ action: ScriptAction) {
        let block = "\(action.routeKind.blockName) \(action.route)"
        guard self.depth == 0, block != self.block else { return }
        self.flush()
        self.block = block
        let name = action.route == "0" || action.route.isEmpty ? "" : "[\(action.route)]"
        self.prepare()
        self.write("   \(action.routeKind.blockName)\(name)\n")
    }

    /// Begins the line of an action, unless it is the one that is on.
    private func enter(_ action: ScriptAction) {
        // A statement reads nothing before it begins: what was read belongs to the one before. Arguments of calls are
        // computed first.
        switch action.kind {
        case .call, .command, .route: break
        case .assign, .condition, .loop, .selection, .return, .exit, .drop, .break: self.takeReads()
        }
        let reads = self.reads
        self.reads = []
        defer { self.current?.notes += reads }
        self.enterBlock(action)
        let statement = "\(action.kind) \(action.name)"
        if let current = self.current, current.line == action.line, current.file == action.file,
            current.depth == self.depth, !current.begun.contains(statement)
        {
            self.current?.begun.append(statement)
            return
        }
        self.flush()
        self.current = Line(file: action.file, line: action.line, depth: self.depth)
        self.current?.begun = [statement]
    }

    // MARK: Texts

    /// Arguments of a call with their values, when the script's text does not say them already.
    private static func arguments(_ action: ScriptAction, _ route: RouteContext) -> String? {
        var isInteresting = false
        var texts: [String] = []
        for index in 0..<action.arguments.count {
            switch action.arguments.bound[index] {
            case .format, .variable, .computed:
                isInteresting = true
                texts.append(self.shown(action.arguments.value(index, in: route), route))
            case .constant(let text, _): texts.append(self.quoted(text.string))
            case .object, .route: texts.append("…")
            }
        }
        return isInteresting ? texts.joined(separator: ", ") : nil
    }

    private static func outcome(_ action: ScriptAction, _ result: Value?, _ route: RouteContext) -> String {
        guard let result else { return "\(action.name) failed" }
        switch action.kind {
        case .condition, .loop: return route.int(result) == 0 ? "-> no" : "-> yes"
        case .assign: return "\(action.name) := \(self.shown(result, route))"
        case .selection: return "switch \(self.shown(result, route))"
        case .call, .command: return "\(action.name) -> \(self.shown(result, route))"
        case .route: return "route(\(action.name)) -> \(self.shown(result, route))"
        case .return, .exit, .drop, .break: return action.name
        }
    }

    /// A value as a script would write it, cut where it gets long.
    static func shown(_ value: Value, _ route: RouteContext) -> String {
        switch value {
        case .null: return "$null"
        case .int(let number): return "\(number)"
        case .bytes, .labelled, .slice: return self.quoted(route.text(value).string)
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text.prefix(120) {
            switch character {
            case "\n": result += "\\n"
            case "\r\n": result += "\\r\\n"
            case "\"": result += "\\\""
            default: result.append(character)
            }
        }
        return text.count > 120 ? result + "…\"" : result + "\""
    }

    /// Writes the line that is on.
    func flush() {
        guard var line = self.current else { return }
        line.notes += self.reads
        self.reads = []
        self.current = nil
        var text = line.isContinued ? "…" : ""
        if !line.isContinued, let lines = self.texts[line.file], line.line > 0, line.line <= lines.count {
            text = PlainMessage.trimmed(lines[line.line - 1])
        }
        let place = "\(Self.shortened(line.file)):\(line.line)"
        let padding = String(repeating: " ", count: max(18 - place.count, 1) + 2 * line.depth)
        let notes = line.notes.isEmpty ? "" : "    # \(line.notes.joined(separator: "; "))"
        self.prepare()
        self.write("   \(place)\(padding)\(text)\(notes)\n")
    }

    private static func shortened(_ file: String) -> String {
        if file == DefaultConfiguration.name { return "built-in" }
        return file.split(separator: "/").last.map(String.init) ?? file
    }
}
