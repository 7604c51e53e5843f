import Bytes

/// What came of an HTTP request.
public struct HTTPResponse: Sendable {
    /// libcurl's result: 0 when an answer came, else a number whose text `HTTPLibrary.text` has.
    public var result: Int
    /// 0 when there is none.
    public var status = 0
    /// First line and header fields of the last answer, with their line ends.
    public var header = ByteString()
    public var body = ByteString()
    /// The body was longer than was to be kept.
    public var isCut = false
    /// Where the last answer came from, after redirects.
    public var url = ByteString()
    /// Where it says to go instead.
    public var redirect = ByteString()
    public var times = HTTPTimes()

    public init(result: Int) { self.result = result }

    /// libcurl's results that mean something here.
    public static let unsupportedScheme = 1
    public static let notConnected = 7
    public static let outOfMemory = 27
    public static let timedOut = 28

    /// The reason phrase of the first line; empty when it has none.
    public var reason: ByteString {
        let line = Self.line(self.header.bytes[...])
        guard let first = line.firstIndex(of: 32), let second = line[line.index(after: first)...].firstIndex(of: 32)
        else { return ByteString() }
        return ByteString(Array(line[line.index(after: second)...]))
    }

    /// The values of a header field, first to last, without regard to the case of its name.
    public func values(of name: ByteString) -> [ByteString] {
        var values: [ByteString] = []
        var rest = self.header.bytes[...]
        while !rest.isEmpty {
            let line = Self.line(rest)
            if let colon = line.firstIndex(of: UInt8(ascii: ":")), Self.equals(line[..<colon], name) {
                let value = line[line.index(after: colon)...].drop { $0 == 32 || $0 == 9 }
                values.append(ByteString(Array(value)))
            }
            guard let end = rest.firstIndex(of: 10) else { break }
            rest = rest[rest.index(after: end)...]
        }
        return values
    }

    /// The bytes up to the end of the first line, without it.
    public static func line(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = bytes.prefix { $0 != 10 }
        if line.last == 13 { line.removeLast() }
        return line
    }

    private static func equals(_ bytes: ArraySlice<UInt8>, _ name: ByteString) -> Bool {
        guard bytes.count == name.count else { return false }
        func folded(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
        return zip(bytes, name.bytes).allSatisfy { folded($0) == folded($1) }
    }
}

/// How long the parts of a request took, each in microseconds from its start.
public struct HTTPTimes: Sendable {
    public var total = 0
    public var lookup = 0
    public var connect = 0
    public var tls = 0
    public var pretransfer = 0
    public var firstByte = 0
    public var redirects = 0

    public init() {}
}
