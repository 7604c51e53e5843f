import Bytes
import ModuleKit

/// What a pool needs of the server: threads that may block, a timer, a clock, a log.
package struct PoolSurroundings: Sendable {
    package var run: @Sendable (@escaping @Sendable () -> Void) -> Void
    package var wake: @Sendable (Interval, @escaping @Sendable () -> Void) -> Void
    package var log: @Sendable (LogLevel, String) -> Void

    package init(
        run: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void,
        wake: @escaping @Sendable (Interval, @escaping @Sendable () -> Void) -> Void,
        log: @escaping @Sendable (LogLevel, String) -> Void
    ) {
        self.run = run
        self.wake = wake
        self.log = log
    }

    package init(_ host: any ModuleHost) {
        self.run = { host.runBlocking($0) }
        self.wake = { interval, body in host.wake(Alarm(body), after: interval, code: 1) }
        let logger = host.logger
        self.log = { level, text in logger.write(level, "database: " + text) }
    }
}

/// A closure as something that can be woken, once.
private final class Alarm: ResumeToken {
    private let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    func resume(_ result: ResumeResult) { self.body() }
}
