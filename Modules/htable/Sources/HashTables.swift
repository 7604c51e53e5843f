import Bytes
import ModuleKit
import SIPMessage

/// The `htable` module.
public final class HashTables: ServerModule {
    public static let name = "htable"
    public static let summary = "Hash tables that all workers share, with expiry."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
