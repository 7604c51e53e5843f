import Bytes
import SIPMessage

/// What a registry says about an address: the special-purpose registries of IANA (RFC 6890) and the division of the
/// IPv6 address space (RFC 4291).
enum AddressClass {
    /// The name of the class: `PRIVATE`, `GLOBAL-UNICAST`.
    static func name(of address: IPAddress) -> ByteString {
        for entry in address.isIPv6 ? Self.ipv6 : Self.ipv4 where entry.subnet.contains(address) { return entry.name }
        return address.isIPv6 ? "RESERVED" : "PUBLIC"
    }

    private static func table(_ rows: [(String, ByteString)]) -> [(subnet: Subnet, name: ByteString)] {
        rows.compactMap { row in Subnet(ByteString(row.0)).map { (subnet: $0, name: row.1) } }
    }

    /// The first row that fits counts: smaller networks stand before those they lie in.
    private static let ipv4 = Self.table([
        ("255.255.255.255", "BROADCAST"), ("0.0.0.0/8", "PRIVATE"), ("10.0.0.0/8", "PRIVATE"),
        ("100.64.0.0/10", "SHARED"), ("127.0.0.0/8", "LOOPBACK"), ("169.254.0.0/16", "LINK-LOCAL"),
        ("172.16.0.0/12", "PRIVATE"), ("192.0.0.0/24", "RESERVED"), ("192.0.2.0/24", "TEST-NET"),
        ("192.88.99.0/24", "6TO4-RELAY"), ("192.168.0.0/16", "PRIVATE"), ("198.18.0.0/15", "RESERVED"),
        ("198.51.100.0/24", "TEST-NET"), ("203.0.113.0/24", "TEST-NET"), ("224.0.0.0/4", "MULTICAST"),
        ("240.0.0.0/4", "RESERVED"),
    ])

    private static let ipv6 = Self.table([
        ("::", "UNSPECIFIED"), ("::1", "LOOPBACK"), ("::ffff:0:0/96", "IPV4MAP"), ("100::/64", "DISCARD"),
        ("2001::/32", "TEREDO"), ("2001:2::/48", "BMWG"), ("2001:10::/28", "ORCHID"),
        ("2001:db8::/32", "DOCUMENTATION"),
        ("2002::/16", "6TO4"), ("2000::/3", "GLOBAL-UNICAST"), ("fc00::/7", "UNIQUE-LOCAL-UNICAST"),
        ("fe80::/10", "LINK-LOCAL-UNICAST"), ("ff00::/8", "MULTICAST"),
    ])
}
