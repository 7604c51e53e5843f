import Bytes
import ModuleKit

/// What the module has with a message: which credentials it looked at last, and buffers for what it computes, which serve
/// one message after the other.
final class DigestWork: ReusableState {
    /// The header field whose credentials were checked last, for `consume_credentials()`; -1: none was.
    var field = -1
    /// A nonce, not encoded.
    let nonce = ByteBuffer(capacity: 64)
    /// What a seal covers.
    let sealed = ByteBuffer(capacity: 192)
    let seal = ByteBuffer(capacity: 64)
    /// H(user:realm:password) in hexadecimal.
    let first = ByteBuffer(capacity: 128)
    /// Method and URI, and what integrity adds.
    let second = ByteBuffer(capacity: 256)
    /// What the digest of an answer covers.
    let text = ByteBuffer(capacity: 384)
    /// The right answer in hexadecimal.
    let answer = ByteBuffer(capacity: 128)

    init() {}

    func clear() {
        self.field = -1
        // These grow with what a stranger sends.
        Self.empty(self.sealed)
        Self.empty(self.second)
        Self.empty(self.text)
    }

    private static func empty(_ buffer: ByteBuffer) {
        buffer.removeAll()
        if buffer.capacity > 4096 { buffer.shrink(to: 384) }
    }
}
