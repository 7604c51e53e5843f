import Bytes
import SIPMessage

/// Where one branch of a request is to go and what is known of it.
public struct BranchTarget: Sendable {
    /// Request-URI of the branch. In `RouteContext.target`, nil means: as received.
    public var uri: ByteString? { didSet { self.connection = .none } }
    /// `$du`: next hop when it is not the Request-URI.
    public var destinationURI: ByteString? { didSet { self.connection = .none } }
    /// Path vector (RFC 3327) as a Route header value, empty when there is none.
    public var path = ByteString()
    /// `$fs`: the socket to send from.
    public var socket: ListenSocket?
    /// Branch flags (`setbflag`).
    public var flags: UInt32 = 0
    /// q value times 1000, or -1.
    public var q = -1
    /// What `lookup` found out about the contact.
    public var ruid = ByteString()
    public var instance = ByteString()
    public var userAgent = ByteString()
    /// The connection that the contact registered over; none once the target goes elsewhere.
    public var connection = ConnectionID.none

    public init(uri: ByteString? = nil) { self.uri = uri }
}
