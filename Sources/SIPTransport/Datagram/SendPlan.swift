import Bytes

/// In which order datagrams leave by one descriptor, so that those for one peer that can leave as one lie side by side.
///
/// What leaves as one is of one size, but for the last, which may be shorter: datagrams are put by peer, and by size from
/// the largest down. What belongs together (messages of one call to one peer) keeps its order: each of them is a level
/// higher than the one before, and levels come before sizes.
struct SendPlan: ~Copyable {
    /// Datagrams at most: the number of one is eight bits of its element, its level eight more.
    static let capacity = 256
    /// Fewer are not worth another order than that in which they were added.
    static let least = 8

    // Not private: the compiler could not lay the plan out in other files then.
    struct Known {
        var order: UInt32
        var peer: UInt32
        var level: UInt8 = 0
        var next: Int16 = -1  // of the same home; -1: none
    }

    /// Peer, level, what the size lacks of 65,535, number; from the top 32, 8, 16 and 8 bits.
    private let elements = FlatStore<UInt64>(capacity: Self.capacity)
    /// As they were added.
    private let known = FlatStore<Known>(capacity: Self.capacity)
    private let homes = FlatStore<Int16>(capacity: 64)
    /// A bit for each peer, now and then one for two: 512 of them, which is many beside the datagrams of a flush.
    private let seen = FlatStore<UInt64>(capacity: 8)
    private var repeats = 0

    init() {
        for _ in 0..<64 { self.homes.append(-1) }
        for _ in 0..<8 { self.seen.append(0) }
    }

    var count: Int { self.elements.count }

    mutating func removeAll() {
        self.elements.removeAll()
        self.known.removeAll()
        for index in 0..<8 { self.seen[index] = 0 }
        self.repeats = 0
    }

    /// - Parameters:
    ///   - number: of the datagram, below 256.
    ///   - peer: a hash of where it goes.
    ///   - order: what it shares with those that it must not overtake, nor be overtaken by; 0: it is to leave by itself.
    ///   - size: in bytes.
    mutating func add(_ number: Int, to peer: UInt32, order: UInt32, size: Int) {
        self.known.append(Known(order: order, peer: peer))
        let place = UInt64(peer) << 32 | UInt64(truncatingIfNeeded: number)
        guard order != 0 else { return self.elements.append(place) }
        self.elements.append(place | UInt64(truncatingIfNeeded: 0xffff &- min(size, 0xffff)) << 8)
        let index = Int(truncatingIfNeeded: peer & 7)
        let bit = 1 as UInt64 &<< UInt64(peer &>> 3)
        if self.seen[index] & bit != 0 { self.repeats &+= 1 }
        self.seen[index] |= bit
    }

    /// Puts them in order, if enough of them are for one peer; otherwise they leave as they were added, each by itself.
    /// - Returns: whether some may leave as one.
    func arrange() -> Bool {
        guard self.count >= Self.least, self.repeats &* 2 >= self.count else { return false }
        for home in 0..<64 { self.homes[home] = -1 }
        for index in 0..<self.count where self.known[index].order != 0 {
            self.elements[index] |= UInt64(self.level(of: index)) << 24
        }
        self.sort()
        return true
    }

    /// How many of the same order and for the same peer were added before.
    private func level(of index: Int) -> UInt8 {
        var own = self.known[index]
        let home = Int(truncatingIfNeeded: ((own.order ^ own.peer) &* 0x9e37_79b1) &>> 26)
        own.next = self.homes[home]
        var other = own.next
        while other >= 0 {
            let earlier = self.known[Int(other)]
            if earlier.order == own.order, earlier.peer == own.peer {
                own.level = earlier.level &+ 1
                break
            }
            other = earlier.next
        }
        self.known[index] = own
        self.homes[home] = Int16(truncatingIfNeeded: index)
        return own.level
    }

    /// Shell's, with gaps of Knuth's: in place, and quick enough for so few.
    private func sort() {
        var gap = 1
        while gap < self.count / 3 { gap = gap &* 3 &+ 1 }
        while gap > 0 {
            for next in gap..<self.count {
                let element = self.elements[next]
                var place = next
                while place >= gap, self.elements[place &- gap] > element {
                    self.elements[place] = self.elements[place &- gap]
                    place &-= gap
                }
                self.elements[place] = element
            }
            gap /= 3
        }
    }

    /// The number of the datagram at a place.
    func number(at place: Int) -> Int { Int(truncatingIfNeeded: self.elements[place] & 0xff) }

    /// Whether two may leave one right behind the other: for one peer, as far as its hash tells, and on one level.
    func areAlike(_ place: Int, _ other: Int) -> Bool { (self.elements[place] ^ self.elements[other]) >> 24 == 0 }
}
