/// A pattern as shells know it: `*` any text, `?` any byte, `[a-z]` one of a set, `[!a-z]` one that is not.
///
/// Matching takes no memory and at most the product of both lengths in steps.
public struct ShellPattern: Sendable {
    private let pattern: [UInt8]

    public init(_ pattern: ByteString) { self.pattern = pattern.bytes }

    /// Whether all of `text` fits.
    public func matches(_ text: ByteString, ignoringCase: Bool = false) -> Bool {
        let text = text.bytes
        var index = 0
        var place = 0
        // The last star and where its text began: going back there is all the memory it takes.
        var star = (pattern: -1, text: 0)
        while index < text.count {
            if place < self.pattern.count, self.pattern[place] == UInt8(ascii: "*") {
                star = (place, index)
                place += 1
            } else if let next = self.step(place, text[index], ignoringCase) {
                index += 1
                place = next
            } else if star.pattern >= 0 {
                star.text += 1
                index = star.text
                place = star.pattern + 1
            } else {
                return false
            }
        }
        while place < self.pattern.count, self.pattern[place] == UInt8(ascii: "*") { place += 1 }
        return place == self.pattern.count
    }

    /// Where the pattern goes on when its element at `place` takes `byte`; nil when it does not.
    private func step(_ place: Int, _ byte: UInt8, _ ignoringCase: Bool) -> Int? {
        guard place < self.pattern.count else { return nil }
        func same(_ other: UInt8) -> Bool { byte == other || (ignoringCase && byte.lowercased == other.lowercased) }
        switch self.pattern[place] {
        case UInt8(ascii: "?"): return place + 1
        case UInt8(ascii: "\\") where place + 1 < self.pattern.count:
            return same(self.pattern[place + 1]) ? place + 2 : nil
        case UInt8(ascii: "["):
            guard let end = self.pattern[(place + 1)...].dropFirst().firstIndex(of: UInt8(ascii: "]")) else {
                return same(UInt8(ascii: "[")) ? place + 1 : nil
            }
            var members = self.pattern[(place + 1)..<end]
            let isNegated = members.first == UInt8(ascii: "!") || members.first == UInt8(ascii: "^")
            if isNegated { members = members.dropFirst() }
            return Self.holds(members, byte, same) != isNegated ? end + 1 : nil
        default: return same(self.pattern[place]) ? place + 1 : nil
        }
    }

    private static func holds(_ members: ArraySlice<UInt8>, _ byte: UInt8, _ same: (UInt8) -> Bool) -> Bool {
        var index = members.startIndex
        while index < members.endIndex {
            if index + 2 < members.endIndex, members[index + 1] == UInt8(ascii: "-") {
                if members[index] <= byte, byte <= members[index + 2] { return true }
                index += 3
            } else {
                if same(members[index]) { return true }
                index += 1
            }
        }
        return false
    }
}
