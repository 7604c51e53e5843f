import Bytes
import ModuleKit
import RouteScript
import SIPMessage

@testable import ApusServer

/// A worker without a thread: what it sends is kept, and its clock stands still.
final class StageWorker: WorkerServices {
    let index = 0
    let now = Instant(milliseconds: 1_000_000)
    let host: any ModuleHost
    let variables = WorkerVariables()
    private(set) var sent: [String] = []
    private let server: Server
    private let bank: CounterBank

    init(server: Server, host: any ModuleHost) {
        self.server = server
        self.host = host
        self.bank = server.counters.makeBank()
    }

    /// Routes a message as a worker of the server does.
    func take(_ context: RouteContext, _ program: Program) {
        if context.isRequest {
            if self.host.settings.forceRport { context.options.insert(.forceRport) }
            for arrived in program.hooks.requestArrived where arrived(context) { return }
            _ = program.start(program.requestRoute, kind: .request, in: context)
            return
        }
        guard program.replyRoute.isPresent else { return self.offer(context) }
        guard case .ended(let result) = program.start(program.replyRoute, kind: .reply, in: context) else { return }
        if !result.isDropped, result.code >= 0 { self.offer(context) }
    }

    private func offer(_ context: RouteContext) {
        for arrived in context.program.hooks.replyArrived where arrived(context) != nil { return }
        StatelessForwarder.forwardReply(context)
    }

    func outgoing() -> ByteBuffer { ByteBuffer(capacity: 1024) }

    func send(_ buffer: ByteBuffer, to destination: Destination, token: UInt64) -> Bool {
        self.sent.append(ByteString(buffer.span).string)
        return true
    }

    func nextHop(for uri: Span<UInt8>, range: ByteRange, socket: ListenSocket?) -> NextHopAnswer {
        self.server.nextHop(for: uri, range: range, socket: socket)
    }

    func makeContext(_ bytes: Span<UInt8>, arrival: Arrival, program: any RouteProgram) -> RouteContext? {
        Message(bytes).map { RouteContext(message: $0, arrival: arrival, worker: self, program: program) }
    }

    func recycle(_ context: RouteContext) {}
    func schedule(_ call: ModuleKit.RouteCall, in context: RouteContext) {
        _ = (context.program as? Program)?.start(call, in: context)
    }
    func suspend(_ context: RouteContext) -> any ResumeToken { StageToken() }
    func count(_ counter: CounterID, _ amount: Int) { self.bank.add(at: Int(counter.index), amount) }
}

private final class StageToken: ResumeToken {
    func resume(_ result: ResumeResult) {}
}
