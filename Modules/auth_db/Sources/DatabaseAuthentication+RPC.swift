import Bytes
import ModuleKit

extension DatabaseAuthentication {
    public var commands: [RPCCommand] {
        [
            RPCCommand(
                "auth_db.cache_clear",
                "Has the database asked again: for a user, for a user of a domain, or without parameters for all; gives how many were forgotten."
            ) { [cache] request throws(RPCFault) in
                let user = request.has(0) ? try request.text(0) : nil
                let domain = request.has(1) ? try request.text(1) : nil
                return [.int(cache.clear(user: user, domain: domain))]
            },
            RPCCommand("auth_db.cache_stats", "How many users are kept.") { [cache] _ in
                [.structure([.init("users", .int(cache.count))])]
            },
        ]
    }
}
