import Bytes
import COpenSSL

/// Hash functions of digest authentication (RFC 7616 §6.1, RFC 8760), computed by OpenSSL.
public enum DigestAlgorithm: Int32, Sendable, BitwiseCopyable, CaseIterable {
    case md5 = 0
    case sha256 = 1
    case sha512 = 2
    /// SHA-512 cut to 256 bits, with start values of its own (FIPS 180-4 §5.3.6).
    case sha512Of256 = 3

    /// As the `algorithm` parameter of a challenge has it.
    public var name: StaticString {
        switch self {
        case .md5: "MD5"
        case .sha256: "SHA-256"
        case .sha512: "SHA-512"
        case .sha512Of256: "SHA-512-256"
        }
    }

    /// Bytes of a digest.
    public var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha256, .sha512Of256: 32
        case .sha512: 64
        }
    }

    /// The algorithm of that name, in either case; nil when it is none of these.
    public init?(_ span: Span<UInt8>, _ range: ByteRange) {
        for algorithm in Self.allCases where span.equalsIgnoringCase(range, algorithm.name) {
            self = algorithm
            return
        }
        return nil
    }

    /// Appends the digest of `span`, which is not in `out`, as bytes.
    /// - Returns: false when the library does not offer the algorithm; nothing is appended then.
    @discardableResult
    public func append(of span: Span<UInt8>, to out: ByteBuffer) -> Bool {
        out.reserve(64)
        let start = out.count
        // 64 bytes are reserved behind the bytes in use, as many as the longest digest has.
        let length = unsafe span.withUnsafeBufferPointer { bytes in
            unsafe apus_digest(self.rawValue, bytes.baseAddress, bytes.count, out.baseAddress + start)
        }
        guard length > 0 else { return false }
        out.setCount(start + length)
        return true
    }

    /// Appends the digest of `span`, which is not in `out`, in lower-case hexadecimal.
    /// - Returns: false when the library does not offer the algorithm; nothing is appended then.
    @discardableResult
    public func appendHex(of span: Span<UInt8>, to out: ByteBuffer) -> Bool {
        let start = out.count
        guard self.append(of: span, to: out) else { return false }
        let count = out.count - start
        out.reserve(count)
        out.setCount(start + count * 2)
        // From the last byte on, so that none is overwritten before it is read.
        for index in (0..<count).reversed() {
            let byte = out[start + index]
            out[start + index * 2 + 1] = Self.digit(byte & 15)
            out[start + index * 2] = Self.digit(byte >> 4)
        }
        return true
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 &+ value : 87 &+ value }
}

extension Span where Element == UInt8 {
    /// Whether both hold the same bytes; how long that takes tells only the lengths, not where they differ.
    public func equalsInConstantTime(_ other: Span<UInt8>) -> Bool {
        guard self.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<self.count { difference |= self[index] ^ other[index] }
        return difference == 0
    }
}
