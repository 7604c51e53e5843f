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
        var digest = Digest(repeating: 0)
        let length = self.compute(span, &digest)
        out.append(digest.span.extracting(0..<length))
        return length > 0
    }

    /// Appends the digest of `span` in lower-case hexadecimal.
    /// - Returns: false when the library does not offer the algorithm; nothing is appended then.
    @discardableResult
    public func appendHex(of span: Span<UInt8>, to out: ByteBuffer) -> Bool {
        var digest = Digest(repeating: 0)
        let length = self.compute(span, &digest)
        out.append(hexOf: digest.span.extracting(0..<length))
        return length > 0
    }

    /// As many bytes as the longest digest has.
    private typealias Digest = InlineArray<64, UInt8>

    /// - Returns: bytes of the digest, or 0.
    @inline(__always)
    private func compute(_ span: Span<UInt8>, _ digest: inout Digest) -> Int {
        var room = digest.mutableSpan
        return unsafe span.withUnsafeBufferPointer { bytes in
            // No digest is longer than the room.
            unsafe room.withUnsafeMutableBufferPointer { digest in
                unsafe apus_digest(self.rawValue, bytes.baseAddress, bytes.count, digest.baseAddress)
            }
        }
    }
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
