/// Core settings that nearly every message asks for, as plain values beside it: reading them from the host costs a
/// reference count for each step of the way there.
public struct MessageSettings: Sendable, BitwiseCopyable {
    public var multiHomed: Bool
    /// `udp_mtu`, 0 for no limit.
    public var udpMTU: Int
    public var maxBranches: Int
    /// `max_breadth`, 0 for no limit.
    public var maxBreadth: Int
    public var localRport: Bool
    public var detectsLoops: Bool
    public var serverID: Int
    public var onsendRouteReply: Bool
    /// `check_via`.
    public var checkVia: Bool
    /// `xavp_via_fields` names something.
    public var hasViaFields: Bool

    public init(_ settings: borrowing CoreSettings) {
        self.multiHomed = settings.multiHomed
        self.udpMTU = settings.udpMTU
        self.maxBranches = settings.maxBranches
        self.maxBreadth = settings.maxBreadth
        self.localRport = settings.localRport
        self.detectsLoops = settings.detectsLoops
        self.serverID = settings.serverID
        self.onsendRouteReply = settings.onsendRouteReply
        self.checkVia = settings.checkVia
        self.hasViaFields = !settings.xavpViaFields.isEmpty
    }
}
