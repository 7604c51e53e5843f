import Bytes
import CPCRE

/// A compiled Perl-compatible regular expression (PCRE2), shared by all threads. All `unsafe` code of the room is here.
///
/// Texts are bytes, not UTF-8 characters, unless the pattern begins with `(*UTF)`. A match that takes too many steps is
/// given up: a bad pattern costs milliseconds, never a worker.
@safe
public final class PerlExpression: @unchecked Sendable {  // only init and deinit change it
    /// What the library has against a pattern.
    public struct Failure: Error, Sendable, Equatable {
        public var message: String
        /// Bytes from the start of the pattern.
        public var offset: Int
    }

    /// Where it matched, and where its groups did.
    public struct Match: Sendable {
        var ranges = InlineArray<10, ByteRange>(repeating: .absent)

        /// Group 1 to 9; absent when it took no part. 0 is the whole match.
        public subscript(group: Int) -> ByteRange { group >= 0 && group < 10 ? self.ranges[group] : .absent }
    }

    public enum Outcome: Sendable {
        case matched(Match)
        case none
        /// Given up: too many steps, or text that the pattern cannot be used on.
        case failed
    }

    /// The pattern as it was written.
    public let pattern: ByteString
    /// Groups in parentheses.
    public let groupCount: Int
    private let compiled: OpaquePointer

    /// - Throws: `Failure` for a pattern that is not well formed, or too large.
    public init(_ pattern: ByteString, ignoringCase: Bool = false) throws(Failure) {
        self.pattern = pattern
        guard pattern.count <= 65_536 else { throw Failure(message: "the expression is too long", offset: 65_536) }
        var message = [CChar](repeating: 0, count: 256)
        var offset = 0
        // The library copies the pattern; the message is at most as long as the buffer, its end included.
        let made = unsafe pattern.bytes.withUnsafeBytes { bytes in
            unsafe message.withUnsafeMutableBufferPointer { text in
                unsafe apus_pcre_compile(
                    bytes.baseAddress, bytes.count, ignoringCase ? 1 : 0, text.baseAddress, text.count, &offset)
            }
        }
        guard let made = unsafe made else {
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw Failure(message: String(decoding: text, as: UTF8.self), offset: offset)
        }
        unsafe self.compiled = made
        self.groupCount = Int(unsafe apus_pcre_groups(made))
    }

    deinit { unsafe apus_pcre_free(self.compiled) }

    /// The first match in `text`. Ranges are into it.
    public func firstMatch(in text: Span<UInt8>) -> Outcome {
        var pairs = [Int](repeating: -1, count: 20)
        let status = unsafe text.withUnsafeBytes { bytes in
            unsafe pairs.withUnsafeMutableBytes { pairs in
                // Room for ten pairs of words, which the call fills.
                unsafe apus_pcre_match(
                    self.compiled, bytes.baseAddress, bytes.count, pairs.baseAddress?.assumingMemoryBound(to: Int.self),
                    10)
            }
        }
        guard status == 1 else { return status == 0 ? .none : .failed }
        var match = Match()
        for group in 0..<10 where pairs[group * 2] >= 0 {
            match.ranges[group] = ByteRange(pairs[group * 2], pairs[group * 2 + 1])
        }
        return .matched(match)
    }
}
