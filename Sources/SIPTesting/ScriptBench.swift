import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// A script with real modules on a workbench: no sockets, one worker, a clock that stands still until it is moved.
///
/// Scripts that suspend stay so until what they wait for has come and `settle` is called.
public final class ScriptBench {
    /// The configuration was refused; the text is what an administrator would see.
    public struct Refused: Error, CustomStringConvertible {
        public var description: String
    }

    public static let options = """
        OPTIONS sip:bob@example.org SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
        From: <sip:alice@example.org>;tag=1
        To: <sip:bob@example.org>
        Call-ID: 1
        CSeq: 1 OPTIONS
        Content-Length: 0
        """

    public let bench: ModuleBench
    public let program: Program
    /// Results of the scripts that have ended, in that order.
    public private(set) var results: [RouteResult] = []

    /// - Parameters:
    ///   - text: a configuration, `loadmodule` lines included.
    ///   - modules: what it may load; the core has to be among them.
    ///   - bench: keeps shared state, as a server does over a reload.
    public init(_ text: String, _ modules: [ModuleType], on bench: ModuleBench = ModuleBench()) throws {
        let builder = ProgramBuilder(FrontEnd.parse(text: text), moduleTypes: modules)
        self.bench = bench
        bench.builder = builder
        guard let program = builder.build(host: bench) else {
            let renderer = DiagnosticRenderer(sources: builder.parsed.sources)
            throw Refused(description: renderer.render(builder.diagnostics))
        }
        self.program = program
        bench.script = program
    }

    public var worker: BenchWorker { self.bench.worker }
    /// Log lines so far: `ERROR: text`.
    public var log: [String] { self.bench.log }

    /// What the script wrote with `xlog`, without line ends.
    public var texts: [String] {
        self.log.compactMap { line in
            guard let mark = line.firstRange(of: "<script>: ") else { return nil }
            return String(line[mark.upperBound...].filter { $0 != "\n" })
        }
    }

    /// Runs `request_route` for a message from an address, until it ends or waits, and what it left to do.
    @discardableResult
    public func run(
        _ message: String = ScriptBench.options, from source: String = "127.0.0.1:5070"
    ) throws -> RouteContext {
        let received = try self.bench.receive(message, from: source)
        let context = RouteContext(
            message: received.message, arrival: received.arrival, worker: self.worker, program: self.program)
        self.worker.held = self.program.configuration?.snapshot
        defer { self.worker.held = nil }
        self.take(self.program.start(self.program.requestRoute, kind: .request, in: context), context)
        self.settle()
        return context
    }

    /// What the server does before it receives anything.
    public func begin() {
        for run in self.program.hooks.firstRun { run(self.worker) }
        self.settle()
    }

    /// Does all periodic work once, as if everything were due.
    public func tick() {
        for task in self.program.hooks.periodic { task.body(self.worker) }
        self.settle()
    }

    /// Moves the clock, then does all periodic work once.
    public func advance(seconds: Int) {
        self.worker.advance(seconds: seconds)
        self.tick()
    }

    /// Runs what modules scheduled and wakes the scripts that may go on, until there are none.
    public func settle() {
        while true {
            if !self.worker.scheduled.isEmpty {
                let (call, context) = self.worker.scheduled.removeFirst()
                guard let program = context.program as? Program else { continue }
                self.take(program.start(call, in: context), context)
            } else if let index = self.waiting.firstIndex(where: { $0.token.result != nil }) {
                let (token, context) = self.waiting.remove(at: index)
                guard let result = token.result, let program = context.program as? Program else { continue }
                self.take(program.resume(result, in: context), context)
            } else {
                return
            }
        }
    }

    /// Scripts that wait.
    public private(set) var waiting: [(token: BenchToken, context: RouteContext)] = []

    private func take(_ state: RunState, _ context: RouteContext) {
        let tokens = self.worker.tokens
        self.worker.tokens = []
        switch state {
        case .suspended:
            if let last = tokens.last { self.waiting.append(last) }
        case .ended(let result):
            self.results.append(result)
            context.program.hooks.routeEnded(context, result)
        }
    }
}
