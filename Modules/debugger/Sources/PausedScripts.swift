import Bytes
import ModuleKit
import Synchronization

/// Scripts that wait at a breakpoint, the one that waits longest first.
final class PausedScripts: Sendable {
    private let scripts = Lock<[PausedScript]>([])

    var isEmpty: Bool { self.scripts.withLock { $0.isEmpty } }
    var first: PausedScript? { self.scripts.withLock { $0.first } }
    var count: Int { self.scripts.withLock { $0.count } }

    func add(_ script: PausedScript, to route: RouteContext) {
        if let mark = route.state(PausedMark.self) {
            mark.script = script
        } else {
            route.setState(PausedMark(script))
        }
        self.scripts.withLock { $0.append(script) }
    }

    func remove(_ script: PausedScript) { self.scripts.withLock { $0.removeAll { $0 === script } } }

    /// Lets all go on without stopping again.
    func releaseAll() {
        for script in self.scripts.withLock({ $0 }) { script.command(.release) }
    }
}

/// Which stopped script a context belongs to.
final class PausedMark {
    var script: PausedScript?
    init(_ script: PausedScript) { self.script = script }
}

/// A script before an action, and the command that it is woken with.
final class PausedScript: Sendable {
    enum Command: Sendable {
        /// Runs the action and stops before the next one.
        case next
        /// Runs to the end.
        case release
        /// Tells what a variable holds, and stays.
        case evaluate(VariableReference)
        /// Writes into the log what a variable holds, and stays.
        case log(VariableReference)
    }

    private struct State {
        var token: any ResumeToken
        var command: Command?
        var answer: String?
    }

    /// `[file:line] a=63 n=assign`.
    let place: String
    private let state: Lock<State>

    init(_ place: String, token: any ResumeToken) {
        self.place = place
        self.state = Lock(State(token: token))
    }

    /// Wakes the script with a command; `answer` follows when its worker has come to it.
    func command(_ command: Command) {
        let token = self.state.withLock { state in
            state.command = command
            state.answer = nil
            return state.token
        }
        token.resume(ResumeResult(code: 1))
    }

    var answer: String? { self.state.withLock { $0.answer } }

    /// Does what the script was woken for, on its worker.
    func takeCommand(in route: RouteContext, log: (String) -> Void) -> TraceVerdict {
        let command = self.state.withLock { state in
            defer { state.command = nil }
            return state.command
        }
        var answer = "200 ok"
        var verdict = TraceVerdict.goOn
        switch command {
        case .next?: answer = "exec \(self.place)"
        // Nobody gave a command: too many scripts wait, so that this one may not.
        case .release?, nil: route.setState(FreeRun())
        case .evaluate(let variable)?:
            answer = Self.text(variable, route)
            verdict = .pause
        case .log(let variable)?:
            log(Self.text(variable, route))
            verdict = .pause
        }
        let token = verdict == .pause ? route.suspend() : nil
        self.state.withLock { state in
            if let token { state.token = token }
            state.answer = answer
        }
        return verdict
    }

    private static func text(_ variable: VariableReference, _ route: RouteContext) -> String {
        let value = variable.read(in: route)
        switch value {
        case .null: return "\(variable.text) : t=null"
        case .int(let number): return "\(variable.text) : t=int v=\(number)"
        case .bytes, .slice, .labelled: return "\(variable.text) : t=str v=\(route.text(value))"
        }
    }
}
