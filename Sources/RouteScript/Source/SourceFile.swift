/// One text that was read: a file, or text put in its place, with where it came from.
public struct SourceFile: Sendable {
    public enum Origin: Sendable {
        /// A file; `includedAt` is `.none` for the first one.
        case file(includedAt: SourceRange)
        /// The value of a define, put in the place of its name at `usedAt`.
        case define(name: String, definedAt: SourceRange, usedAt: SourceRange)
        /// Text from `-A`, `--subst` and the like.
        case commandLine
    }

    public let id: SourceID
    /// The path as given, or the name of the define.
    public let name: String
    public let origin: Origin
    public let bytes: [UInt8]
    /// Offsets at which lines begin. Only files have them; the value of a define is one line.
    let lineStarts: [Int32]

    init(id: SourceID, name: String, origin: Origin, bytes: [UInt8]) {
        self.id = id
        self.name = name
        self.origin = origin
        self.bytes = bytes
        var starts: [Int32] = [0]
        if case .file = origin {
            for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
                starts.append(Int32(clamping: offset + 1))
            }
        }
        self.lineStarts = starts
    }

    /// The line with the given number (from 1), without its line end; empty when there is none.
    public func line(_ number: Int) -> ArraySlice<UInt8> {
        guard number >= 1, number <= self.lineStarts.count else { return [] }
        let start = Int(self.lineStarts[number - 1])
        var end = number < self.lineStarts.count ? Int(self.lineStarts[number]) - 1 : self.bytes.count
        if end > start, self.bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return self.bytes[start..<max(start, end)]
    }

    /// Line and column of a byte offset.
    public func location(at offset: Int) -> SourceLocation {
        let offset = min(max(offset, 0), self.bytes.count)
        var low = 0
        var high = self.lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(self.lineStarts[middle]) <= offset { low = middle } else { high = middle }
        }
        return SourceLocation(
            source: self.id, offset: offset, line: low + 1, column: offset - Int(self.lineStarts[low]) + 1
        )
    }

    /// The bytes of a range that lies in this text.
    public func text(from start: SourceLocation, to end: SourceLocation) -> ArraySlice<UInt8> {
        let lower = min(max(Int(start.offset), 0), self.bytes.count)
        let upper = min(max(Int(end.offset), lower), self.bytes.count)
        return self.bytes[lower..<upper]
    }
}
