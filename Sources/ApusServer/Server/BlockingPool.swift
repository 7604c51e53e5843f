import Bytes
import SIPTransport

/// Threads for work that may block: databases, files, libraries without an asynchronous interface. Never a worker's.
///
/// Whoever brings much work bounds himself how many threads it takes, so that some are left for the others.
final class BlockingPool: Sendable {
    private struct State {
        var queue: [@Sendable () -> Void] = []
        var threads: [WorkerThread] = []
        var idle = 0
        var isStopped = false
    }

    private let state = Lock(State())
    private let signal = WorkSignal()
    private let limit: Int

    /// - Parameter threads: how many at most; each is started when there is more work than idle threads.
    init(threads: Int) { self.limit = max(threads, 1) }

    func run(_ work: @escaping @Sendable () -> Void) {
        self.state.withLock { state in
            guard !state.isStopped else { return }
            state.queue.append(work)
            guard state.queue.count > state.idle, state.threads.count < self.limit else { return }
            let name = "apus-block-\(state.threads.count)"
            if let thread = try? WorkerThread(name: name, body: { self.work() }) { state.threads.append(thread) }
        }
        self.signal.raise()
    }

    func stop() {
        let threads = self.state.withLock { state in
            state.isStopped = true
            return state.threads
        }
        for thread in threads {
            self.signal.raise()
            thread.join()
        }
    }

    private func work() {
        while true {
            let next = self.state.withLock { state -> (work: (@Sendable () -> Void)?, isOver: Bool, hasMore: Bool) in
                if state.queue.isEmpty {
                    if state.isStopped { return (nil, true, false) }
                    state.idle += 1
                    return (nil, false, false)
                }
                let work = state.queue.removeFirst()
                return (work, false, !state.queue.isEmpty && state.idle > 0)
            }
            // Two signals that come close together wake one thread: it wakes the next.
            if next.isOver || next.hasMore { self.signal.raise() }
            if next.isOver { return }
            if let work = next.work {
                work()
            } else {
                self.signal.wait(milliseconds: 1000)
                self.state.withLock { $0.idle -= 1 }
            }
        }
    }
}
