import Bytes
import ModuleKit
import SIPMessage

/// The `http_async_client` module.
public final class HTTPAsyncClient: ServerModule {
    public static let name = "http_async_client"
    public static let summary = "HTTP queries that go on in a route when the answer is there."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
