import Bytes

/// One header field in the index of a message. All offsets are into `Message.buffer`.
public struct HeaderField: BitwiseCopyable, Sendable {
    /// The bytes of the name, without blanks before the colon.
    public var nameRange: ByteRange
    /// The value without white space at either end; line folding inside is kept as received.
    public var value: ByteRange
    /// First byte of the name.
    public var start: Int32
    /// Past the line end of the field's last line.
    public var end: Int32
    /// Index of the next field with the same `HeaderName`, or -1. Fields named `other` form one chain.
    public var next: Int16
    public var name: HeaderName

    /// The whole field with its line end.
    @inlinable public var range: ByteRange { ByteRange(Int(self.start), Int(self.end)) }
}

/// Why bytes are not a message.
public struct ParseFailure: Error, Hashable, Sendable, BitwiseCopyable {
    public enum Reason: UInt8, Sendable, BitwiseCopyable {
        /// Nothing but line ends (a keep-alive), or nothing at all.
        case empty
        /// No line end after the first line.
        case firstLineUnfinished
        /// Neither `METHOD URI VERSION` with single spaces nor a status line.
        case badFirstLine
        case badMethod
        case badStatusCode
        case badVersion
        /// A header line without a colon, or with a name that is empty or has blanks or control bytes inside.
        case badHeader
        case tooManyHeaders
        /// The bytes end before the empty line that ends the header.
        case headerUnfinished
        /// More bytes than offsets can name.
        case tooLong
    }

    public var reason: Reason
    /// Bytes from the start of the buffer.
    public var offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension ParseFailure: CustomStringConvertible {
    public var description: String { "\(self.reason) at byte \(self.offset)" }
}
