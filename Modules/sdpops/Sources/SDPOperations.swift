import Bytes
import ModuleKit
import SIPMessage

/// The `sdpops` module: looks into session descriptions (RFC 8866) and takes things out of them.
///
/// The body is read when a function asks, where it lies; changes are recorded and made when the message is sent or
/// `msg_apply_changes()` is called, so that reading shows the description as it was received.
public final class SDPOperations: ServerModule {
    public static let name = "sdpops"
    public static let summary = "Tests and edits session descriptions."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}

    public var functions: [ScriptFunction] {
        self.codecFunctions + self.removalFunctions + self.questionFunctions + self.readingFunctions
            + self.iteratorFunctions
    }

    public var variables: [ScriptVariable] { [self.descriptionVariable, self.iteratorVariable] }
}

extension RouteContext {
    /// The session description of the message, read anew.
    var sessionDescription: SessionDescription? {
        switch SessionDescription.find(in: self.message) {
        case .found(let description): return description
        case .absent: return nil
        case .malformed(let reason):
            self.log(.error, "the session description cannot be read: \(reason)")
            return nil
        }
    }
}
