import Bytes
import CLinux
import SIPMessage
import SIPTransport

extension HostLookup {
    /// The name that belongs to an address, nil when it has none. Blocks: for the start of the server
    /// and threads that may.
    static func name(of address: IPAddress) -> ByteString? {
        // 1025 bytes hold any name (NI_MAXHOST).
        var text = [CChar](repeating: 0, count: 1025)
        let result = unsafe text.withUnsafeMutableBufferPointer { bytes -> Int32 in
            guard let base = bytes.baseAddress else { return -1 }
            return unsafe apus_reverse_lookup(address.high, address.low, address.isIPv6 ? 1 : 0, base, bytes.count)
        }
        guard result == 0 else { return nil }
        return ByteString(text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    }
}
