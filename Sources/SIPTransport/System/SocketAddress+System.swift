import CLinux
import SIPMessage

extension SocketAddress {
    /// From the form that the C shims take and give.
    @inline(__always)
    init(_ system: apus_address) {
        let ip =
            system.is_ipv6 != 0
            ? IPAddress(ipv6High: system.high, low: system.low)
            : IPAddress(ipv4: UInt32(truncatingIfNeeded: system.low))
        self.init(ip: ip, port: system.port, scope: system.scope)
    }

    /// For the C shims, which make a `sockaddr` of it.
    @inline(__always)
    var system: apus_address {
        apus_address(
            high: self.ip.high,
            low: self.ip.low,
            scope: self.scope,
            port: self.port,
            is_ipv6: self.ip.isIPv6 ? 1 : 0
        )
    }
}
