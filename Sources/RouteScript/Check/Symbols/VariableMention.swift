import Bytes

/// A variable that some text mentions, found without knowing which variables exist.
struct VariableMention {
    /// `var` of `$var(x)`.
    var className: String
    /// What stands in the parentheses, nil when there are none.
    var inner: String?
    /// Bytes of the whole variable, index and transformations included.
    var range: Range<Int>
    var innerRange: Range<Int>?
    /// It stands in another variable: in its parentheses, its index, or a transformation.
    var isNested: Bool

    /// The parentheses hold another variable, so that the name is known only at run time.
    var isDynamic: Bool { self.inner?.utf8.contains(UInt8(ascii: "$")) == true }

    /// All variables in `bytes`, the outer ones before those in them.
    ///
    /// - Complexity: linear in the text times the depth of nesting, which is bounded.
    static func all(in bytes: [UInt8]) -> [VariableMention] {
        guard bytes.contains(UInt8(ascii: "$")) else { return [] }
        var scan = Scan(bytes: bytes, closing: Self.closing(bytes))
        scan.run(0..<bytes.count, depth: 0)
        return scan.found
    }

    /// For each opening parenthesis the place of the one that closes it; -1 for none.
    private static func closing(_ bytes: [UInt8]) -> [Int32] {
        var result = [Int32](repeating: -1, count: bytes.count)
        var open: [Int] = []
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "(") { open.append(index) }
            if byte == UInt8(ascii: ")"), let start = open.popLast() { result[start] = Int32(clamping: index) }
        }
        return result
    }

    private struct Scan {
        static let depthLimit = 8

        let bytes: [UInt8]
        let closing: [Int32]
        var found: [VariableMention] = []

        mutating func run(_ range: Range<Int>, depth: Int) {
            guard depth < Self.depthLimit else { return }
            var position = range.lowerBound
            while position < range.upperBound {
                guard self.bytes[position] == UInt8(ascii: "$") else {
                    position += 1
                    continue
                }
                if position + 1 < range.upperBound, self.bytes[position + 1] == UInt8(ascii: "$") {
                    position += 2
                    continue
                }
                guard let mention = self.read(range, at: position, isNested: depth > 0) else {
                    position += 1
                    continue
                }
                self.found.append(mention)
                let end = mention.range.upperBound
                self.run(min(position + 2, end)..<end, depth: depth + 1)
                position = max(position + 1, end)
            }
        }

        private func read(_ range: Range<Int>, at dollar: Int, isNested: Bool) -> VariableMention? {
            let isLong = dollar + 1 < range.upperBound && self.bytes[dollar + 1] == UInt8(ascii: "(")
            let nameStart = dollar + (isLong ? 2 : 1)
            var position = nameStart
            if position < range.upperBound, self.bytes[position] == UInt8(ascii: "?") {
                position += 1
            } else {
                while position < range.upperBound, self.bytes[position].isIdentifierByte { position += 1 }
            }
            guard position > nameStart else { return nil }
            let name = String(decoding: self.bytes[nameStart..<position], as: UTF8.self)
            var innerRange: Range<Int>?
            if position < range.upperBound, self.bytes[position] == UInt8(ascii: "(") {
                guard let close = self.close(position, in: range) else { return nil }
                innerRange = position + 1..<close
                position = close + 1
            }
            if isLong {
                guard let close = self.close(dollar + 1, in: range), close >= position else { return nil }
                position = close + 1
            }
            return VariableMention(
                className: name, inner: innerRange.map { String(decoding: self.bytes[$0], as: UTF8.self) },
                range: dollar..<position, innerRange: innerRange, isNested: isNested)
        }

        private func close(_ open: Int, in range: Range<Int>) -> Int? {
            let close = Int(self.closing[open])
            return close >= 0 && close < range.upperBound ? close : nil
        }
    }
}
