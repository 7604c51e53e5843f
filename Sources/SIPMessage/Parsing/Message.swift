import Bytes

/// A SIP message (or an HTTP request on a SIP port): its received bytes plus an index of where things are.
///
/// `parse()` finds the first line and every header field in one pass and copies nothing. Values are parsed when first
/// asked for and kept until the next `parse()`. All ranges are into `buffer`. Objects are pooled: one worker owns a
/// message, parses, routes and resets it; hence not `Sendable`.
public final class Message {
    public enum Kind: UInt8, Sendable, BitwiseCopyable {
        case request, response
        /// `GET /path HTTP/1.1`: indexed the same way, its path is `requestURI`.
        case http
    }

    /// More header fields than this are refused.
    public static let headerLimit = 2048

    /// The received bytes. The owner may put another buffer in its place, then `parse()`.
    @inlinable public var buffer: ByteBuffer {
        get { self.slot.buffer }
        set { self.slot.buffer = newValue }
    }

    /// Reads from `other` from the next `parse()` on, and gives the present buffer for it: neither is counted.
    @inlinable public func exchangeBuffer(with other: inout ByteBuffer) { self.slot.exchange(with: &other) }

    /// The bytes of `buffer`, for as long as the message is borrowed and its buffer stays as it is.
    @inlinable public var span: Span<UInt8> {
        @_lifetime(borrow self) get { self.slot.span(heldBy: self) }
    }

    @usableFromInline let slot: BufferSlot

    let fields = FlatStore<HeaderField>(capacity: 48)
    let line = Cell(FirstLine())
    let chains = Cell(Chains())
    let cache = Cell(ValueCache())
    let names = HeaderNameTable.shared

    public init(buffer: ByteBuffer = ByteBuffer(capacity: 2048)) {
        self.slot = BufferSlot(buffer)
    }

    /// A parsed copy of `bytes`, or nil when they are no message.
    public convenience init?(_ bytes: Span<UInt8>) {
        self.init(buffer: ByteBuffer(bytes))
        guard self.parse() == nil else { return nil }
    }

    /// Where the parts of the first line and the end of the header are.
    struct FirstLine: BitwiseCopyable {
        var kind = Kind.request
        var method = Method.other
        var methodRange = ByteRange.absent
        var requestURI = ByteRange.absent
        var version = ByteRange.absent
        var statusCode: Int32 = 0
        var reason = ByteRange.absent
        var start: Int32 = 0
        var firstHeaderStart: Int32 = 0
        var headersEnd: Int32 = 0
        var bodyStart: Int32 = 0
    }

    /// Index of the first and the last field of each `HeaderName`, or -1.
    struct Chains: BitwiseCopyable {
        var first = InlineArray<112, Int16>(repeating: -1)
        var last = InlineArray<112, Int16>(repeating: -1)
    }

    /// Forgets the index; the bytes stay.
    public func reset() {
        self.line.value = FirstLine()
        self.fields.removeAll()
        self.chains.value = Chains()
        self.cache.value.known = []
        self.cache.value.proper = []
    }

    /// Forgets an unusual message, and gives back what it took; one of the usual size stays.
    public func giveBackMemory() {
        if self.fields.capacity > 96 {
            self.reset()
            self.fields.removeAll(keeping: 48)
        }
        if self.buffer.count > 8192 {
            self.reset()
            self.buffer = ByteBuffer(capacity: 64)
        }
    }
}

extension Message {
    public var kind: Kind { self.line.value.kind }
    public var isRequest: Bool { self.line.value.kind == .request }
    public var isResponse: Bool { self.line.value.kind == .response }

    /// The request's method; of a response, that of its CSeq.
    public var method: Method { self.line.value.kind == .response ? self.cSeq.method : self.line.value.method }
    /// Text of the method; absent in responses.
    public var methodRange: ByteRange { self.line.value.methodRange }
    /// The Request-URI as received; absent in responses.
    public var requestURI: ByteRange { self.line.value.requestURI }
    /// `SIP/2.0`.
    public var versionRange: ByteRange { self.line.value.version }
    /// 100 to 699; 0 in requests.
    public var statusCode: Int { Int(self.line.value.statusCode) }
    /// Reason phrase, perhaps empty; absent in requests.
    public var reason: ByteRange { self.line.value.reason }

    /// First byte of the first line: line ends before it are skipped.
    public var start: Int { Int(self.line.value.start) }
    public var firstHeaderStart: Int { Int(self.line.value.firstHeaderStart) }
    /// Offset of the empty line that ends the header: where a header field is appended.
    public var headersEnd: Int { Int(self.line.value.headersEnd) }
    /// First byte after the empty line.
    public var bodyStart: Int { Int(self.line.value.bodyStart) }
    /// All bytes after the empty line, whatever Content-Length says.
    public var body: ByteRange { ByteRange(self.bodyStart, self.buffer.count) }
    /// Bytes in `buffer`.
    public var length: Int { self.buffer.count }
}
