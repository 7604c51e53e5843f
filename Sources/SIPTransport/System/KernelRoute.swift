import CLinux
import SIPMessage

/// What the kernel's routing table says.
public enum KernelRoute {
    /// The address of this machine that packets to `destination` leave from; nil when there is no route.
    ///
    /// Nothing is sent. It costs three system calls.
    public static func source(to destination: IPAddress) -> IPAddress? {
        // Any port will do; port 0 is none.
        let found = apus_route_source(SocketAddress(ip: destination, port: 5060).system)
        guard found.port != 0 else { return nil }
        let ip = SocketAddress(found).ip
        return ip.isAny ? nil : ip
    }
}
