import Bytes
import ModuleKit
import SIPMessage

/// The `http_client` module.
public final class HTTPClient: ServerModule {
    public static let name = "http_client"
    public static let summary = "HTTP queries whose answer the script waits for without holding up its worker."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
