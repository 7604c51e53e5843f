import Bytes
import SIPMessage

/// Addresses that send, and how much: one stripe of a `FloodTree`.
///
/// An address is a path of bytes. A node is one byte of it; it gets a child once a quarter of the limit has gone through
/// it within a window, so that addresses seen once cost nothing but a share of their prefix. The node of the last byte is
/// a leaf and counts the hits of one address. A leaf at the limit is red.
///
/// There are never more than `capacity` nodes. What has been quiet longest goes first, and red leaves only when nothing
/// else is left: a flood from ever new addresses washes away its own traces, not the banned.
struct PrefixTree: ~Copyable {
    struct Node: BitwiseCopyable {
        var parent: Handle
        /// Next in the chain of the same hash.
        var next: Handle = .none
        /// Neighbours in the list of nodes without children, by last hit.
        var older: Handle = .none
        var newer: Handle = .none
        /// The window that `hits` and `leafHits` belong to.
        var window: UInt32
        /// Second of the last hit.
        var lastHit: UInt32
        var hits: UInt32 = 0
        var hitsBefore: UInt32 = 0
        var leafHits: UInt32 = 0
        var leafHitsBefore: UInt32 = 0
        var children: UInt16 = 0
        var byte: UInt8
        /// Bytes of the address up to here, less one.
        var depth: UInt8
        var isIPv6: Bool
        var isLeaf: Bool
        var isRed = false

        /// Brings the counters to `window`.
        mutating func turn(to window: UInt32) {
            guard window != self.window else { return }
            let follows = window == self.window &+ 1
            self.hitsBefore = follows ? self.hits : 0
            self.leafHitsBefore = follows ? self.leafHits : 0
            self.hits = 0
            self.leafHits = 0
            self.window = window
        }

        func reaches(_ limit: Int) -> Bool { Int(self.leafHits) >= limit || Int(self.leafHitsBefore) >= limit }
        func isWarm(_ limit: Int) -> Bool { Int(self.hits) >= limit / 4 || Int(self.hitsBefore) >= limit / 4 }
    }

    /// A list of nodes without children, the one that was hit longest ago first.
    private struct Queue {
        var oldest = Handle.none
        var newest = Handle.none
    }

    private(set) var nodes: Slab<Node>
    private let heads: FlatStore<Handle>
    private let mask: UInt64
    private let seed: UInt64
    private var quiet = Queue()
    private var red = Queue()
    private(set) var redCount = 0
    /// Nodes that had to go before their time.
    private(set) var evictions = 0
    let capacity: Int

    /// - Parameter capacity: most nodes, at least 32: two IPv6 addresses.
    init(capacity: Int, seed: UInt64 = .random(in: .min ... .max)) {
        self.capacity = max(capacity, 32)
        var size = 16
        var bits = 5
        while size < self.capacity {
            size *= 2
            bits += 1
        }
        self.nodes = Slab(indexBits: bits, recordsPerPage: 128)
        self.heads = FlatStore(capacity: size)
        for _ in 0..<size { self.heads.append(.none) }
        self.mask = UInt64(size - 1)
        self.seed = seed
    }

    var count: Int { self.nodes.count }
    var reservedBytes: Int { self.nodes.reservedBytes + self.heads.count * MemoryLayout<Handle>.stride }

    // MARK: Hits

    /// What one hit has led to.
    struct Verdict: Equatable {
        /// The address sends too much.
        var isBlocked = false
        /// It has not done so before.
        var isNew = false
    }

