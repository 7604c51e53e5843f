/// Header fields that have a small number of their own; every other one is `other` and known by its text.
///
/// All of RFC 3261 §20, the registered extensions a proxy meets, and the HTTP fields that a WebSocket or RPC request
/// brings. Compact forms (RFC 3261 §7.3.3 and the extensions' own) name the same field as the long form.
public enum HeaderName: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case other = 0
    case accept
    case acceptContact
    case acceptEncoding
    case acceptLanguage
    case alertInfo
    case allow
    case allowEvents
    case authenticationInfo
    case authorization
    case callID
    case callInfo
    case connection
    case contact
    case contentDisposition
    case contentEncoding
    case contentLanguage
    case contentLength
    case contentType
    case cookie
    case cSeq
    case date
    case diversion
    case errorInfo
    case event
    case expires
    case featureCaps
    case flowTimer
    case from
    case geolocation
    case historyInfo
    case host
    case identity
    case identityInfo
    case inReplyTo
    case join
    case maxBreadth
    case maxForwards
    case mimeVersion
    case minExpires
    case minSE
    case organization
    case origin
    case pAccessNetworkInfo
    case pAssertedIdentity
    case pAssociatedURI
    case pCalledPartyID
    case pChargingVector
    case pPreferredIdentity
    case pVisitedNetworkID
    case path
    case priority
    case privacy
    case proxyAuthenticate
    case proxyAuthorization
    case proxyRequire
    case rAck
    case reason
    case recordRoute
    case referSub
    case referTo
    case referredBy
    case rejectContact
    case remotePartyID
    case replaces
    case replyTo
    case requestDisposition
    case require
    case resourcePriority
    case retryAfter
    case route
    case rSeq
    case secWebSocketExtensions
    case secWebSocketKey
    case secWebSocketProtocol
    case secWebSocketVersion
    case securityClient
    case securityServer
    case securityVerify
    case server
    case serviceRoute
    case sessionExpires
    case sipETag
    case sipIfMatch
    case subject
    case subscriptionState
    case supported
    case targetDialog
    case timestamp
    case to
    case transferEncoding
    case unsupported
    case upgrade
    case userAgent
    case userToUser
    case via
    case warning
    case wwwAuthenticate

    /// The name as it is written into new header fields; empty for `other`.
    public var canonicalName: StaticString {
        switch self {
        case .other: ""
        case .accept: "Accept"
        case .acceptContact: "Accept-Contact"
        case .acceptEncoding: "Accept-Encoding"
        case .acceptLanguage: "Accept-Language"
        case .alertInfo: "Alert-Info"
        case .allow: "Allow"
        case .allowEvents: "Allow-Events"
        case .authenticationInfo: "Authentication-Info"
        case .authorization: "Authorization"
        case .callID: "Call-ID"
        case .callInfo: "Call-Info"
        case .connection: "Connection"
        case .contact: "Contact"
        case .contentDisposition: "Content-Disposition"
        case .contentEncoding: "Content-Encoding"
        case .contentLanguage: "Content-Language"
        case .contentLength: "Content-Length"
        case .contentType: "Content-Type"
        case .cookie: "Cookie"
        case .cSeq: "CSeq"
        case .date: "Date"
        case .diversion: "Diversion"
        case .errorInfo: "Error-Info"
        case .event: "Event"
        case .expires: "Expires"
        case .featureCaps: "Feature-Caps"
        case .flowTimer: "Flow-Timer"
        case .from: "From"
        case .geolocation: "Geolocation"
        case .historyInfo: "History-Info"
        case .host: "Host"
        case .identity: "Identity"
        case .identityInfo: "Identity-Info"
        case .inReplyTo: "In-Reply-To"
        case .join: "Join"
        case .maxBreadth: "Max-Breadth"
        case .maxForwards: "Max-Forwards"
        case .mimeVersion: "MIME-Version"
        case .minExpires: "Min-Expires"
        case .minSE: "Min-SE"
        case .organization: "Organization"
        case .origin: "Origin"
        case .pAccessNetworkInfo: "P-Access-Network-Info"
        case .pAssertedIdentity: "P-Asserted-Identity"
        case .pAssociatedURI: "P-Associated-URI"
        case .pCalledPartyID: "P-Called-Party-ID"
        case .pChargingVector: "P-Charging-Vector"
        case .pPreferredIdentity: "P-Preferred-Identity"
        case .pVisitedNetworkID: "P-Visited-Network-ID"
        case .path: "Path"
        case .priority: "Priority"
        case .privacy: "Privacy"
        case .proxyAuthenticate: "Proxy-Authenticate"
        case .proxyAuthorization: "Proxy-Authorization"
        case .proxyRequire: "Proxy-Require"
        case .rAck: "RAck"
        case .reason: "Reason"
        case .recordRoute: "Record-Route"
        case .referSub: "Refer-Sub"
        case .referTo: "Refer-To"
        case .referredBy: "Referred-By"
        case .rejectContact: "Reject-Contact"
        case .remotePartyID: "Remote-Party-ID"
        case .replaces: "Replaces"
        case .replyTo: "Reply-To"
        case .requestDisposition: "Request-Disposition"
        case .require: "Require"
        case .resourcePriority: "Resource-Priority"
        case .retryAfter: "Retry-After"
        case .route: "Route"
        case .rSeq: "RSeq"
        case .secWebSocketExtensions: "Sec-WebSocket-Extensions"
        case .secWebSocketKey: "Sec-WebSocket-Key"
        case .secWebSocketProtocol: "Sec-WebSocket-Protocol"
        case .secWebSocketVersion: "Sec-WebSocket-Version"
        case .securityClient: "Security-Client"
        case .securityServer: "Security-Server"
        case .securityVerify: "Security-Verify"
        case .server: "Server"
        case .serviceRoute: "Service-Route"
        case .sessionExpires: "Session-Expires"
        case .sipETag: "SIP-ETag"
        case .sipIfMatch: "SIP-If-Match"
        case .subject: "Subject"
        case .subscriptionState: "Subscription-State"
        case .supported: "Supported"
        case .targetDialog: "Target-Dialog"
        case .timestamp: "Timestamp"
        case .to: "To"
        case .transferEncoding: "Transfer-Encoding"
        case .unsupported: "Unsupported"
        case .upgrade: "Upgrade"
        case .userAgent: "User-Agent"
        case .userToUser: "User-to-User"
        case .via: "Via"
        case .warning: "Warning"
        case .wwwAuthenticate: "WWW-Authenticate"
        }
    }

    /// The one-letter form in lower case, or 0 when the field has none.
    public var compactForm: UInt8 {
        switch self {
        case .acceptContact: UInt8(ascii: "a")
        case .allowEvents: UInt8(ascii: "u")
        case .callID: UInt8(ascii: "i")
        case .contact: UInt8(ascii: "m")
        case .contentEncoding: UInt8(ascii: "e")
        case .contentLength: UInt8(ascii: "l")
        case .contentType: UInt8(ascii: "c")
        case .event: UInt8(ascii: "o")
        case .from: UInt8(ascii: "f")
        case .identity: UInt8(ascii: "y")
        case .identityInfo: UInt8(ascii: "n")
        case .referTo: UInt8(ascii: "r")
        case .referredBy: UInt8(ascii: "b")
        case .rejectContact: UInt8(ascii: "j")
        case .requestDisposition: UInt8(ascii: "d")
        case .sessionExpires: UInt8(ascii: "x")
        case .subject: UInt8(ascii: "s")
        case .supported: UInt8(ascii: "k")
        case .to: UInt8(ascii: "t")
        case .via: UInt8(ascii: "v")
        default: 0
        }
    }
}
