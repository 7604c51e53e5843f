import Bytes
import Digests

/// Makes nonces and tells whether one is its own and still good; nothing is kept (RFC 7616 §3.3).
///
/// A nonce is Base64 of: second until which it holds (4 bytes), second it was made (4), seal (16), a second seal over
/// parts of the request where the configuration wants that (16), and where uses are counted a number (4) and a zero.
/// The seals are SHA-256 over a key and what they cover, cut; the key is made from the secret.
struct NonceSeal: Sendable {
    /// Why a nonce is refused, or its number when uses are counted.
    enum Verdict: Equatable {
        case good(number: UInt32)
        case stale
        /// Not made here, or changed.
        case forged
    }

    private static let sealLength = 16

    let state: NonceState
    let lifetime: UInt32
    let drift: UInt32
    let isCounted: Bool
    private let key: ByteString

    init(secret: ByteString, state: NonceState, lifetime: UInt32, drift: UInt32, isCounted: Bool) {
        self.state = state
        self.lifetime = lifetime
        self.drift = drift
        self.isCounted = isCounted
        let key = ByteBuffer(capacity: 64)
        DigestAlgorithm.sha256.append(of: secret.span, to: key)
        self.key = ByteString(key.span)
    }

    /// Appends a new nonce.
    /// - Parameters:
    ///   - now: second of the wall clock.
    ///   - algorithm: a nonce holds for the algorithm it was offered with only, so nobody is talked down to a weaker one.
    ///   - subject: what of the request the nonce is good for; nil: for any.
    func write(
        now: UInt32, _ algorithm: DigestAlgorithm, subject: ByteString?, _ work: DigestWork, to out: ByteBuffer
    ) {
        let nonce = work.nonce
        nonce.removeAll()
        Self.append(now &+ self.lifetime, to: nonce)
        Self.append(now, to: nonce)
        let number = self.isCounted ? self.state.nextNumber() : 0
        let facts = Facts(end: now &+ self.lifetime, made: now, number: number, algorithm: algorithm)
        self.seal(facts, nil, work.sealed, to: nonce)
        if let subject { self.seal(facts, subject, work.sealed, to: nonce) }
        if self.isCounted {
            Self.append(number, to: nonce)
            nonce.append(0)
        }
        Base64.encode(nonce.span, isURL: false, isPadded: true, to: out)
    }

    /// Whether the nonce is good now; constant time where secrets are compared.
    func check(
        _ text: Span<UInt8>, now: UInt32, _ algorithm: DigestAlgorithm, subject: ByteString?, _ work: DigestWork
    ) -> Verdict {
        let base = 8 + Self.sealLength
        let tail = self.isCounted ? 5 : 0
        let length = base + (subject == nil ? 0 : Self.sealLength) + tail
        guard text.count == (length + 2) / 3 * 4 else { return .forged }
        let nonce = work.nonce
        nonce.removeAll()
        guard Base64.decode(text, to: nonce), nonce.count == length else { return .forged }
        let number = self.isCounted ? Self.number(nonce, at: length - 5) : 0
        let end = Self.number(nonce, at: 0)
        let made = Self.number(nonce, at: 4)
        let facts = Facts(end: end, made: made, number: number, algorithm: algorithm)
        let seal = work.seal
        seal.removeAll()
        self.seal(facts, nil, work.sealed, to: seal)
        guard seal.count == Self.sealLength, nonce.span.extracting(8..<base).equalsInConstantTime(seal.span) else {
            return .forged
        }
        guard now < end, made <= now &+ self.drift else { return .stale }
        // Whether it was used before this server started nobody knows.
        if self.isCounted, made < self.state.started { return .stale }
        if let subject {
            seal.removeAll()
            self.seal(facts, subject, work.sealed, to: seal)
            let given = nonce.span.extracting(base..<(base + Self.sealLength))
            guard given.equalsInConstantTime(seal.span) else { return .stale }
        }
        return .good(number: number)
    }

    /// What every nonce says, and what its seal covers.
    private struct Facts {
        var end: UInt32
        var made: UInt32
        var number: UInt32
        var algorithm: DigestAlgorithm
    }

    /// - Parameter text: gets what the seal covers.
    private func seal(_ facts: Facts, _ subject: ByteString?, _ text: ByteBuffer, to out: ByteBuffer) {
        text.removeAll()
        text.append(self.key)
        Self.append(facts.end, to: text)
        Self.append(facts.made, to: text)
        Self.append(facts.number, to: text)
        text.append(UInt8(truncatingIfNeeded: facts.algorithm.rawValue))
        text.append(subject == nil ? 0 : 1)
        if let subject { text.append(subject) }
        let end = out.count + Self.sealLength
        if DigestAlgorithm.sha256.append(of: text.span, to: out) { out.truncate(to: end) }
    }

    private static func append(_ value: UInt32, to buffer: ByteBuffer) {
        buffer.append(word: UInt64(value.byteSwapped), count: 4)
    }

    private static func number(_ buffer: ByteBuffer, at index: Int) -> UInt32 {
        var value: UInt32 = 0
        for offset in 0..<4 { value = value << 8 | UInt32(buffer[index + offset]) }
        return value
    }
}
