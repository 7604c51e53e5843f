import Bytes
import SIPMessage

/// What the parameters say about bytes that arrive before they are a message, and about what is read leniently.
public struct InputParameters: Sendable {
    /// `sip_parser_mode=0`: of a field that is there twice the first counts.
    public var allowsDoubles = false
    /// `uri_host_extra_chars`.
    public var hostCharacters = ByteString()
    /// `ipv6_hex_style`.
    public var ipv6Style = SyntaxAllowances.IPv6Style.compact
    /// `http_reply_parse`.
    public var takesHTTPReplies = false
    /// `udp_accept_proxy`: datagrams may begin with a PROXY header.
    public var takesProxyHeader = false
    /// `bind_ipv6_link_local`: 1 binds such addresses with their interface, 2 leaves them out wherever they come from.
    public var linkLocalAddresses = 0

    public init() {}

    /// - Returns: false when the parameter is none of these.
    public mutating func apply(_ name: String, _ int: Int?, _ text: String) -> Bool {
        switch name {
        case "sip_parser_mode": self.allowsDoubles = int == 0
        case "uri_host_extra_chars": self.hostCharacters = ByteString(text)
        case "ipv6_hex_style":
            self.ipv6Style = text == "a" ? .expanded : text == "A" ? .expandedCapitals : .compact
        case "http_reply_parse": self.takesHTTPReplies = int != 0
        case "udp_accept_proxy": self.takesProxyHeader = int != 0
        case "bind_ipv6_link_local": self.linkLocalAddresses = int ?? 0
        default: return false
        }
        return true
    }

    /// Has the whole process read as these say.
    public func applyToProcess() {
        SyntaxAllowances.setHostBytes(self.hostCharacters)
        SyntaxAllowances.takesHTTPReplies = self.takesHTTPReplies
    }
}
