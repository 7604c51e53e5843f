import Bytes
import SIPMessage

/// The addresses that all workers have seen: a `PrefixTree` for each of 16 groups of first bytes, with a lock each.
///
/// Belongs to the server and survives a reload.
final class FloodTree: Sendable {
    static let stripes = 16
    private let table: StripedTable<PrefixTree>
    /// Time of the last sweep: what listings go by.
    private let swept = Lock(Instant.zero)

    /// - Parameter nodes: most nodes in all; 52 bytes each.
    init(nodes: Int) {
        self.table = StripedTable(stripes: Self.stripes) { _ in PrefixTree(capacity: nodes / Self.stripes) }
    }

    /// What counts, as a configuration says.
    struct Measure: Sendable {
        /// Seconds of a window.
        var unit: Int
        /// Hits within a window that are too many.
        var limit: Int
        /// Seconds without a hit after which an address is forgotten.
        var latency: Int
        /// Bits of an IPv6 address that count.
        var ipv6Prefix: Int

        func window(_ now: Instant) -> UInt32 {
            UInt32(truncatingIfNeeded: now.milliseconds / (Int64(max(self.unit, 1)) * 1000))
        }

        /// The address as far as it counts.
        func source(_ address: IPAddress) -> IPAddress {
            guard address.isIPv6, self.ipv6Prefix < 128 else { return address }
            let bits = max(self.ipv6Prefix, 0)
            let high = bits >= 64 ? address.high : bits == 0 ? 0 : address.high & ~(.max >> UInt64(bits))
            let low = bits <= 64 ? 0 : address.low & ~(.max >> UInt64(bits - 64))
            return IPAddress(ipv6High: high, low: low)
        }
    }

    static func second(_ now: Instant) -> UInt32 { UInt32(truncatingIfNeeded: now.milliseconds / 1000) }

    func hit(_ address: IPAddress, _ measure: Measure, at now: Instant) -> PrefixTree.Verdict {
        let source = measure.source(address)
        let first = PathBytes(source)[0]
        // IPv6 shares few first bytes: the third and fourth tell providers apart.
        let stripe = source.isIPv6 ? Int(first ^ PathBytes(source)[2] ^ PathBytes(source)[3]) : Int(first)
        return self.table.withStripe(at: stripe % Self.stripes) { tree in
            tree.hit(source, limit: measure.limit, window: measure.window(now), second: Self.second(now))
        }
    }

    /// - Returns: addresses that are let in again.
    func sweep(_ measure: Measure, at now: Instant) -> [IPAddress] {
        self.swept.withLock { $0 = now }
        var released: [IPAddress] = []
        self.table.forEachStripe { _, tree in
            released += tree.sweep(
                limit: measure.limit, window: measure.window(now), second: Self.second(now), latency: measure.latency)
        }
        return released
    }

    struct Row: Sendable {
        var address: IPAddress
        var hitsBefore: Int
        var hits: Int
        /// Seconds until it is forgotten.
        var expires: Int
        var isRed: Bool
        var isWarm: Bool
    }

    /// Addresses that were hit, those that were hit most first.
    func rows(_ measure: Measure) -> [Row] {
        let now = self.swept.withLock { $0 }
        var rows: [Row] = []
        let second = Self.second(now)
        self.table.forEachStripe { _, tree in
            tree.forEachLeaf(window: measure.window(now)) { address, node in
                guard node.leafHits > 0 || node.leafHitsBefore > 0 || node.isRed else { return }
                let most = Int(max(node.leafHits, node.leafHitsBefore))
                rows.append(
                    Row(
                        address: address, hitsBefore: Int(node.leafHitsBefore), hits: Int(node.leafHits),
                        expires: max(measure.latency - max(Int(second) - Int(node.lastHit), 0), 0),
                        isRed: node.isRed && node.reaches(measure.limit), isWarm: most >= measure.limit / 4))
            }
        }
        return rows.sorted { ($0.hits + $0.hitsBefore, $0.hits) > ($1.hits + $1.hitsBefore, $1.hits) }
    }

    struct Figures: Sendable {
        var nodes = 0
        var blocked = 0
        var evictions = 0
        var bytes = 0
    }

    var figures: Figures {
        var figures = Figures()
        self.table.forEachStripe { _, tree in
            figures.nodes += tree.count
            figures.blocked += tree.redCount
            figures.evictions += tree.evictions
            figures.bytes += tree.reservedBytes
        }
        return figures
    }
}
