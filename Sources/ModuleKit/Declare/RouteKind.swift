/// Kinds of route blocks, as a set where a function may be allowed in several.
public struct RouteKinds: OptionSet, Sendable, Hashable, BitwiseCopyable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `request_route` and `route[NAME]`.
    public static let request = RouteKinds(rawValue: 1)
    public static let failure = RouteKinds(rawValue: 2)
    /// `onreply_route[NAME]`, armed by `t_on_reply`.
    public static let transactionReply = RouteKinds(rawValue: 4)
    public static let branch = RouteKinds(rawValue: 8)
    public static let onsend = RouteKinds(rawValue: 16)
    /// `reply_route`: every reply, before transactions are looked at.
    public static let reply = RouteKinds(rawValue: 128)
    /// `event_route[tm:branch-failure:NAME]`.
    public static let branchFailure = RouteKinds(rawValue: 256)
    public static let event = RouteKinds(rawValue: 512)

    public static let anyReply: RouteKinds = [.transactionReply, .reply]
    public static let any: RouteKinds = [
        .request, .failure, .transactionReply, .branch, .onsend, .reply, .branchFailure, .event,
    ]
}

/// Names one route block of one loaded program.
public struct RouteID: Hashable, Sendable, BitwiseCopyable {
    public var index: Int32
    public init(index: Int) { self.index = Int32(truncatingIfNeeded: index) }
    public static let none = RouteID(index: -1)
    public var isPresent: Bool { self.index >= 0 }
}
