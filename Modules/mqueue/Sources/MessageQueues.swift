import Bytes
import ModuleKit
import SIPMessage

/// The `mqueue` module.
public final class MessageQueues: ServerModule {
    public static let name = "mqueue"
    public static let summary = "Queues of key and value pairs in memory."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
