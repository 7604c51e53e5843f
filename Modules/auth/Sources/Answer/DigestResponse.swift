import Bytes
import Digests
import SIPMessage

/// Computes what a client that knows the password answers (RFC 7616 §3.4.1).
struct DigestResponse: BitwiseCopyable {
    enum Protection: BitwiseCopyable {
        case none
        case authentication
        /// The body is covered too.
        case integrity
        /// A word that nobody knows; no answer is right.
        case unknown
    }

    let algorithm: DigestAlgorithm
    let isSession: Bool
    let protection: Protection

    /// - Parameter fallback: for credentials that name no algorithm, or one that is unknown.
    init(_ span: Span<UInt8>, _ credentials: DigestCredentials, fallback: DigestAlgorithm) {
        var name = credentials.algorithm
        var isSession = false
        if name.length > 5, span.equalsIgnoringCase(ByteRange(start: name.upper - 5, count: 5), "-sess") {
            name = ByteRange(name.lower, name.upper - 5)
            isSession = true
        }
        let known = name.isPresent ? DigestAlgorithm(span, name) : nil
        self.algorithm = known ?? fallback
        self.isSession = isSession && known != nil
        self.protection =
            if credentials.protection.count <= 0 {
                .none
            } else if span.equalsIgnoringCase(credentials.protection, "auth") {
                .authentication
            } else if span.equalsIgnoringCase(credentials.protection, "auth-int") {
                .integrity
            } else {
                .unknown
            }
    }

    /// Whether the fields are there that an answer needs, in the form it needs.
    func isComplete(_ span: Span<UInt8>, _ credentials: DigestCredentials) -> Bool {
        guard credentials.username.count > 0, credentials.nonce.count > 0, credentials.uri.isPresent,
            credentials.realm.isPresent, credentials.response.length == self.algorithm.byteCount * 2
        else { return false }
        if self.isSession, credentials.clientNonce.count <= 0 { return false }
        guard credentials.protection.count > 0 else { return true }
        return credentials.clientNonce.count > 0 && Self.count(span, credentials) != nil
    }

    /// The count of a protected answer: exactly eight hexadecimal digits.
    static func count(_ span: Span<UInt8>, _ credentials: DigestCredentials) -> UInt32? {
        guard credentials.count.length == 8 else { return nil }
        var value: UInt32 = 0
        for index in credentials.count.indices {
            guard let digit = span[index].hexValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// Writes H(user:realm:password) in hexadecimal, or what stands for it, into `work.first`.
    func writeFirst(
        _ span: Span<UInt8>, _ credentials: DigestCredentials, _ secret: StoredSecret, _ work: DigestWork
    ) -> Bool {
        let text = work.text
        let out = work.first
        text.removeAll()
        out.removeAll()
        switch secret {
        case .password(let password):
            text.append(span, credentials.username)
            text.append(UInt8(ascii: ":"))
            text.append(span, credentials.realm)
            text.append(UInt8(ascii: ":"))
            text.append(password)
            guard self.algorithm.appendHex(of: text.span, to: out) else { return false }
        case .hash(let hash):
            guard hash.count == self.algorithm.byteCount * 2 else { return false }
            for byte in hash.bytes { out.append(byte.lowercased) }
        }
        guard self.isSession else { return true }
        text.removeAll()
        text.append(out.span)
        text.append(UInt8(ascii: ":"))
        text.append(span, credentials.nonce)
        text.append(UInt8(ascii: ":"))
        text.append(span, credentials.clientNonce)
        out.removeAll()
        return self.algorithm.appendHex(of: text.span, to: out)
    }

    /// Writes the response in hexadecimal into `work.answer`, once `writeFirst` has written into `work.first`.
    /// - Parameter method: empty for the server's own proof in Authentication-Info.
    func write(
        _ span: Span<UInt8>, _ credentials: DigestCredentials, method: Span<UInt8>, body: ByteRange, _ work: DigestWork
    ) -> Bool {
        let text = work.text
        let first = work.first
        let second = work.second
        text.removeAll()
        second.removeAll()
        work.answer.removeAll()
        second.append(method)
        second.append(UInt8(ascii: ":"))
        second.append(span, credentials.uri)
        if self.protection == .integrity {
            second.append(UInt8(ascii: ":"))
            let covered = body.count > 0 ? body : ByteRange(start: 0, count: 0)
            guard self.algorithm.appendHex(of: span.extracting(covered.indices), to: second) else { return false }
        }
        text.append(first.span)
        text.append(UInt8(ascii: ":"))
        text.append(span, credentials.nonce)
        text.append(UInt8(ascii: ":"))
        if self.protection != .none {
            text.append(span, credentials.count)
            text.append(UInt8(ascii: ":"))
            text.append(span, credentials.clientNonce)
            text.append(UInt8(ascii: ":"))
            text.append(span, credentials.protection)
            text.append(UInt8(ascii: ":"))
        }
        guard self.algorithm.appendHex(of: second.span, to: text) else { return false }
        return self.algorithm.appendHex(of: text.span, to: work.answer)
    }
}
