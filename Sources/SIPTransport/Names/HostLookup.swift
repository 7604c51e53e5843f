import Bytes
import CLinux
import SIPMessage

/// A host name that has no address.
public struct LookupError: Error, Equatable, Sendable {
    /// The `EAI_…` number of `getaddrinfo`, negative; 0 when it answered with no address at all.
    public var code: Int32
    /// With the number that `getaddrinfo` returned.
    public init(code: Int32) { self.code = code }

    /// The system's words for it.
    public var text: String {
        guard self.code != 0, let text = unsafe apus_lookup_error(self.code) else { return "no address" }
        return unsafe String(cString: text)
    }
}

/// Host names to addresses by the system's own resolver, `/etc/hosts` included.
///
/// It blocks: for the start of the server and the threads of `Resolver`, never for a worker.
public enum HostLookup {
    /// Which families to ask for.
    public enum Family: Int32, Sendable {
        case any = 0
        case ipv4 = 4
        case ipv6 = 6
    }

    /// The addresses of `host`, best first as the system sorts them, at most 32.
    ///
    /// An address written out is its own answer.
    public static func addresses(of host: ByteString, family: Family = .any) -> Result<[IPAddress], LookupError> {
        if let literal = IPAddress(host.span, ByteRange(start: 0, count: host.count)) { return .success([literal]) }
        guard !host.isEmpty, host.count <= 255, !host.bytes.contains(0) else { return .failure(LookupError(code: 0)) }
        let found = UnsafeMutablePointer<apus_address>.allocate(capacity: 32)
        defer { unsafe found.deallocate() }
        let count = unsafe host.string.withCString { unsafe apus_lookup($0, family.rawValue, found, 32) }
        guard count > 0 else { return .failure(LookupError(code: count)) }
        var list: [IPAddress] = []
        for index in 0..<Int(count) {
            let ip = SocketAddress(unsafe found[index]).ip
            if !list.contains(ip) { list.append(ip) }
        }
        return .success(list)
    }
}
