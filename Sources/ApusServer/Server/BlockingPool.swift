import Bytes
import SIPTransport

/// A few threads for work that may block: libraries without an asynchronous interface, files. Never a worker's.
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

    /// - Parameter threads: how many at most; each is started when there is work and nobody idle.
    init(threads: Int) { self.limit = max(threads, 1) }

    func run(_ work: @escaping @Sendable () -> Void) {
        self.state.withLock { state in
            guard !state.isStopped else { return }
            state.queue.append(work)
            guard state.idle == 0, state.threads.count < self.limit else { return }
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
            let next = self.state.withLock { state -> (work: (@Sendable () -> Void)?, isOver: Bool) in
                if state.queue.isEmpty {
                    if state.isStopped { return (nil, true) }
                    state.idle += 1
                    return (nil, false)
                }
                return (state.queue.removeFirst(), false)
            }
            if next.isOver {
                self.signal.raise()
                return
            }
            if let work = next.work {
                work()
            } else {
                self.signal.wait(milliseconds: 1000)
                self.state.withLock { $0.idle -= 1 }
            }
        }
    }
}
