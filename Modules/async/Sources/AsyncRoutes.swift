import Bytes
import ModuleKit
import SIPMessage
import tm

/// The `async` module: scripts that wait with their transaction, and routes that run by themselves.
///
/// A script that waits keeps its frames and its message; no thread waits with it. What its caller sees meanwhile is the
/// business of `tm` (`Suspension/Suspending.swift` there).
public final class AsyncRoutes: ServerModule {
    public static let name = "async"
    public static let summary = "Suspends the transaction of a request, to go on after a time or at once elsewhere."

    let settings: Settings
    let host: any ModuleHost
    /// nil with `mode` 1: only the functions with data work then.
    let transactions: Transactions?

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.transactions = settings.bindsTransactions ? try host.module(Transactions.self) : nil
    }
}
