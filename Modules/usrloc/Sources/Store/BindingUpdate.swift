import Bytes
import SIPMessage

/// What a REGISTER wants of one binding. Ranges are into the message.
public struct BindingUpdate: BitwiseCopyable, Sendable {
    public var uri: ByteRange
    /// Seconds from now; 0 removes the binding.
    public var expires: UInt32
    /// Quality in thousandths, or -1.
    public var q: Int16
    /// Methods as bits.
    public var methods: UInt32
    /// Value of `received`, without quotes; absent: the registration's.
    public var received = ByteRange.absent
    /// Value of `+sip.instance` without its quotes.
    public var instance = ByteRange.absent
    public var regID: UInt32 = 0

    public init(uri: ByteRange, expires: UInt32, q: Int16 = -1, methods: UInt32 = .max) {
        self.uri = uri
        self.expires = expires
        self.q = q
        self.methods = methods
    }
}

/// What all bindings of one REGISTER have in common. Ranges are into the message.
public struct Registration: BitwiseCopyable, Sendable {
    public var callID: ByteRange
    public var cSeq: UInt32
    /// From the memo of the worker: held by it for the time of the call.
    public var userAgent = InternedID.empty
    /// Name of the socket that it came in on.
    public var socket = InternedID.empty
    /// Path vector as one header value.
    public var path = InternedID.empty
    public var connection = ConnectionID.none
    public var branchFlags: UInt32 = 0
    public var flags: UInt32 = 0
    /// Most bindings that the address of record may have; 0 for any number.
    public var maxContacts = 0
    /// The first binding of the list replaces all others.
    public var replacesAll = false

    public init(callID: ByteRange, cSeq: UInt32) {
        self.callID = callID
        self.cSeq = cSeq
    }
}

/// What became of a REGISTER.
public enum RegistrationResult: Sendable {
    case inserted
    case updated
    case removed
    /// Nothing to do: a retransmission, or the removal of what is not there.
    case unchanged
    case tooMany
    /// CSeq lower than that of an earlier REGISTER of the same Call-ID.
    case outOfOrder
    /// No room for more.
    case full

    public var isFailure: Bool {
        switch self {
        case .inserted, .updated, .removed, .unchanged: false
        case .tooMany, .outOfOrder, .full: true
        }
    }
}

/// How bindings are listed in a Contact header field.
public struct ContactListing: Sendable {
    /// Name of the parameter with the address that the REGISTER came from.
    public var receivedName: ByteString
    /// `user@host` that GRUUs are made of (RFC 5627 §3.2); nil: none are listed.
    public var gruuAddress: ByteString?
    /// Host of temporary GRUUs.
    public var gruuHost = ByteString()
    public init(receivedName: ByteString) { self.receivedName = receivedName }
}
