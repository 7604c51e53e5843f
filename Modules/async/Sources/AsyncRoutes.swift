import Bytes
import ModuleKit
import SIPMessage

/// The `async` module.
public final class AsyncRoutes: ServerModule {
    public static let name = "async"
    public static let summary = "Suspends a transaction and goes on with it later: after a time, or in another route."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
