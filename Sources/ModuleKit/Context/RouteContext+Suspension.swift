import Bytes

extension RouteContext {
    /// Announces that the function in progress is going to return `.suspended`, and gives the token that wakes the
    /// script: from any thread, at any time from now on, once.
    public func suspend() -> ResumeToken { self.worker.suspend(self) }
}

/// Wakes one suspended script. Later calls than the first do nothing.
public protocol ResumeToken: AnyObject, Sendable {
    func resume(_ result: ResumeResult)
}
