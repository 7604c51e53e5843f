import Bytes

extension RouteContext {
    /// Announces that the function in progress is going to return `.suspended`, and gives the token that wakes the
    /// script: from any thread, at any time from now on, once.
    ///
    /// When `max_suspended_scripts` wait already, the token has been woken with -1, and nobody else can wake it: the
    /// function's continuation gets -1, or without one the script does.
    public func suspend() -> ResumeToken { self.worker.suspend(self) }

    /// Suspends the script for `interval`, then gives it `code`.
    public func pause(_ interval: Interval, code: Int = 1) -> Outcome {
        self.worker.host.wake(self.suspend(), after: interval, code: code)
        return .suspended(nil)
    }
}

/// Wakes one suspended script. Later calls than the first do nothing.
public protocol ResumeToken: AnyObject, Sendable {
    func resume(_ result: ResumeResult)
}
