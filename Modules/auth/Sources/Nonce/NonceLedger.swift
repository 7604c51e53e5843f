import Bytes

/// Which nonces have been used, and how far their counts have got. Only right answers come in here.
///
/// Two generations, each as long as a nonce lives or as many as the size allows: the older one is dropped whole. When
/// nonces in it could still have been used again, all nonces of up to its highest number that are not known are stale.
final class NonceLedger: Sendable {
    enum Use: Equatable {
        case first
        case again
    }

    private struct Stripe: ~Copyable {
        /// Last count of each nonce.
        var young: [UInt32: UInt32] = [:]
        var old: [UInt32: UInt32] = [:]
        var turned: UInt32 = 0
        /// Nonces up to this number that are not known may have been used.
        var floor: UInt32 = 0
        var highest: UInt32 = 0
        var oldHighest: UInt32 = 0
    }

    private let stripes = StripedTable<Stripe>(stripes: 16) { _ in Stripe() }

    init() {}

    /// Whether that use of the nonce would be a repetition. Changes nothing.
    /// - Parameter count: nil: any earlier use counts.
    func look(_ number: UInt32, count: UInt32?) -> Use {
        self.stripes.withStripe(UInt64(number)) { stripe in Self.use(stripe, number, count) }
    }

    /// Notes the use of a nonce whose answer was right.
    /// - Parameters:
    ///   - now: second of the wall clock; `lifetime`: seconds a nonce holds.
    ///   - size: nonces to remember.
    /// - Returns: `again` when another request with the same was faster.
    func note(_ number: UInt32, count: UInt32?, now: UInt32, lifetime: UInt32, size: Int) -> Use {
        self.stripes.withStripe(UInt64(number)) { stripe in
            let use = Self.use(stripe, number, count)
            guard use == .first else { return use }
            let isFull = stripe.young.count >= max(size / 32, 32)
            if isFull || now >= stripe.turned &+ lifetime {
                if now < stripe.turned &+ lifetime { stripe.floor = max(stripe.floor, stripe.oldHighest) }
                stripe.old = stripe.young
                stripe.oldHighest = stripe.highest
                stripe.young = [:]
                stripe.turned = now
            }
            stripe.young[number] = count ?? .max
            stripe.highest = max(stripe.highest, number)
            return .first
        }
    }

    private static func use(_ stripe: borrowing Stripe, _ number: UInt32, _ count: UInt32?) -> Use {
        guard let last = stripe.young[number] ?? stripe.old[number] else {
            return number > stripe.floor ? .first : .again
        }
        guard let count else { return .again }
        return count > last ? .first : .again
    }
}
