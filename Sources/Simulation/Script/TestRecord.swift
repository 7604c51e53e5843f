import Bytes
import ModuleKit
import SIPMessage

/// What happened in the scene of a test that is on: from the first action after an expectation to the next
/// expectation's end.
final class TestRecord: StageListener {
    /// A script that came to its end.
    struct Script {
        var kind: RouteKinds
        var message: String
        var values: [String: String?]
        var verdict: String
    }

    private weak var onlooker: (any StageListener)?
    /// Messages that the server sent and no expectation has taken.
    var sent: [StageEvent.Departed] = []
    /// All that were sent in the scene.
    private var all: [StageEvent.Departed] = []
    var log: [(level: LogLevel, text: String)] = []
    var scripts: [Script] = []
    /// What scripts asked servers outside.
    var queries: [OutsideQuery] = []
    /// Variables that the test looks at, by how it writes them.
    var variables: [String: VariableReference] = [:]
    private var suspended: [String] = []
    /// What went out since the message that is being worked on came in.
    private var sinceArrival: [StageEvent.Departed] = []
    private var values: [String: String?] = [:]

    private let watch: ActionWatch

    init(onlooker: (any StageListener)?) {
        self.onlooker = onlooker
        self.watch = ActionWatch(next: onlooker?.tracer)
    }

    var tracer: (any ScriptTracer)? { self.watch }
    /// Routes that ran in the scene.
    var routes: [String] { self.watch.routes }
    /// Functions that were called in the scene, with their codes.
    var calls: [(name: String, code: Int?)] { self.watch.calls }

    func beginScene() {
        self.sent = []
        self.all = []
        self.log = []
        self.scripts = []
        self.queries = []
        self.watch.forget()
        self.suspended = []
    }

    func note(_ event: StageEvent, at time: Interval) {
        switch event {
        case .received: self.sinceArrival = []
        case .sent(let sent):
            self.sent.append(sent)
            self.all.append(sent)
            self.sinceArrival.append(sent)
        case .log(let level, _, let text): self.log.append((level, text))
        case .script(let end):
            if end.isSuspended {
                self.suspended.append(end.message)
            } else {
                self.scripts.append(
                    Script(
                        kind: end.kind, message: end.message, values: self.values,
                        verdict: Verdict.of(end, sent: self.sinceArrival)))
            }
            self.values = [:]
        case .query(let query, _): self.queries.append(query)
        case .undeliverable: break
        }
        self.onlooker?.note(event, at: time)
    }

    func inspect(_ context: RouteContext, after end: StageEvent.ScriptEnd) {
        for (name, variable) in self.variables {
            let value = variable.read(in: context)
            self.values[name] = .some(value.isNull ? nil : context.text(value).string)
        }
        self.onlooker?.inspect(context, after: end)
    }

    /// The verdict about the message of the scene.
    var verdict: String {
        self.scripts.first { $0.kind == .request }?.verdict ?? (self.suspended.isEmpty ? "nothing" : "suspended")
    }

    /// What the server sent in the scene, for failures.
    var lines: [String] {
        var lines = self.all.isEmpty ? ["the server sent nothing"] : ["the server sent:"]
        for sent in self.all.prefix(20) { lines.append("  " + sent.summary + (sent.isRepeat ? " (again)" : "")) }
        if self.all.count > 20 { lines.append("  … \(self.all.count - 20) more") }
        for entry in self.log.suffix(5) where entry.level <= .warning {
            lines.append("log \(entry.level.label): \(entry.text)")
        }
        return lines
    }
}

/// Keeps which routes ran and what functions gave; passes everything on.
final class ActionWatch: ScriptTracer, @unchecked Sendable {  // used on the thread of its test
    private(set) var routes: [String] = []
    private(set) var calls: [(name: String, code: Int?)] = []
    private let next: (any ScriptTracer)?

    init(next: (any ScriptTracer)?) { self.next = next }

    func forget() {
        self.routes = []
        self.calls = []
    }

    func willRun(_ action: ScriptAction, in route: RouteContext) -> TraceVerdict {
        // The route that an action stands in has begun, also when a module began it.
        let name = action.route.string
        if name != "0", !name.isEmpty, self.routes.last != name { self.note(name) }
        if action.kind == .call || action.kind == .command { self.calls.append((action.name, nil)) }
        if self.calls.count > 10_000 { self.calls.removeFirst(5000) }
        return self.next?.willRun(action, in: route) ?? .goOn
    }

    private func note(_ name: String) {
        if self.routes.contains(name) { return }
        self.routes.append(name)
    }

    func didRun(_ action: ScriptAction, _ result: Value?, in route: RouteContext) {
        if action.kind == .call || action.kind == .command, let result, let code = route.int(result),
            let index = self.calls.lastIndex(where: { $0.name == action.name && $0.code == nil })
        {
            self.calls[index].code = code
        }
        self.next?.didRun(action, result, in: route)
    }

    func didRead(_ variable: VariableReference, _ value: Value, in route: RouteContext) {
        self.next?.didRead(variable, value, in: route)
    }
}

extension StageEvent.Departed {
    /// `INVITE sip:bob@192.0.2.2 to bob (udp:192.0.2.2:5060)`.
    package var summary: String {
        var text =
            self.message.isReply
            ? "\(self.message.status) \(self.message.reason)" : "\(self.message.method) \(self.message.requestURI)"
        let address = "\(self.destination.transport.name):\(self.destination.address)"
        text +=
            self.phone.map { $0 == "\(self.destination.address)" ? " to \(address)" : " to \($0) (\(address))" }
            ?? " to \(address)"
        return text
    }
}

/// What a script did with its message, in a word.
enum Verdict {
    static func of(_ end: StageEvent.ScriptEnd, sent: [StageEvent.Departed]) -> String {
        if end.isSuspended { return "suspended" }
        let nothing = end.result.isDropped ? "dropped" : end.kind == .reply ? "absorbed" : "nothing sent"
        if end.kind == .reply {
            return sent.contains { $0.message.isReply } ? "relayed" : nothing
        }
        if sent.contains(where: { !$0.message.isReply }) { return "relayed" }
        if let final = sent.first(where: { $0.message.status >= 200 }) { return "replied \(final.message.status)" }
        return nothing
    }
}
