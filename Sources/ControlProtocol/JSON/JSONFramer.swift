/// Finds where one JSON document of a stream ends: by its brackets, as Kamailio does on its fifo.
///
/// It goes on where it stopped, so that a document that comes byte by byte takes no longer than one that comes at once.
/// Whether it is JSON the reader tells.
public struct JSONFramer: Sendable {
    public enum Framing: Equatable, Sendable {
        case incomplete
        /// Begins with something else than an object or a list, or is larger than `JSONReader` takes.
        case broken
        /// That many bytes, with the blanks before it and after it.
        case document(Int)
    }

    private var position = 0
    private var depth = 0
    private var isQuoted = false
    private var isEscaped = false

    public init() {}

    /// Looks at `bytes`: those of the last call, and what has come since.
    public mutating func frame(_ bytes: [UInt8]) -> Framing {
        while self.position < bytes.count {
            let byte = bytes[self.position]
            self.position += 1
            if self.isQuoted {
                if self.isEscaped {
                    self.isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    self.isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    self.isQuoted = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): self.depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                self.depth -= 1
                if self.depth == 0 { return .document(self.end(bytes)) }
                if self.depth < 0 { return .broken }
            case UInt8(ascii: "\"") where self.depth > 0: self.isQuoted = true
            case 0...0x20: break
            default: if self.depth == 0 { return .broken }
            }
        }
        return bytes.count > JSONReader.byteLimit ? .broken : .incomplete
    }

    private func end(_ bytes: [UInt8]) -> Int {
        var end = self.position
        while end < bytes.count, bytes[end] <= 0x20 { end += 1 }
        return end
    }
}
