import Bytes
import ModuleKit
import SIPMessage

/// The `ipops` module.
public final class IPOperations: ServerModule {
    public static let name = "ipops"
    public static let summary = "Tests and compares IP addresses, looks up names."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
