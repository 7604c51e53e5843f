import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// Takes a branch in. By itself: what is handed in is borrowed, and need not be counted.
    /// - Returns: false when the transaction takes none, or another one came in between.
    @inline(never)
    func enter(
        _ number: Int, of id: TransactionID, _ route: RouteContext, _ destination: Destination, _ bytes: ByteString,
        _ uri: ByteString, breadth: Int32
    ) -> Bool {
        Self.enter(number, of: id, route, destination, bytes, uri, breadth: breadth, in: self.stripes)
    }

    @inline(never)
    private static func enter(
        _ number: Int, of id: TransactionID, _ route: RouteContext, _ destination: Destination, _ bytes: ByteString,
        _ uri: ByteString, breadth: Int32, in stripes: StripedTable<TransactionStripe>
    ) -> Bool {
        guard id.isPresent, id.stripe < stripes.count else { return false }
        let now = route.worker.now
        var stripe = stripes.lock(at: id.stripe)
        guard stripe.state.records.contains(id.handle),
            let reaction = stripe.state.records[present: id.handle].enter(
                number, of: route, destination, bytes, uri, breadth: breadth, now)
        else { return false }
        stripe.state.applyClient(reaction, id.handle, branch: number, now)
        stripe.unlock()
        return true
    }
}
