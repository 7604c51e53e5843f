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
        var result: [VariableMention] = []
        Self.scan(bytes[...], depth: 0, into: &result)
        return result
    }

    private static let depthLimit = 8

    private static func scan(_ bytes: ArraySlice<UInt8>, depth: Int, into result: inout [VariableMention]) {
        guard depth < Self.depthLimit else { return }
        var position = bytes.startIndex
        while let dollar = bytes[position...].firstIndex(of: UInt8(ascii: "$")) {
            position = dollar + 1
            if position < bytes.endIndex, bytes[position] == UInt8(ascii: "$") {
                position += 1
                continue
            }
            guard let mention = Self.read(bytes, at: dollar, isNested: depth > 0) else { continue }
            result.append(mention)
            let inside = bytes[min(dollar + 2, mention.range.upperBound)..<mention.range.upperBound]
            Self.scan(inside, depth: depth + 1, into: &result)
            position = max(position, mention.range.upperBound)
        }
    }

    private static func read(_ bytes: ArraySlice<UInt8>, at dollar: Int, isNested: Bool) -> VariableMention? {
        var position = dollar + 1
        let isLong = position < bytes.endIndex && bytes[position] == UInt8(ascii: "(")
        if isLong { position += 1 }
        let nameStart = position
        if position < bytes.endIndex, bytes[position] == UInt8(ascii: "?") {
            position += 1
        } else {
            while position < bytes.endIndex, bytes[position].isIdentifierByte { position += 1 }
        }
        guard position > nameStart else { return nil }
        let name = String(decoding: bytes[nameStart..<position], as: UTF8.self)
        var innerRange: Range<Int>?
        if position < bytes.endIndex, bytes[position] == UInt8(ascii: "(") {
            guard let close = Self.closing(bytes, from: position) else { return nil }
            innerRange = position + 1..<close
            position = close + 1
        }
        if isLong {
            guard let close = Self.closing(bytes, from: dollar + 1) else { return nil }
            position = close + 1
        }
        return VariableMention(
            className: name, inner: innerRange.map { String(decoding: bytes[$0], as: UTF8.self) },
            range: dollar..<position, innerRange: innerRange, isNested: isNested)
    }

    /// The parenthesis that closes the one at `open`.
    private static func closing(_ bytes: ArraySlice<UInt8>, from open: Int) -> Int? {
        var depth = 0
        for index in open..<bytes.endIndex {
            if bytes[index] == UInt8(ascii: "(") { depth += 1 }
            if bytes[index] == UInt8(ascii: ")") {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}
