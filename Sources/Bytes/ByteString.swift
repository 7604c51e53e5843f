/// Immutable bytes that are text most of the time: names, script strings, header values that outlive their message.
///
/// Equality and hashing are by byte. SIP text need not be valid UTF-8, so nothing is checked and nothing is repaired.
public struct ByteString: Hashable, Sendable {
    public var bytes: [UInt8]

    @inlinable
    public init() { self.bytes = [] }

    @inlinable
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    @inlinable
    public init(_ text: String) { self.bytes = Array(text.utf8) }

    /// Copies `range` of `span`; an absent range gives no bytes. Bounds are checked.
    @inlinable
    public init(_ span: Span<UInt8>, _ range: ByteRange) {
        guard range.isPresent, range.count > 0 else {
            self.bytes = []
            return
        }
        let part = span.extracting(range.indices)
        // Cheaper than an uninitialised array: the library has this one for bytes, and the other only for any element.
        self.bytes = unsafe part.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Holds a copy of `span` from now on, in the room it has when nobody shares it.
    public mutating func replace(with span: Span<UInt8>) {
        guard self.bytes.capacity >= span.count else {
            self = ByteString(span)
            return
        }
        self.bytes.removeAll(keepingCapacity: true)
        unsafe span.withUnsafeBufferPointer { unsafe self.bytes.append(contentsOf: $0) }
    }

    /// The bytes of two spans, one behind the other.
    public init(joining first: Span<UInt8>, _ second: Span<UInt8>) {
        let total = first.count + second.count
        self.bytes = unsafe [UInt8](unsafeUninitializedCapacity: total) { target, count in
            // The target has room for both.
            unsafe first.withUnsafeBufferPointer { source in
                if let from = source.baseAddress, let to = target.baseAddress {
                    unsafe to.update(from: from, count: source.count)
                }
            }
            unsafe second.withUnsafeBufferPointer { source in
                if let from = source.baseAddress, let to = target.baseAddress {
                    unsafe (to + first.count).update(from: from, count: source.count)
                }
            }
            count = total
        }
    }

    @inlinable
    public init(_ span: Span<UInt8>) { self.init(span, ByteRange(start: 0, count: span.count)) }

    @inlinable
    public init(decimal value: Int) { self.bytes = Array(String(value).utf8) }

    @inlinable public var count: Int { self.bytes.count }
    @inlinable public var isEmpty: Bool { self.bytes.isEmpty }
    @inlinable public var span: Span<UInt8> {
        @_lifetime(borrow self) get { self.bytes.span }
    }
    /// The text, with bytes that are not UTF-8 replaced: for people, never for comparisons.
    public var string: String { String(decoding: self.bytes, as: UTF8.self) }

    public static func + (left: ByteString, right: ByteString) -> ByteString {
        ByteString(left.bytes + right.bytes)
    }
}

extension ByteString: ExpressibleByStringLiteral, CustomStringConvertible, Comparable {
    public init(stringLiteral value: String) { self.init(value) }
    public var description: String { self.string }
    public static func < (left: ByteString, right: ByteString) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
