import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// Writes what happens on a stage as a script author reads it: every line that runs with the values it saw, what goes
/// out and where to, what is logged, and the verdict.
///
/// Lines go out as they are complete; nothing is kept, so a file of many messages takes no memory.
package final class TracePrinter: StageListener {
    package struct Options: Sendable {
        /// The lines of the script; without, only messages, log and verdicts.
        package var showsLines = true
        /// Whole messages instead of first lines.
        package var showsMessages = false

        package init() {}
    }

    private let options: Options
    private let write: (String) -> Void
    private let lines: LinePrinter
    /// What went out since the last message came in.
    private var sent: [StageEvent.Departed] = []
    private var lastTime: Interval?
    private weak var stage: Stage?

    /// - Parameter write: takes text with its line ends.
    package init(_ options: Options = Options(), write: @escaping (String) -> Void) {
        self.options = options
        self.write = write
        self.lines = LinePrinter(write: write)
        self.lines.prepare = { [weak self] in
            guard let self, let stage = self.stage else { return }
            self.stamp(stage.elapsed)
        }
    }

    /// The stage that is looked at, once there is one.
    package func attach(to stage: Stage) {
        self.stage = stage
        self.lines.use(stage.server.sources)
    }

    package var tracer: (any ScriptTracer)? { self.options.showsLines ? self.lines : nil }

    package func note(_ event: StageEvent, at time: Interval) {
        self.lines.flush()
        switch event {
        case .received(let arrived):
            self.sent = []
            let address = Self.endpoint(arrived.socket.transport, arrived.source)
            let sender = arrived.phone.map { $0 == "\(arrived.source)" ? address : "\($0) (\(address))" } ?? address
            self.head(
                "<- \(Self.firstLine(arrived.message)) from \(sender) on \(arrived.socket.socketName)", at: time)
            self.show(arrived.message)
        case .sent(let departed):
            self.sent.append(departed)
            let socket = departed.destination.socket.map { " from \($0.socketName)" } ?? ""
            self.head("-> \(departed.summary)\(socket)\(departed.isRepeat ? " (again)" : "")", at: time)
            if !departed.isRepeat { self.show(departed.message) }
        case .log(let level, let prefix, let text): self.head("log \(level.label): \(prefix)\(text)", at: time)
        case .script(let end): self.verdict(end, at: time)
        case .query(let query, let answer):
            let came = answer.isAnswered ? "\(answer.status) \(answer.body)" : "nobody answers"
            self.head("?? \(query.method) \(query.url): \(came)", at: time)
        case .undeliverable(let destination):
            self.head("!! \(Self.endpoint(destination.transport, destination.address)) cannot be reached", at: time)
        }
    }

    private func verdict(_ end: StageEvent.ScriptEnd, at time: Interval) {
        self.lines.reset()
        let verdict = Verdict.of(end, sent: self.sent)
        self.head("== \(end.kind.blockName), \(end.message): \(verdict)", at: time)
    }

    private func head(_ text: String, at time: Interval) {
        self.stamp(time)
        self.write("\(text)\n")
    }

    /// The time, where it has changed: `[5.000 s]`.
    private func stamp(_ time: Interval) {
        defer { self.lastTime = time }
        guard let last = self.lastTime, last != time else { return }
        let rest = String(time.milliseconds % 1000)
        self.write("[\(time.seconds).\(String(repeating: "0", count: 3 - rest.count))\(rest) s]\n")
    }

    private func show(_ message: PlainMessage) {
        guard self.options.showsMessages else { return }
        var text = ""
        for line in message.bytes.string.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            text += "     | \(line)\n"
        }
        self.write(text)
    }

    private static func firstLine(_ message: PlainMessage) -> String {
        message.isReply
            ? "\(message.status) \(message.reason)" : "\(message.method) \(message.requestURI)"
    }

    private static func endpoint(_ transport: TransportProtocol, _ address: SocketAddress) -> String {
        "\(transport.name):\(address)"
    }
}
