import Bytes

/// A record as large as a small transaction.
private struct Record: BitwiseCopyable {
    var key: UInt64
    var rest: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)
}

private struct Stripe: ~Copyable {
    var records = Slab<Record>(indexBits: 20)
    var wheel = TimerWheel<UInt64>(now: .zero)
}

/// Tables that all threads share: a stripe, a record in it, a timer for it.
@MainActor let tableCases: [Case] = {
    let table = StripedTable<Stripe>(stripes: 64) { _ in Stripe() }
    var turn: UInt64 = 0
    // As many as a busy server has in a stripe.
    for key in 0..<64_000 as Range<UInt64> {
        _ = table.withStripe(key) { $0.records.insert(Record(key: key)) }
    }
    return [
        Case("take a stripe") {
            turn &+= 1
            table.withStripe(turn) { _ in }
        },
        Case("insert and remove a record") {
            turn &+= 1
            table.withStripe(turn) { stripe in
                if let handle = stripe.records.insert(Record(key: turn)) { _ = stripe.records.remove(handle) }
            }
        },
        Case("arm and disarm a timer") {
            turn &+= 1
            table.withStripe(turn) { stripe in
                let due = Instant(milliseconds: Int64(turn % 32_000))
                if let handle = stripe.wheel.arm(turn, at: due) { _ = stripe.wheel.cancel(handle) }
            }
        },
    ]
}()
