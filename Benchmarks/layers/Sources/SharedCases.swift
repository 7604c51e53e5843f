import Bytes
import SIPMessage
import SIPTransport

/// Nobody is asked: what is not kept is a fault of the case.
private struct NoSource: NameSource {
    func ask(_ question: DNSQuestion, _ settings: NameSettings, answer: @escaping @Sendable (DNSAnswer) -> Void) {
        answer(.failure)
    }
    func stop() {}
}

/// What workers share beside tables of records: texts kept once, answers of DNS servers, timers that fire.
@MainActor let sharedCases: [Case] = {
    let interner = Interner()
    let known = ByteString("a phone of some kind 1.2.3")
    _ = interner.intern(known.span)
    var turn: UInt64 = 0
    let text = ByteBuffer(capacity: 64)
    let resolver = Resolver(source: NoSource())
    resolver.remember([IPAddress("192.0.2.7") ?? .anyIPv4], of: "gw.example.org", for: nil)
    let target = NextHopTarget(host: "gw.example.org", port: 5060, transport: .udp, isSecure: false)
    var wheel = TimerWheel<UInt64>(now: .zero)
    var fired = 0
    for second in 0..<64_000 as Range<Int64> {
        _ = wheel.arm(0, at: Instant(milliseconds: 1_000_000_000 + second))
    }
    return [
        Case("intern a known text and release it") {
            if let id = interner.intern(known.span) { interner.release(id) }
        },
        // Tables grow as they fill: its share of the cost is in it.
        Case("intern a new text") {
            turn &+= 1
            text.removeAll()
            text.append(known)
            text.append(hex: turn, digits: 8)
            _ = interner.intern(text.span)
        },
        Case("find the addresses of a name that is kept") {
            let found = resolver.cachedNextHops(target) { _ in true }
            precondition(found?.isEmpty == false, "the name is not kept")
        },
        Case("arm a timer, and have it fire") {
            turn &+= 1
            let due = Instant(milliseconds: Int64(turn &* 10))
            _ = wheel.arm(turn, at: due)
            wheel.advance(to: due) { _ in fired &+= 1 }
        },
    ]
}()
