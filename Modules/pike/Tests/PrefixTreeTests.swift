import Bytes
import SIPMessage
import Testing

@testable import pike

@Suite("pike: the tree of addresses")
struct PrefixTreeTests {
    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    /// Hits until an address is blocked.
    private func hitsUntilBlocked(_ tree: inout PrefixTree, _ address: IPAddress, limit: Int) -> Int {
        for count in 1...10_000 where tree.hit(address, limit: limit, window: 7, second: 14).isBlocked { return count }
        return -1
    }

    @Test(arguments: [(1, 5), (2, 6), (4, 8), (8, 12), (16, 22), (30, 39), (64, 82), (100, 127)])
    func `a first IPv4 address is found after as many hits as in Kamailio`(_ limit: Int, _ hits: Int) throws {
        var tree = PrefixTree(capacity: 1_000)
        #expect(self.hitsUntilBlocked(&tree, try self.address("1.2.3.4"), limit: limit) == hits)
    }

    @Test func `an IPv6 address has more bytes to get known`() throws {
        var tree = PrefixTree(capacity: 1_000)
        #expect(self.hitsUntilBlocked(&tree, try self.address("::1"), limit: 16) == 34)
    }

    @Test func `neighbours of a known address are found sooner`() throws {
        var tree = PrefixTree(capacity: 1_000)
        for (text, hits) in [
            ("193.175.132.164", 22), ("193.175.132.142", 17), ("193.175.1.142", 18), ("193.1.1.142", 19),
        ] {
            #expect(self.hitsUntilBlocked(&tree, try self.address(text), limit: 16) == hits)
        }
    }

    @Test func `only the first refusal is new, and a window within the limit lets the address in again`() throws {
        var tree = PrefixTree(capacity: 1_000)
        let address = try self.address("192.0.2.1")
        var verdicts: [PrefixTree.Verdict] = []
        for _ in 0..<40 { verdicts.append(tree.hit(address, limit: 16, window: 5, second: 10)) }
        #expect(verdicts.filter(\.isNew).count == 1)
        #expect(verdicts.filter(\.isBlocked).count == 19)
        // The window after is still refused, whatever comes.
        #expect(tree.sweep(limit: 16, window: 6, second: 12, latency: 120) == [])
        #expect(tree.hit(address, limit: 16, window: 6, second: 12) == .init(isBlocked: true, isNew: false))
        #expect(tree.sweep(limit: 16, window: 7, second: 14, latency: 120) == [address])
        #expect(tree.hit(address, limit: 16, window: 7, second: 14) == .init())
        #expect(tree.redCount == 0)
    }

    @Test func `a flood that goes on stays blocked and is not new again`() throws {
        var tree = PrefixTree(capacity: 1_000)
        let address = try self.address("192.0.2.1")
        var new = 0
        for window in UInt32(1)...50 {
            for _ in 0..<30 { new += tree.hit(address, limit: 16, window: window, second: window * 2).isNew ? 1 : 0 }
            #expect(tree.sweep(limit: 16, window: window, second: window * 2, latency: 4) == [])
        }
        #expect(new == 1)
    }

    @Test func `quiet addresses are forgotten with all their bytes`() throws {
        var tree = PrefixTree(capacity: 1_000)
        for last in 0..<50 {
            for _ in 0..<30 {
                _ = tree.hit(IPAddress(ipv4: 0x0A00_0000 + UInt32(last)), limit: 16, window: 1, second: 2)
            }
        }
        #expect(tree.count == 53)
        #expect(tree.sweep(limit: 16, window: 2, second: 5, latency: 4).isEmpty)
        #expect(tree.count == 53)
        #expect(tree.sweep(limit: 16, window: 60, second: 120, latency: 4).count == 50)
        #expect(tree.count == 0)
        #expect(tree.redCount == 0)
    }

    @Test func `a million addresses fill no more than the capacity and wash no ban away`() throws {
        var tree = PrefixTree(capacity: 8_192)
        let before = tree.reservedBytes
        let banned = try self.address("198.51.100.7")
        for _ in 0..<40 { _ = tree.hit(banned, limit: 16, window: 1, second: 2) }
        var state: UInt64 = 1
        for _ in 0..<1_000_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            _ = tree.hit(IPAddress(ipv4: UInt32(truncatingIfNeeded: state >> 32)), limit: 16, window: 1, second: 2)
        }
        #expect(tree.count <= 8_192)
        #expect(tree.reservedBytes - before <= 8_192 * 64)
        #expect(tree.evictions > 100_000)
        #expect(tree.hit(banned, limit: 16, window: 1, second: 2) == .init(isBlocked: true, isNew: false))
    }

    @Test func `more floods than there is room for drive out the one that stopped first`() throws {
        var tree = PrefixTree(capacity: 64)
        for number in 0..<200 {
            let address = IPAddress(ipv4: UInt32(number) << 24 | 0x0A0B0C)
            for _ in 0..<40 { _ = tree.hit(address, limit: 16, window: 1, second: 2) }
            #expect(tree.hit(address, limit: 16, window: 1, second: 2).isBlocked)
            #expect(tree.count <= 64)
        }
        #expect(tree.redCount <= 16)
    }

    @Test func `IPv6 floods of a whole network are one source when its prefix counts`() throws {
        let tree = FloodTree(nodes: 4_096)
        let measure = FloodTree.Measure(unit: 2, limit: 16, latency: 60, ipv6Prefix: 64)
        let now = Instant(milliseconds: 10_000)
        var blocked = 0
        for number in 0..<1_000 {
            let address = IPAddress(ipv6High: 0x2001_0DB8_0001_0002, low: UInt64(number) &* 0x9e37_79b9_7f4a_7c15)
            if tree.hit(address, measure, at: now).isBlocked { blocked += 1 }
        }
        #expect(blocked > 950)
        let other = IPAddress(ipv6High: 0x2001_0DB8_0001_0003, low: 1)
        #expect(!tree.hit(other, measure, at: now).isBlocked)
    }
}
