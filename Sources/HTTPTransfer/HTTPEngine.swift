import Bytes
import CCurl
import SIPTransport

/// Makes HTTP requests: thousands at a time on one thread of its own, which starts with the first.
///
/// Connections are kept and used again. Answers come on that thread: whoever is told hands them on and returns.
@safe
public final class HTTPEngine: Sendable {
    public struct Limits: Sendable {
        /// Requests under way; further ones are refused.
        public var requests = 20_000
        /// Connections open; requests beyond wait for one, while their time runs. 0: half of the open files allowed.
        public var connections = 0
        /// Idle connections kept.
        public var idle = 256

        public init() {}
    }

    private struct Pending: Sendable {
        var request: HTTPRequest
        var completion: @Sendable (HTTPResponse) -> Void
    }

    private struct State {
        var queue: [Pending] = []
        /// Requests queued or under way.
        var count = 0
        var thread: WorkerThread?
        var bell: Bell?
        var isStopped = false
    }

    private let state = Lock(State())
    private let limits: Limits
    private let name: String

    /// - Parameter name: of the thread.
    public init(name: String, limits: Limits = Limits()) {
        self.name = name
        self.limits = limits
    }

    /// Requests under way.
    public var count: Int { self.state.withLock { $0.count } }

    /// Makes a request; `completion` gets the answer, once, on the engine's thread. From any thread.
    /// - Returns: false when too many are under way, or the engine cannot work; then nobody is told.
    public func send(_ request: HTTPRequest, completion: @escaping @Sendable (HTTPResponse) -> Void) -> Bool {
        let bell = self.state.withLock { state -> Bell? in
            guard !state.isStopped, state.count < self.limits.requests, self.start(&state) else { return nil }
            state.queue.append(Pending(request: request, completion: completion))
            state.count += 1
            return state.bell
        }
        guard let bell else { return false }
        bell.ring()
        return true
    }

    /// Ends the thread; requests under way are given up, and nobody is told.
    public func stop() {
        let (thread, bell) = self.state.withLock { state in
            state.isStopped = true
            state.queue.removeAll()
            return (state.thread, state.bell)
        }
        bell?.ring()
        thread?.join()
    }

    private func start(_ state: inout State) -> Bool {
        if state.bell != nil { return true }
        guard let bell = Bell(connections: self.limits.connections, idle: self.limits.idle),
            let thread = try? WorkerThread(name: self.name, body: { self.run(bell) })
        else { return false }
        state.bell = bell
        state.thread = thread
        return true
    }

    // MARK: The engine's thread

    private func run(_ bell: Bell) {
        var running: [UInt64: Transfer] = [:]
        var nextTag: UInt64 = 0
        while true {
            let (queue, isStopped) = self.state.withLock { state in
                defer { state.queue.removeAll() }
                return (state.queue, state.isStopped)
            }
            guard !isStopped else { break }
            for pending in queue {
                nextTag += 1
                guard let transfer = Transfer(pending.request, tag: nextTag, completion: pending.completion),
                    bell.start(transfer)
                else {
                    self.finish(HTTPResponse(result: HTTPResponse.outOfMemory), pending.completion)
                    continue
                }
                running[nextTag] = transfer
            }
            bell.turn()
            while let tag = bell.done() {
                guard let transfer = running.removeValue(forKey: tag) else { continue }
                self.finish(transfer.response(), transfer.completion)
            }
        }
        for transfer in running.values { bell.stop(transfer) }
    }

    private func finish(_ response: HTTPResponse, _ completion: @Sendable (HTTPResponse) -> Void) {
        self.state.withLock { $0.count -= 1 }
        completion(response)
    }
}

/// libcurl's side of an engine. `ring` is for any thread, the rest for the engine's.
@safe
private final class Bell: @unchecked Sendable {  // apus_http_wake may be called from anywhere
    private let http: OpaquePointer

    init?(connections: Int, idle: Int) {
        guard let http = unsafe apus_http_new(connections, idle) else { return nil }
        unsafe self.http = http
    }

    deinit { unsafe apus_http_free(self.http) }

    func ring() { unsafe apus_http_wake(self.http) }
    func start(_ transfer: Transfer) -> Bool { unsafe apus_transfer_start(self.http, transfer.handle) == 0 }
    func stop(_ transfer: Transfer) { unsafe apus_transfer_stop(self.http, transfer.handle) }
    func turn() { unsafe apus_http_turn(self.http, -1) }

    func done() -> UInt64? {
        guard let transfer = unsafe apus_http_done(self.http) else { return nil }
        return unsafe apus_transfer_tag(transfer)
    }
}
