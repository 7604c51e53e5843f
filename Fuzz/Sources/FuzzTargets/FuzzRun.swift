import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// One message through one script, on a worker that sends nothing.
struct FuzzRun {
    let program: Program
    private let worker: FuzzWorker

    init(_ program: Program) {
        self.program = program
        self.worker = FuzzWorker()
    }

    private static let request = """
        INVITE sip:alice@example.org;transport=udp SIP/2.0\r
        Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1;rport\r
        Via: SIP/2.0/TCP 192.0.2.2;branch=z9hG4bK0\r
        Record-Route: <sip:192.0.2.3;lr>\r
        Max-Forwards: 70\r
        From: "Bob" <sip:bob@example.org;x=1>;tag=1\r
        To: <sip:alice@example.org>\r
        Contact: <sip:bob@192.0.2.1:5070>;expires=60\r
        Call-ID: 1@192.0.2.1\r
        CSeq: 1 INVITE\r
        User-Agent: Phone/1.0 (a; b)\r
        Content-Type: application/sdp\r
        Content-Length: 53\r
        \r
        v=0\r
        o=- 1 1 IN IP4 192.0.2.1\r
        s=-\r
        t=0 0\r
        m=a 1 R 0\r

        """
    private static let reply = """
        SIP/2.0 183 Session Progress\r
        Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK2\r
        Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1\r
        From: <sip:bob@example.org>;tag=1\r
        To: <sip:alice@example.org>;tag=2\r
        Call-ID: 1@192.0.2.1\r
        CSeq: 1 INVITE\r
        Content-Length: 0\r
        \r

        """

    func run() {
        self.run(Self.request, self.program.requestRoute, .request)
        self.run(Self.reply, self.program.replyRoute, .reply)
        self.passTime()
    }

    /// Until transactions are over: each holds the program, whose modules hold the transaction.
    private func passTime() {
        for _ in 0..<20 {
            let calls = self.worker.scheduled
            self.worker.scheduled = []
            for (call, context) in calls { self.finish(self.program.start(call, in: context), context) }
            self.worker.now = self.worker.now + .seconds(3600)
            for task in self.program.hooks.periodic { task.body(self.worker) }
        }
        self.worker.scheduled = []
    }

    /// A message that was received.
    func run(_ message: Message) {
        if message.isResponse {
            self.run(message, self.program.replyRoute, .reply)
        } else {
            self.run(message, self.program.requestRoute, .request)
        }
    }

    private func run(_ text: String, _ route: RouteID, _ kind: RouteKinds) {
        if let message = Message(ByteString(text).span) { self.run(message, route, kind) }
    }

    private func run(_ message: Message, _ route: RouteID, _ kind: RouteKinds) {
        guard let source = IPAddress("192.0.2.1") else { return }
        let context = RouteContext(
            message: message,
            arrival: Arrival(
                source: SocketAddress(ip: source, port: 5070), socket: self.worker.socket, connection: .none,
                time: self.worker.now),
            worker: self.worker, program: self.program)
        context.routeKind = kind
        self.finish(self.program.start(route, kind: kind, in: context), context)
    }

    /// What waits goes on at once; then modules hear that the script has ended, as from a worker.
    private func finish(_ begun: RunState, _ context: RouteContext) {
        var state = begun
        for _ in 0..<50 {
            guard case .suspended = state else { break }
            state = self.program.resume(ResumeResult(code: 1), in: context)
        }
        guard case .ended(let result) = state else { return }
        self.program.hooks.routeEnded(context, result)
    }
}

private final class FuzzWorker: WorkerServices {
    let index = 0
    var now = Instant(milliseconds: 1_000_000)
    /// Routes that modules asked to run.
    var scheduled: [(call: ModuleKit.RouteCall, context: RouteContext)] = []
    let variables = WorkerVariables()
    let socket = ListenSocket(
        index: 0, transport: .udp, address: SocketAddress(ip: IPAddress("127.0.0.1") ?? .anyIPv4, port: 5060))
    private let checkHost: CheckHost

    init() { self.checkHost = CheckHost(sockets: [self.socket]) }

    var host: any ModuleHost { self.checkHost }
    func outgoing() -> ByteBuffer { ByteBuffer(capacity: 1024) }
    func send(_ buffer: ByteBuffer, to destination: Destination, token: UInt64) -> Bool { true }
    func nextHop(for uri: Span<UInt8>, range: ByteRange, socket: ListenSocket?) -> NextHopAnswer {
        .destination(
            Destination(
                transport: .udp, address: SocketAddress(ip: IPAddress("192.0.2.9") ?? .anyIPv4, port: 5060),
                socket: socket ?? self.socket))
    }
    func makeContext(_ bytes: Span<UInt8>, arrival: Arrival, program: any RouteProgram) -> RouteContext? {
        Message(bytes).map { RouteContext(message: $0, arrival: arrival, worker: self, program: program) }
    }
    func recycle(_ context: RouteContext) {}
    func schedule(_ call: ModuleKit.RouteCall, in context: RouteContext) { self.scheduled.append((call, context)) }
    func suspend(_ context: RouteContext) -> any ResumeToken { SilentToken() }
    func count(_ counter: CounterID, _ amount: Int) {}
}

private final class SilentToken: ResumeToken {
    func resume(_ result: ResumeResult) {}
}