    /// Counts a hit.
    /// - Parameters:
    ///   - limit: hits within a window that make a leaf red.
    ///   - window: number of the window that `second` lies in.
    /// - Complexity: a step for each byte of the address; at most one node is made.
    mutating func hit(_ address: IPAddress, limit: Int, window: UInt32, second: UInt32) -> Verdict {
        let bytes = PathBytes(address)
        var deepest = Handle.none
        var depth = 0
        while depth < bytes.count {
            let found = self.child(of: deepest, bytes[depth], address.isIPv6)
            if found.isNone { break }
            deepest = found
            depth += 1
        }
        guard !deepest.isNone else {
            self.grow(.none, bytes[0], depth: 0, address, hits: (1, 0), window, second)
            return Verdict()
        }
        let isLeaf = depth == bytes.count
        var hits = (UInt32(0), UInt32(0))
        var isWarm = false
        var verdict = Verdict()
        var isRed = false
        self.nodes.withRecord(deepest) { node in
            node.turn(to: window)
            node.lastHit = second
            guard isLeaf else {
                node.hits &+= node.hits == .max ? 0 : 1
                hits = (node.hits, node.hitsBefore)
                isWarm = node.isWarm(limit)
                return
            }
            // Red before and over the limit again after a window that was not: found anew. `sweep` takes the mark away.
            let wasOver = node.isRed && node.reaches(limit)
            node.leafHits &+= node.leafHits == .max ? 0 : 1
            verdict.isBlocked = node.reaches(limit)
            verdict.isNew = verdict.isBlocked && !wasOver
            isRed = node.isRed || verdict.isBlocked
        }
        self.touch(deepest, isRed: isRed)
        guard isLeaf else {
            if isWarm { self.grow(deepest, bytes[depth], depth: depth, address, hits: hits, window, second) }
            return Verdict()
        }
        return verdict
    }

    private func child(of parent: Handle, _ byte: UInt8, _ isIPv6: Bool) -> Handle {
        var handle = self.heads[self.place(parent, byte, isIPv6)]
        while !handle.isNone {
            guard let node = self.nodes[handle] else { return .none }
            if node.parent == parent, node.byte == byte, node.isIPv6 == isIPv6 { return handle }
            handle = node.next
        }
        return .none
    }

    private func place(_ parent: Handle, _ byte: UInt8, _ isIPv6: Bool) -> Int {
        let key = UInt64(parent.rawValue) << 16 | UInt64(byte) << 1 | (isIPv6 ? 1 : 0)
        return Int(truncatingIfNeeded: HashSeed.fold(key ^ self.seed, 0x9e37_79b9_7f4a_7c15) & self.mask)
    }

    private mutating func grow(
        _ parent: Handle, _ byte: UInt8, depth: Int, _ address: IPAddress, hits: (UInt32, UInt32), _ window: UInt32,
        _ second: UInt32
    ) {
        // The parent leaves its list first: what makes room must not be what the new node hangs from.
        if let node = self.nodes[parent] {
            if node.children == 0 { self.unlink(parent) }
            self.nodes.withRecord(parent) { $0.children += 1 }
        }
        if self.nodes.count >= self.capacity { self.evict() }
        let place = self.place(parent, byte, address.isIPv6)
        var node = Node(
            parent: parent, window: window, lastHit: second, byte: byte, depth: UInt8(truncatingIfNeeded: depth),
            isIPv6: address.isIPv6, isLeaf: depth == (address.isIPv6 ? 15 : 3))
        node.hits = hits.0
        node.hitsBefore = hits.1
        node.next = self.heads[place]
        guard let handle = self.nodes.insert(node) else { return self.orphan(parent) }
        self.heads[place] = handle
        self.append(handle)
    }

    // MARK: Time

    /// Forgets what has been quiet for `latency` seconds, and lets in again what has kept the limit.
    /// - Returns: what was let in again.
    mutating func sweep(limit: Int, window: UInt32, second: UInt32, latency: Int) -> [IPAddress] {
        var released: [IPAddress] = []
        var handle = self.red.oldest
        while !handle.isNone, let node = self.nodes[handle] {
            let newer = node.newer
            var isOver = false
            self.nodes.withRecord(handle) { node in
                node.turn(to: window)
                isOver = !node.reaches(limit)
            }
            if isOver {
                released.append(self.address(handle))
                self.touch(handle, isRed: false)
            }
            handle = newer
        }
        while let node = self.nodes[self.quiet.oldest], Int(second &- node.lastHit) >= latency {
            self.remove(self.quiet.oldest)
        }
        return released
    }

    private mutating func evict() {
        let victim = self.quiet.oldest.isNone ? self.red.oldest : self.quiet.oldest
        guard !victim.isNone else { return }
        self.evictions += 1
        self.remove(victim)
    }

