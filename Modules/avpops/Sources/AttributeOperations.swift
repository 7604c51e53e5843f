import Bytes
import ModuleKit
import SIPMessage

/// The `avpops` module.
public final class AttributeOperations: ServerModule {
    public static let name = "avpops"
    public static let summary = "Copies, compares, prints and pushes attribute-value pairs."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
