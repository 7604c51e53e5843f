import Bytes

/// A value of From, To, Contact, Route and their like: `"Name" <uri>;parameters` (RFC 3261 §20.10, §20.20, §20.39).
///
/// Without angle brackets everything from the first semicolon on belongs to the header field, not to the URI.
public struct NameAddress: BitwiseCopyable, Sendable {
    /// False when the text is not such a value; the other properties mean nothing then.
    public var isValid = false
    /// `Contact: *`.
    public var isStar = false
    /// Quality in thousandths, 0 to 1000, or -1 when there is none or it is not a qvalue.
    public var q: Int16 = -1
    /// Display name as received, quotes included; absent when there is none.
    public var displayName = ByteRange.absent
    public var uri = ByteRange.absent
    /// The URI with its angle brackets where it has them.
    public var uriIncludingBrackets = ByteRange.absent
    /// All parameters, from the first semicolon; empty at the end of the value when there are none.
    public var parameters = ByteRange.absent
    /// Value of the `tag` parameter; absent when there is none.
    public var tag = ByteRange.absent
    /// Value of the `expires` parameter in seconds, or -1; more than 2³¹-1 counts as that.
    public var expires = -1
    /// First byte of the value.
    public var start = 0
    /// Past the last byte of the value, white space and comma not included.
    public var end = 0
    /// Where the value's list goes on: its comma, or the end of the header value.
    public var listEnd = 0
    /// Index of the header field that holds it, or -1 when it was not parsed from a message's field.
    public var fieldIndex = -1

    public init() {}

    @inlinable public var range: ByteRange { ByteRange(self.start, self.end) }
    @inlinable public var hasTag: Bool { self.tag.count > 0 }
    @inlinable public var hasBrackets: Bool { self.uriIncludingBrackets.count != self.uri.count }

    /// The display name without its quotes; escapes are kept.
    public func displayText(_ span: Span<UInt8>) -> ByteRange {
        guard self.displayName.length >= 2, span[self.displayName.lower] == 34 else { return self.displayName }
        return ByteRange(start: self.displayName.lower + 1, count: self.displayName.length - 2)
    }

    /// Value of the parameter called `name`; absent range when it has no value, nil when there is none.
    public func parameter(_ span: Span<UInt8>, named name: Span<UInt8>) -> ByteRange? {
        findParameter(span, self.parameters, name)
    }

    /// Parses one value that is not from a message's index: a script string, a stored Path.
    /// - Parameter isList: whether a comma ends the value; otherwise a comma makes it invalid.
    public init(_ span: Span<UInt8>, _ range: ByteRange, isList: Bool = false) {
        self.init(span, from: max(range.lower, 0), to: range.upper, isList: isList, field: -1)
    }
}
