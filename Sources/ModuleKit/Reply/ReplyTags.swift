import Bytes
import SIPMessage

/// To tags of replies that the server makes itself: 32 hexadecimal digits of its own, a separator, 8 of the message.
///
/// The second half is a keyed hash of what a retransmission and the ACK to a negative reply have in common with the
/// request: Call-ID and the branch of the top Via. So a tag needs no memory: made again it is the same, and an
/// ACK that brings one back is known by it.
public final class ReplyTags: Sendable {
    /// Who replies; the tags of the two never are the same.
    public enum Origin: Sendable, BitwiseCopyable {
        /// Separator `.`.
        case stateless
        /// Separator `-`.
        case transaction
    }

    /// Length of every tag.
    public static let length = 41

    private let seed: UInt64
    private let stateless: ByteString
    private let transaction: ByteString

    public init() {
        self.seed = .random(in: .min ... .max)
        self.stateless = Self.prefix(".")
        self.transaction = Self.prefix("-")
    }

    private static func prefix(_ separator: StaticString) -> ByteString {
        let buffer = ByteBuffer(capacity: 33)
        buffer.append(hex: .random(in: .min ... .max), digits: 16)
        buffer.append(hex: .random(in: .min ... .max), digits: 16)
        buffer.append(separator)
        return ByteString(buffer.span)
    }

    /// The tags of the server: one secret for all modules, kept over reloads.
    public static func shared(by host: any ModuleHost) -> ReplyTags { host.shared("core.reply-tags") { ReplyTags() } }

    /// Appends the tag for replies to `request`.
    public func write(_ origin: Origin, for request: Message, to buffer: ByteBuffer) {
        buffer.append(origin == .stateless ? self.stateless : self.transaction)
        buffer.append(hex: self.hash(request), digits: 8)
    }

    /// The same for a request that was only glanced at.
    public func write(_ origin: Origin, for request: RequestGlance, in span: Span<UInt8>, to buffer: ByteBuffer) {
        buffer.append(origin == .stateless ? self.stateless : self.transaction)
        buffer.append(hex: self.hash(span, request.callID, request.topVia.branch), digits: 8)
    }

    /// Whether the To tag of `request` is one that `write` makes for its transaction: it acknowledges our reply.
    public func isOwn(_ origin: Origin, in request: Message) -> Bool {
        self.isOwn(origin, request.to.tag, request.span, request.callID, request.topVia.branch)
    }

    /// The same for a request that was only glanced at.
    public func isOwn(_ origin: Origin, in request: RequestGlance, _ span: Span<UInt8>) -> Bool {
        self.isOwn(origin, request.toTag, span, request.callID, request.topVia.branch)
    }

    private func isOwn(
        _ origin: Origin, _ tag: ByteRange, _ span: Span<UInt8>, _ callID: ByteRange, _ branch: ByteRange
    ) -> Bool {
        guard tag.length == Self.length else { return false }
        let prefix = origin == .stateless ? self.stateless : self.transaction
        guard span.equals(ByteRange(start: tag.lower, count: prefix.count), prefix.span) else { return false }
        var value: UInt64 = 0
        for index in (tag.lower + prefix.count)..<tag.upper {
            guard let digit = span[index].hexValue else { return false }
            value = value << 4 | UInt64(digit)
        }
        return value == self.hash(span, callID, branch)
    }

    private func hash(_ request: Message) -> UInt64 {
        self.hash(request.span, request.callID, request.topVia.branch)
    }

    private func hash(_ span: Span<UInt8>, _ callID: ByteRange, _ branch: ByteRange) -> UInt64 {
        var hash = span.keyedHash(callID, seed: self.seed)
        hash = HashSeed.fold(hash, span.keyedHash(branch, seed: self.seed) | 1)
        return (hash ^ hash >> 32) & 0xffff_ffff
    }
}
