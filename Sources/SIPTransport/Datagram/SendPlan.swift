import Bytes

/// In which order datagrams leave by one descriptor, so that those for one peer that can leave as one lie side by side.
///
/// What leaves as one is of one size, but for the last, which may be shorter: datagrams are put by peer, and by size from
/// the largest down. What belongs together (messages of one call to one peer) keeps its order: each of them is a level
/// higher than the one before, and levels come before sizes.
struct SendPlan: ~Copyable {
    /// Datagrams at most: the number of one is eight bits of its element, its level eight more.
    static let capacity = 256

    // Not private: the compiler could not lay the plan out in other files then.
    struct Known {
        var mark: UInt32
        var level: UInt8
        var next: Int16  // of the same home; -1: none
    }

    /// Peer, level, what the size lacks of 65,535, number; from the top 32, 8, 16 and 8 bits.
    private let elements = FlatStore<UInt64>(capacity: Self.capacity)
    private let known = FlatStore<Known>(capacity: Self.capacity)
    private let homes = FlatStore<Int16>(capacity: 64)
    /// A bit for each peer, several for one bit.
    private var seen: UInt64 = 0
    private var repeats = 0

    init() { for _ in 0..<64 { self.homes.append(-1) } }

    var count: Int { self.elements.count }

    mutating func removeAll() {
        self.elements.removeAll()
        self.known.removeAll()
        for home in 0..<64 { self.homes[home] = -1 }
        self.seen = 0
        self.repeats = 0
    }

    /// - Parameters:
    ///   - number: of the datagram, below 256.
    ///   - peer: a hash of where it goes.
    ///   - order: what it shares with those that it must not overtake, nor be overtaken by; 0: it is to leave by itself.
    ///   - size: in bytes.
    mutating func add(_ number: Int, to peer: UInt32, order: UInt32, size: Int) {
        let place = UInt64(peer) << 32 | UInt64(truncatingIfNeeded: number)
        guard order != 0 else { return self.elements.append(place) }
        let bit = 1 as UInt64 &<< UInt64(peer)
        if self.seen & bit != 0 { self.repeats &+= 1 }
        self.seen |= bit
        let level = self.level(of: order ^ peer)
        let lacking = UInt64(truncatingIfNeeded: 0xffff &- min(size, 0xffff))
        self.elements.append(place | UInt64(level) << 24 | lacking << 8)
    }

    /// How many that must come before have been added.
    private func level(of mark: UInt32) -> UInt8 {
        let home = Int(truncatingIfNeeded: (mark &* 0x9e37_79b1) &>> 26)
        let first = self.homes[home]
        var level: UInt8 = 0
        var index = first
        while index >= 0 {
            let other = self.known[Int(index)]
            if other.mark == mark {
                level = other.level &+ 1
                break
            }
            index = other.next
        }
        self.homes[home] = Int16(truncatingIfNeeded: self.known.count)
        self.known.append(Known(mark: mark, level: level, next: first))
        return level
    }

    /// Puts them in order, if enough of them are for one peer; otherwise they leave as they were added, each by itself.
    /// - Returns: whether some may leave as one.
    func arrange() -> Bool {
        guard self.repeats &* 2 >= self.count else { return false }
        var gap = 1
        while gap < self.count / 3 { gap = gap &* 3 &+ 1 }
        while gap > 0 {
            var next = gap
            while next < self.count {
                let element = self.elements[next]
                var place = next
                while place >= gap, self.elements[place &- gap] > element {
                    self.elements[place] = self.elements[place &- gap]
                    place &-= gap
                }
                self.elements[place] = element
                next &+= 1
            }
            gap /= 3
        }
        return true
    }

    /// The number of the datagram at a place.
    func number(at place: Int) -> Int { Int(truncatingIfNeeded: self.elements[place] & 0xff) }

    /// Whether two may leave one right behind the other: for one peer, as far as its hash tells, and on one level.
    func areAlike(_ place: Int, _ other: Int) -> Bool { (self.elements[place] ^ self.elements[other]) >> 24 == 0 }
}