    private mutating func remove(_ handle: Handle) {
        guard let node = self.nodes[handle] else { return }
        self.unlink(handle)
        if node.isRed { self.redCount -= 1 }
        let place = self.place(node.parent, node.byte, node.isIPv6)
        if self.heads[place] == handle {
            self.heads[place] = node.next
        } else {
            var previous = self.heads[place]
            while let other = self.nodes[previous] {
                if other.next == handle {
                    self.nodes.withRecord(previous) { $0.next = node.next }
                    break
                }
                previous = other.next
            }
        }
        self.nodes.remove(handle)
        self.orphan(node.parent)
    }

    /// Takes a child from a node; the last one gone, the node may go as well, and before all others.
    private mutating func orphan(_ parent: Handle) {
        guard
            let left = self.nodes.withRecord(
                parent,
                { node in
                    node.children -= node.children > 0 ? 1 : 0
                    return node.children
                }), left == 0
        else { return }
        self.prepend(parent)
    }

    // MARK: Lists

    /// Makes a node without children the one that was hit last.
    private mutating func touch(_ handle: Handle, isRed: Bool) {
        guard let node = self.nodes[handle], node.children == 0 else { return }
        self.unlink(handle)
        if node.isRed != isRed {
            self.nodes.withRecord(handle) { $0.isRed = isRed }
            self.redCount += isRed ? 1 : -1
        }
        self.append(handle)
    }

    private mutating func append(_ handle: Handle) {
        guard let node = self.nodes[handle] else { return }
        let last = node.isRed ? self.red.newest : self.quiet.newest
        self.nodes.withRecord(handle) { node in
            node.older = last
            node.newer = .none
        }
        self.nodes.withRecord(last) { $0.newer = handle }
        self.change(node.isRed) { queue in
            queue.newest = handle
            if queue.oldest.isNone { queue.oldest = handle }
        }
    }

    private mutating func prepend(_ handle: Handle) {
        guard let node = self.nodes[handle] else { return }
        let first = node.isRed ? self.red.oldest : self.quiet.oldest
        self.nodes.withRecord(handle) { node in
            node.older = .none
            node.newer = first
        }
        self.nodes.withRecord(first) { $0.older = handle }
        self.change(node.isRed) { queue in
            queue.oldest = handle
            if queue.newest.isNone { queue.newest = handle }
        }
    }

    private mutating func unlink(_ handle: Handle) {
        guard let node = self.nodes[handle] else { return }
        self.nodes.withRecord(node.older) { $0.newer = node.newer }
        self.nodes.withRecord(node.newer) { $0.older = node.older }
        self.change(node.isRed) { queue in
            if queue.oldest == handle { queue.oldest = node.newer }
            if queue.newest == handle { queue.newest = node.older }
        }
    }

    private mutating func change(_ isRed: Bool, _ body: (inout Queue) -> Void) {
        if isRed { body(&self.red) } else { body(&self.quiet) }
    }

    // MARK: Listing

    /// Shows all leaves, as they are at `window` or, when they were hit later, then.
    mutating func forEachLeaf(window: UInt32, _ body: (IPAddress, Node) -> Void) {
        var found: [(Handle, Node)] = []
        self.nodes.forEach { handle, node in
            guard node.isLeaf else { return }
            var copy = node
            copy.turn(to: max(window, node.window))
            found.append((handle, copy))
        }
        for (handle, node) in found { body(self.address(handle), node) }
    }

    /// The address that ends at a leaf.
    private func address(_ leaf: Handle) -> IPAddress {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var isIPv6 = false
        var handle = leaf
        while let node = self.nodes[handle] {
            isIPv6 = node.isIPv6
            let place = (isIPv6 ? 15 : 3) - Int(node.depth)
            if place < 8 {
                low |= UInt64(node.byte) << UInt64(place * 8)
            } else {
                high |= UInt64(node.byte) << UInt64((place - 8) * 8)
            }
            handle = node.parent
        }
        return isIPv6 ? IPAddress(ipv6High: high, low: low) : IPAddress(ipv4: UInt32(truncatingIfNeeded: low))
    }
}

/// The bytes of an address, first to last.
struct PathBytes {
    private let address: IPAddress
    init(_ address: IPAddress) { self.address = address }

    var count: Int { self.address.isIPv6 ? 16 : 4 }
    subscript(index: Int) -> UInt8 {
        let place = self.count - 1 - index
        let word = place < 8 ? self.address.low : self.address.high
        return UInt8(truncatingIfNeeded: word >> (UInt64(place & 7) * 8))
    }
}
