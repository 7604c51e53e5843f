/// The candidate that `name` was probably meant to be, for "did you mean" suggestions.
///
/// - Returns: the candidate with the fewest edits, at most a third of the name's length (one for short names) and at
///   most three; nil if none is that near. Case differences count half; ties go to the first in the alphabet.
public func nearest(_ name: String, in candidates: some Sequence<String>) -> String? {
    let target = Array(name.utf8)
    guard !target.isEmpty, target.count <= 64 else { return nil }
    let limit = 2 * min(3, max(1, target.count / 3))
    let letters = LetterSet(target)
    var distances = EditDistance(target)
    var best: String?
    var bestDistance = limit + 1
    for candidate in candidates {
        let other = candidate.utf8
        guard abs(other.count - target.count) * 2 <= min(bestDistance, limit),
            letters.mayBeWithin(min(bestDistance, limit) / 2, of: LetterSet(other)), candidate != name
        else { continue }
        let distance = distances.to(other, limit: bestDistance)
        if distance < bestDistance || distance == bestDistance && best.map({ candidate < $0 }) == true {
            best = candidate
            bestDistance = distance
        }
    }
    return best
}

/// Which letters a word has, whatever their case: a cheap test that keeps most words from being compared.
private struct LetterSet {
    private var bits: UInt32 = 0

    init(_ word: some Sequence<UInt8>) { for byte in word { self.bits |= 1 << UInt32(byte & 31) } }

    /// One edit takes away at most one letter and adds at most one.
    func mayBeWithin(_ edits: Int, of other: LetterSet) -> Bool {
        (self.bits ^ other.bits).nonzeroBitCount <= 2 * edits
    }
}

/// Twice the number of insertions, deletions, replacements and swaps of neighbours; a change of case counts 1.
private struct EditDistance {
    private let left: [UInt8]
    private var right: [UInt8] = []
    private var beforePrevious: [Int] = []
    private var previous: [Int] = []
    private var current: [Int] = []

    init(_ left: [UInt8]) { self.left = left }

    /// Exact up to `limit`; more than that otherwise.
    mutating func to(_ word: String.UTF8View, limit: Int) -> Int {
        self.right.removeAll(keepingCapacity: true)
        self.right.append(contentsOf: word)
        let count = self.right.count
        self.previous.removeAll(keepingCapacity: true)
        for index in 0...count { self.previous.append(index * 2) }
        self.current = self.previous
        self.beforePrevious = self.previous
        for row in self.left.indices {
            self.current[0] = (row + 1) * 2
            var least = self.current[0]
            for column in 0..<count {
                let same = self.cost(self.left[row], self.right[column])
                var value = min(self.previous[column + 1] + 2, self.current[column] + 2, self.previous[column] + same)
                if row > 0, column > 0, self.left[row] == self.right[column - 1],
                    self.left[row - 1] == self.right[column]
                {
                    value = min(value, self.beforePrevious[column - 1] + 2)
                }
                self.current[column + 1] = value
                least = min(least, value)
            }
            // A swap reaches back one more row, and saves at most what it costs.
            if least > limit + 2 { return least }
            swap(&self.beforePrevious, &self.previous)
            swap(&self.previous, &self.current)
        }
        return self.previous[count]
    }

    private func cost(_ left: UInt8, _ right: UInt8) -> Int {
        if left == right { return 0 }
        return left ^ right == 0x20 && (left | 0x20) >= 97 && (left | 0x20) <= 122 ? 1 : 2
    }
}
