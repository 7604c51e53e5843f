import Bytes
import ModuleKit

extension StatelessReplies {
    public var commands: [RPCCommand] {
        [
            RPCCommand("sl.stats", "How many replies of each code were sent without a transaction.") {
                [counters] request in
                [.structure(counters.answer(request.host.counters))]
            }
        ]
    }
}
