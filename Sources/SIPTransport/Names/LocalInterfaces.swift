import CLinux
import SIPMessage

/// An address of one of this machine's network interfaces.
public struct InterfaceAddress: Hashable, Sendable {
    /// Interface name: `eth0`.
    public var name: String
    /// The address itself.
    public var ip: IPAddress
    /// Interface index of a link-local IPv6 address, else 0.
    public var scope: UInt32
    /// Bits of the network part, 0...32 or 0...128.
    public var prefixLength: Int
    /// Whether the interface is in service.
    public var isUp: Bool
    /// Whether it reaches this machine only.
    public var isLoopback: Bool
}

/// The addresses this machine has, as the kernel lists them.
public enum LocalInterfaces {
    /// All IPv4 and IPv6 addresses of interfaces that are up, in the kernel's order.
    public static func addresses() throws(SocketError) -> [InterfaceAddress] {
        var room: Int32 = 64
        while true {
            let found = UnsafeMutablePointer<apus_interface>.allocate(capacity: Int(room))
            defer { unsafe found.deallocate() }
            let count = try checked(unsafe apus_interfaces(found, room), .interfaces)
            guard count <= room else {
                room = count + 16  // it listed only the first `room`: again with room for all
                continue
            }
            var list: [InterfaceAddress] = []
            for index in 0..<Int(count) {
                let entry = Self.entry(unsafe found[index])
                if entry.isUp { list.append(entry) }
            }
            return list
        }
    }

    /// The addresses of the interface called `name`; empty when there is none.
    public static func addresses(of name: String) throws(SocketError) -> [InterfaceAddress] {
        try Self.addresses().filter { $0.name == name }
    }

    private static func entry(_ system: apus_interface) -> InterfaceAddress {
        let address = SocketAddress(system.address)
        // A tuple of 16 bytes that ends with at least one zero.
        let name = unsafe withUnsafeBytes(of: system.name) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return InterfaceAddress(
            name: name,
            ip: address.ip,
            scope: address.scope,
            prefixLength: Int(system.prefix),
            isUp: system.flags & UInt32(APUS_INTERFACE_UP) != 0,
            isLoopback: system.flags & UInt32(APUS_INTERFACE_LOOPBACK) != 0
        )
    }
}
