/// Cuts the stream of an editor into messages: header lines with `Content-Length`, an empty line, that many bytes.
public struct MessageFraming {
    public enum Failure: Error, Equatable {
        case noLength
        case tooLarge(Int)
    }

    /// Larger messages end the conversation: a document of this size is no configuration.
    public static let limit = 64 << 20
    private static let headerLimit = 8192

    private var buffer: [UInt8] = []

    public init() {}

    public mutating func append(_ bytes: some Sequence<UInt8>) { self.buffer += bytes }

    /// The body of the next message; nil when more bytes are needed.
    public mutating func next() throws(Failure) -> [UInt8]? {
        guard let end = self.endOfHeader else {
            if self.buffer.count > Self.headerLimit { throw .noLength }
            return nil
        }
        let header = String(decoding: self.buffer[..<end], as: UTF8.self)
        guard let length = Self.length(in: header) else { throw .noLength }
        guard length <= Self.limit else { throw .tooLarge(length) }
        let start = end + 4
        guard self.buffer.count >= start + length else { return nil }
        let body = Array(self.buffer[start..<start + length])
        self.buffer.removeFirst(start + length)
        return body
    }

    private var endOfHeader: Int? {
        let mark: [UInt8] = [13, 10, 13, 10]
        guard self.buffer.count >= 4 else { return nil }
        return (0...min(self.buffer.count - 4, Self.headerLimit)).first { self.buffer[$0..<$0 + 4].elementsEqual(mark) }
    }

    private static func length(in header: String) -> Int? {
        for line in header.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
            let text = parts[1].filter { $0 != " " && $0 != "\t" }
            return Int(text).flatMap { $0 >= 0 ? $0 : nil }
        }
        return nil
    }

    public static func frame(_ message: JSON) -> [UInt8] {
        let body = message.bytes
        return Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
    }
}
