import Bytes
import SIPMessage

/// What tells a transaction from others of one Call-ID and CSeq number (RFC 3261 §17.2.3), as hashes under the secret of
/// the process: whoever does not know that cannot make two that are equal, and by chance it does not happen.
struct MatchingKey: BitwiseCopyable, Equatable {
    /// Branch parameter and sent-by of the topmost Via.
    let via: UInt64
    let fromTag: UInt64
    /// The branch parameter begins with the magic cookie.
    let hasCookie: Bool

    init(_ message: borrowing Message) {
        let span = message.span
        let via = message.topVia
        let seed = HashSeed.process
        self.via = span.keyedHash(via.branch, seed: span.keyedHashIgnoringCase(via.sentBy, seed: seed))
        self.fromTag = span.keyedHash(message.from.tag, seed: seed)
        self.hasCookie = via.hasCookie(span)
    }

    /// Of a request that is matched by nothing that comes in.
    static let none = MatchingKey()
    private init() {
        self.via = 0
        self.fromTag = 0
        self.hasCookie = false
    }
}
