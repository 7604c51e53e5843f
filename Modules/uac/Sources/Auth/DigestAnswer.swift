import Bytes
import ModuleKit
import pv

/// The credentials of one user in one realm.
struct Credential: Equatable, Sendable {
    var user: ByteString
    var realm: ByteString
    var password: ByteString
    /// The password is H(user:realm:password) in hexadecimal already.
    var isHashed = false

    init(user: ByteString, realm: ByteString, password: ByteString, isHashed: Bool = false) {
        self.user = user
        self.realm = realm
        self.password = password
        self.isHashed = isHashed
    }

    /// Reads `user:realm:password`; the password may have colons.
    /// - Throws: `ArgumentError`.
    init(_ text: ByteString) throws {
        let parts = text.bytes.split(
            separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw ArgumentError("a credential is user:realm:password, not \(text)")
        }
        self.init(
            user: ByteString(Array(parts[0])), realm: ByteString(Array(parts[1])), password: ByteString(Array(parts[2]))
        )
    }
}

/// The answer to a challenge: the value of Authorization or Proxy-Authorization (RFC 7616 §3.4).
struct DigestAnswer: Sendable {
    let challenge: DigestChallenge
    let credential: Credential
    let method: ByteString
    let uri: ByteString
    /// Of the request, for auth-int.
    var body = ByteString()
    var clientNonce: ByteString
    /// How often the nonce has been used, this time included.
    var count = 1

    init(
        _ challenge: DigestChallenge, _ credential: Credential, method: ByteString, uri: ByteString,
        clientNonce: ByteString = DigestAnswer.newClientNonce()
    ) {
        self.challenge = challenge
        self.credential = credential
        self.method = method
        self.uri = uri
        self.clientNonce = clientNonce
    }

    static func newClientNonce() -> ByteString {
        let buffer = ByteBuffer(capacity: 16)
        buffer.append(hex: .random(in: .min ... .max), digits: 16)
        return ByteString(buffer.span)
    }

    /// The digest that proves the password, in hexadecimal.
    var response: ByteString {
        var first = self.credential.password
        if !self.credential.isHashed {
            first = self.digest(self.credential.user, self.challenge.realm, self.credential.password)
        }
        if self.challenge.algorithm.isSession { first = self.digest(first, self.challenge.nonce, self.clientNonce) }
        let second =
            self.challenge.protection == .integrity
            ? self.digest(self.method, self.uri, self.digest(self.body)) : self.digest(self.method, self.uri)
        guard let word = self.protection else { return self.digest(first, self.challenge.nonce, second) }
        return self.digest(
            first, self.challenge.nonce, self.countText, self.clientNonce, ByteString("\(word)"), second)
    }

    /// The whole value: `Digest username="…", …`.
    var value: ByteString {
        let buffer = ByteBuffer(capacity: 256)
        buffer.append("Digest username=\"")
        buffer.append(self.credential.user)
        buffer.append("\", realm=\"")
        buffer.append(self.challenge.realm)
        buffer.append("\", nonce=\"")
        buffer.append(self.challenge.nonce)
        buffer.append("\", uri=\"")
        buffer.append(self.uri)
        buffer.append("\", ")
        if let opaque = self.challenge.opaque {
            buffer.append("opaque=\"")
            buffer.append(opaque)
            buffer.append("\", ")
        }
        if let protection = self.protection {
            buffer.append("qop=")
            buffer.append(protection)
            buffer.append(", nc=")
            buffer.append(self.countText)
            buffer.append(", ")
        }
        if self.protection != nil || self.challenge.algorithm.isSession {
            buffer.append("cnonce=\"")
            buffer.append(self.clientNonce)
            buffer.append("\", ")
        }
        buffer.append("response=\"")
        buffer.append(self.response)
        buffer.append("\", algorithm=")
        buffer.append(self.challenge.algorithm.name)
        return ByteString(buffer.span)
    }

    private var protection: String? {
        switch self.challenge.protection {
        case .none: nil
        case .authentication: "auth"
        case .integrity: "auth-int"
        }
    }

    private var countText: ByteString {
        let buffer = ByteBuffer(capacity: 8)
        buffer.append(hex: UInt64(self.count), digits: 8)
        return ByteString(buffer.span)
    }

    /// The digest of the parts with colons between them.
    private func digest(_ parts: ByteString...) -> ByteString {
        let text = ByteBuffer(capacity: 256)
        for (index, part) in parts.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ":")) }
            text.append(part)
        }
        let bytes: [UInt8]
        switch self.challenge.algorithm {
        case .md5, .md5Session: bytes = MD5.digest(text.span)
        case .sha256, .sha256Session: bytes = SHA256.digest(text.span)
        }
        let out = ByteBuffer(capacity: 64)
        for byte in bytes { out.append(hex: UInt64(byte), digits: 2) }
        return ByteString(out.span)
    }
}

/// How often each nonce of a server has been used: an answer says it (RFC 7616 §3.4, `nc`).
final class NonceCounts: Sendable {
    private static let limit = 4096
    private let counts = Lock<[ByteString: Int]>([:])

    /// The number of the next use.
    func next(_ nonce: ByteString) -> Int {
        self.counts.withLock { counts in
            // Servers make new nonces all the time; the old ones are not asked for again.
            if counts.count >= Self.limit { counts.removeAll(keepingCapacity: true) }
            let count = counts[nonce, default: 0] + 1
            counts[nonce] = count
            return count
        }
    }
}
