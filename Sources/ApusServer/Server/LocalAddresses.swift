import Bytes
import SIPMessage
import SIPTransport

/// What this machine's kernel knows about its own addresses: by which one it reaches others, and which ones it has.
///
/// Answers hold for a few seconds, so that a changed route or an address that moved to another machine is noticed soon
/// and the kernel is not asked for every message.
final class LocalAddresses: Sendable {
    /// Seconds that an answer holds.
    static let lifetime = Interval.seconds(5)
    /// Destinations that are remembered at most; when there are more, all are forgotten.
    static let capacity = 8192

    private struct Source {
        var ip: IPAddress?
        var expires: Instant
    }

    private let sources = Lock<[IPAddress: Source]>([:])
    private let own = Lock<(list: Set<IPAddress>, expires: Instant?)>(([], nil))
    private let route: @Sendable (IPAddress) -> IPAddress?
    private let list: @Sendable () -> [IPAddress]
    private let clock: @Sendable () -> Instant

    /// - Parameters:
    ///   - route: the address that packets to another leave from.
    ///   - list: the addresses that the machine has.
    ///   - clock: the time that answers age by.
    init(
        route: @escaping @Sendable (IPAddress) -> IPAddress? = { KernelRoute.source(to: $0) },
        list: @escaping @Sendable () -> [IPAddress] = { ((try? LocalInterfaces.addresses()) ?? []).map(\.ip) },
        clock: @escaping @Sendable () -> Instant = { Instant.now() }
    ) {
        self.route = route
        self.list = list
        self.clock = clock
    }

    /// The address that packets to `destination` leave from; nil when there is no route.
    func source(to destination: IPAddress) -> IPAddress? {
        let now = self.clock()
        if let known = self.sources.withLock({ $0[destination] }), now < known.expires { return known.ip }
        let ip = self.route(destination)
        self.sources.withLock { known in
            if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
            known[destination] = Source(ip: ip, expires: now + Self.lifetime)
        }
        return ip
    }

    /// Whether the machine has the address at present.
    func contains(_ ip: IPAddress) -> Bool {
        let now = self.clock()
        let known = self.own.withLock { state -> Bool? in
            guard let expires = state.expires, now < expires else { return nil }
            return state.list.contains(ip)
        }
        if let known { return known }
        let fresh = Set(self.list())
        self.own.withLock { $0 = (fresh, now + Self.lifetime) }
        return fresh.contains(ip)
    }
}
