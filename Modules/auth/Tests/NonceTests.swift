import Bytes
import Digests
import Testing

@testable import auth

@Suite("auth: nonces")
struct NonceTests {
    private func seal(_ secret: ByteString = "own", counted: Bool = false, started: UInt32 = 0) -> NonceSeal {
        NonceSeal(
            secret: secret, state: NonceState(clock: SteadyClock(wall: Int(started))), lifetime: 300, drift: 3,
            isCounted: counted)
    }

    private func nonce(_ seal: NonceSeal, now: UInt32, subject: ByteString? = nil) -> ByteString {
        let out = ByteBuffer(capacity: 64)
        seal.write(now: now, .md5, subject: subject, DigestWork(), to: out)
        return ByteString(out.span)
    }

    private func check(
        _ seal: NonceSeal, _ nonce: ByteString, now: UInt32, subject: ByteString? = nil
    ) -> NonceSeal.Verdict {
        seal.check(nonce.span, now: now, .md5, subject: subject, DigestWork())
    }

    @Test func `a nonce holds from a little before it was made until its time is over`() {
        let seal = self.seal()
        let nonce = self.nonce(seal, now: 1000)
        #expect(nonce.count == 32)
        for (now, verdict) in [
            (996, NonceSeal.Verdict.stale), (997, .good(number: 0)), (1000, .good(number: 0)),
            (1299, .good(number: 0)), (1300, .stale), (5000, .stale),
        ] as [(UInt32, NonceSeal.Verdict)] {
            #expect(self.check(seal, nonce, now: now) == verdict)
        }
    }

    @Test func `servers with the same secret know each other's nonces, others do not`() {
        let nonce = self.nonce(self.seal(), now: 1000)
        #expect(self.check(self.seal(), nonce, now: 1000) == .good(number: 0))
        #expect(self.check(self.seal("other"), nonce, now: 1000) == .forged)
    }

    @Test func `every changed character is noticed`() {
        let seal = self.seal(counted: true)
        let nonce = self.nonce(seal, now: 1000)
        // The last character before the padding stands for the zero byte.
        for index in 0..<(nonce.count - 2) {
            var changed = nonce
            changed.bytes[index] = changed.bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(self.check(seal, changed, now: 1000) == .forged)
        }
        #expect(self.check(seal, ByteString(), now: 1000) == .forged)
        #expect(self.check(seal, nonce + nonce, now: 1000) == .forged)
    }

    @Test func `a nonce is bound to what the configuration names`() {
        let seal = self.seal()
        let nonce = self.nonce(seal, now: 1000, subject: "call 1")
        #expect(nonce.count == 56)
        #expect(self.check(seal, nonce, now: 1000, subject: "call 1") == .good(number: 0))
        #expect(self.check(seal, nonce, now: 1000, subject: "call 2") == .stale)
        #expect(self.check(seal, nonce, now: 1000, subject: nil) == .forged)
    }

    @Test func `counted nonces of before the start are stale`() {
        let seal = self.seal(counted: true, started: 1000)
        #expect(self.check(seal, self.nonce(seal, now: 999), now: 1000) == .stale)
        #expect(self.check(seal, self.nonce(seal, now: 1000), now: 1000) == .good(number: 2))
    }

    @Test func `the ledger knows a use for as long as a nonce lives`() {
        let ledger = NonceLedger()
        #expect(ledger.note(16, count: nil, now: 1000, lifetime: 300, size: 1 << 20) == .first)
        #expect(ledger.look(16, count: nil) == .again)
        #expect(ledger.note(32, count: 5, now: 1299, lifetime: 300, size: 1 << 20) == .first)
        #expect(ledger.note(48, count: nil, now: 1301, lifetime: 300, size: 1 << 20) == .first)
        #expect(ledger.look(16, count: nil) == .again)
        #expect(ledger.look(32, count: 5) == .again)
        #expect(ledger.look(32, count: 6) == .first)
    }

    @Test func `a full ledger forgets nothing that could be used again`() {
        let ledger = NonceLedger()
        for number in UInt32(1)...10_000 {
            #expect(ledger.note(number, count: nil, now: 1000, lifetime: 300, size: 1024) == .first)
        }
        for number in UInt32(1)...10_000 { #expect(ledger.look(number, count: nil) == .again) }
        #expect(ledger.look(10_001, count: nil) == .first)
    }
}
