import Bytes
import ModuleKit
import SIPMessage

/// The `rr` module: stays in the path of a dialog (RFC 3261 §16.6 step 4) and follows the path that others recorded
/// (§16.4, §16.12).
///
/// `record_route` only says that the request is to carry our name; the fields are written when it leaves, for only
/// then the outgoing socket is known (`RecordRouteSet`). `loose_route` takes our own names off the route set.
public final class RecordRouting: ServerModule {
    public static let name = "rr"
    public static let summary = "Record-Route and Route: stays in the path of dialogs and follows it."

    let settings: Settings
    let host: any ModuleHost
    /// `custom_user_avp`.
    let customUser: VariableReference?
    let flowTokens: FlowTokenSource
    let followers = ReadMostly<[any RouteFollower]>([])

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.flowTokens = .shared(by: host)
        self.customUser = settings.customUser.isEmpty ? nil : try host.compiler.variable(settings.customUser)
    }
}
