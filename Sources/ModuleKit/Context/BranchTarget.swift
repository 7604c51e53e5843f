import Bytes
import SIPMessage

/// Where one branch of a request is to go and what is known of it.
public struct BranchTarget: Sendable {
    /// Request-URI of the branch. In `RouteContext.target`, nil means: as received.
    public var uri: ByteString? { didSet { self.connection = .none } }
    /// `$du`: next hop when it is not the Request-URI.
    public var destinationURI: ByteString? { didSet { self.connection = .none } }
    /// `$fs`: the socket to send from.
    public var socket: ListenSocket?
    /// Branch flags (`setbflag`).
    public var flags: UInt32 = 0
    /// q value times 1000, or -1.
    public var q = -1
    /// The connection that the contact registered over; none once the target goes elsewhere.
    public var connection = ConnectionID.none
    /// What only targets that `lookup` found, or that have a path, need: a target is copied often.
    private var details: Details?

    public init(uri: ByteString? = nil) { self.uri = uri }

    private final class Details: Sendable {
        let path: ByteString
        let ruid: ByteString
        let instance: ByteString
        let userAgent: ByteString

        init(path: ByteString, ruid: ByteString, instance: ByteString, userAgent: ByteString) {
            self.path = path
            self.ruid = ruid
            self.instance = instance
            self.userAgent = userAgent
        }
    }

    /// Path vector (RFC 3327) as a Route header value, empty when there is none.
    public var path: ByteString {
        get { self.details?.path ?? ByteString() }
        set { self.setDetails(path: newValue, ruid: self.ruid, instance: self.instance, userAgent: self.userAgent) }
    }
    /// What `lookup` found out about the contact.
    public var ruid: ByteString {
        get { self.details?.ruid ?? ByteString() }
        set { self.setDetails(path: self.path, ruid: newValue, instance: self.instance, userAgent: self.userAgent) }
    }
    public var instance: ByteString {
        get { self.details?.instance ?? ByteString() }
        set { self.setDetails(path: self.path, ruid: self.ruid, instance: newValue, userAgent: self.userAgent) }
    }
    public var userAgent: ByteString {
        get { self.details?.userAgent ?? ByteString() }
        set { self.setDetails(path: self.path, ruid: self.ruid, instance: self.instance, userAgent: newValue) }
    }

    /// Sets all that comes with a contact at once.
    public mutating func setDetails(
        path: ByteString, ruid: ByteString, instance: ByteString, userAgent: ByteString
    ) {
        let isEmpty = path.isEmpty && ruid.isEmpty && instance.isEmpty && userAgent.isEmpty
        self.details = isEmpty ? nil : Details(path: path, ruid: ruid, instance: instance, userAgent: userAgent)
    }

    /// Whether there is a path.
    public var hasPath: Bool { self.details?.path.isEmpty == false }

    /// Makes it a target as received, without writing what is so already.
    mutating func reset() {
        if self.uri != nil { self.uri = nil }
        if self.destinationURI != nil { self.destinationURI = nil }
        if self.socket != nil { self.socket = nil }
        if self.details != nil { self.details = nil }
        self.flags = 0
        self.q = -1
        self.connection = .none
    }
}
