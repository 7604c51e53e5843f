import Bytes
import Synchronization

/// What outlives reloads: the secret drawn at random, the number of the next nonce, and which have been used.
final class NonceState: Sendable {
    let secret: ByteString
    /// Nonces say when they were made by this clock: none becomes stale, or old again, when the machine's is set.
    private let clock: SteadyClock
    /// Second of that clock: what was used before then nobody knows.
    let started: UInt32
    let ledger = NonceLedger()
    private let counter = Atomic<UInt32>(0)

    init(clock: SteadyClock = SteadyClock()) {
        self.clock = clock
        self.started = UInt32(clamping: clock.seconds())
        let buffer = ByteBuffer(capacity: 32)
        for _ in 0..<2 { buffer.append(hex: .random(in: .min ... .max), digits: 16) }
        self.secret = ByteString(buffer.span)
    }

    /// Second since 1970.
    var now: UInt32 { UInt32(clamping: self.clock.seconds()) }

    func nextNumber() -> UInt32 { self.counter.wrappingAdd(1, ordering: .relaxed).newValue }
}
