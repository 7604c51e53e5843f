import Bytes
import ModuleKit
import SIPMessage

/// The `sdpops` module.
public final class SDPOperations: ServerModule {
    public static let name = "sdpops"
    public static let summary = "Inspects and changes session descriptions (SDP)."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
