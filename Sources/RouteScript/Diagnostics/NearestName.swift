/// The candidate that `name` was probably meant to be, for "did you mean" suggestions.
///
/// - Returns: the candidate with the fewest edits, at most a third of the name's length (one for short names) and at
///   most three; nil if none is that near. Case differences count half; ties go to the first.
public func nearest(_ name: String, in candidates: some Sequence<String>) -> String? {
    let target = Array(name.utf8)
    guard !target.isEmpty, target.count <= 64 else { return nil }
    let limit = 2 * min(3, max(1, target.count / 3))
    var best: String?
    var bestDistance = limit + 1
    for candidate in candidates {
        let other = Array(candidate.utf8)
        guard abs(other.count - target.count) * 2 < bestDistance, other != target else { continue }
        let distance = editDistance(target, other)
        if distance < bestDistance {
            best = candidate
            bestDistance = distance
        }
    }
    return best
}

/// Twice the number of insertions, deletions, replacements and swaps of neighbours; a change of case counts 1.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: right.count + 1)
    var previous = (0...right.count).map { $0 * 2 }
    var current = previous
    for i in left.indices {
        current[0] = (i + 1) * 2
        for j in right.indices {
            let cost = left[i] == right[j] ? 0 : isSameLetter(left[i], right[j]) ? 1 : 2
            var value = min(previous[j + 1] + 2, current[j] + 2, previous[j] + cost)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                value = min(value, beforePrevious[j - 1] + 2)
            }
            current[j + 1] = value
        }
        beforePrevious = previous
        previous = current
    }
    return previous[right.count]
}

private func isSameLetter(_ left: UInt8, _ right: UInt8) -> Bool {
    left ^ right == 0x20 && (left | 0x20) >= 97 && (left | 0x20) <= 122
}
