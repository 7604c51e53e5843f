import Bytes
import Synchronization

/// What outlives reloads: the secret drawn at random, the number of the next nonce, and which have been used.
final class NonceState: Sendable {
    let secret: ByteString
    /// Second of the wall clock: what was used before then nobody knows.
    let started: UInt32
    let ledger = NonceLedger()
    private let counter = Atomic<UInt32>(0)

    init(started: UInt32) {
        self.started = started
        let buffer = ByteBuffer(capacity: 32)
        for _ in 0..<2 { buffer.append(hex: .random(in: .min ... .max), digits: 16) }
        self.secret = ByteString(buffer.span)
    }

    func nextNumber() -> UInt32 { self.counter.wrappingAdd(1, ordering: .relaxed).newValue }
}
