import Bytes

@testable import tm

extension Transactions {
    /// What is held for all transactions together.
    struct Footprint: Equatable {
        var transactions = 0
        var branches = 0
        var timers = 0
        /// Of requests, replies and header lines.
        var bytes = 0
    }

    var footprint: Footprint {
        var sum = Footprint()
        self.table.stripes.forEachStripe { _, stripe in
            sum.transactions += stripe.records.count
            sum.timers += stripe.wheel.count + stripe.lane.count
            stripe.records.forEach { _, record in
                sum.branches += record.branches.count
                sum.bytes += (record.request?.bytes.count ?? 0) + record.lastReply.count
                sum.bytes += record.rare?.cancelHeaders.count ?? 0
                for branch in record.branches { sum.bytes += branch.sent.count + branch.uri.count + branch.reply.count }
            }
        }
        return sum
    }
}
