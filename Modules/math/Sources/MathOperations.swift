import Bytes
import ModuleKit
import SIPMessage

/// The `math` module.
public final class MathOperations: ServerModule {
    public static let name = "math"
    public static let summary = "Powers, roots and logarithms."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
