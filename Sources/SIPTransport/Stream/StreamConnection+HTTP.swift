import Bytes
import CLinux

// One request of a connection at a time. The next one is not looked at before the answer is on its way: answers come in
// the order of requests however long a script waits, and a client that sends faster than it is answered waits itself.

extension StreamConnection {
    /// Whether requests of HTTP come over it. From any thread.
    public var speaksHTTP: Bool { self.isHTTP.load(ordering: .relaxed) }

    /// A request is about to be handed on.
    func beginRequest() {
        self.isHTTP.store(true, ordering: .relaxed)
        self.awaitsAnswer = true
    }

    /// Whether what comes behind the request has to wait, for that has not been answered yet: with the peer and in the
    /// kernel.
    func holdsBack() -> Bool {
        guard self.awaitsAnswer else { return false }
        self.isHeldBack = true
        self.loop.change(self.key, self.interest)
        return true
    }

    /// A message was put into the output: perhaps the answer.
    func noteAnswer(_ message: Span<UInt8>) {
        guard message.count >= 7, message.equals(ByteRange(start: 0, count: 7), "HTTP/1.") else { return }
        self.awaitsAnswer = false
        // Not from in here: whoever answers is in the middle of something.
        if self.isHeldBack { self.loop.post(NextRequestTask(self)) }
    }

    /// Takes the next request.
    func goOn() {
        guard self.isHeldBack else { return }
        self.isHeldBack = false
        guard self.state == .open, !self.closesWhenWritten else { return }
        self.loop.change(self.key, self.interest)
        if self.kept != nil { self.beginPartial() }
        self.cutKept()
    }

    /// Answers a request that cannot be taken, and ends the connection.
    func refuse(_ refusal: HTTPRefusal) {
        let answer = ByteString(refusal.answer)
        _ = self.enqueue(answer.span, token: 0, closesAfter: false, isCounted: false)
        self.closeWhenWritten()
        self.loop.receiver?.refused(refusal, over: self, on: self.loop)
    }

    /// Tells the sender of a request to go on with its body (RFC 9110 §15.2.1).
    func giveLeave() {
        let answer = ByteString("HTTP/1.1 100 Continue\r\n\r\n")
        _ = self.enqueue(answer.span, token: 0, closesAfter: false, isCounted: false)
    }
}

/// The request after one that was answered late.
final class NextRequestTask: LoopTask {
    private let connection: StreamConnection
    init(_ connection: StreamConnection) { self.connection = connection }
    func perform(on loop: EventLoop) { self.connection.goOn() }
}
