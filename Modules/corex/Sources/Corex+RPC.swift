import Bytes
import ModuleKit

extension Corex {
    public var commands: [RPCCommand] {
        [
            RPCCommand("corex.list_sockets", returnsArray: true, "The sockets that the server listens on.") { request in
                request.host.sockets.map { socket in
                    let address = RPCValue.string(socket.address.ip.description)
                    return .structure([
                        .init("PROTO", .string("\(socket.transport.name)")), .init("NAME", address),
                        .init("ADDRLIST", .structure([.init("ADDR", address)])),
                        .init("PORT", .string(String(socket.address.port))), .init("MCAST", .string("no")),
                        .init("MHOMED", .string("no")), .init("VIRTUAL", .string("no")),
                        .init("SOCKNAME", socket.name.map { .text($0) } ?? .string("-")),
                        .init("ADVERTISE", socket.advertisedHost.map { .text($0) } ?? .string("-")),
                    ])
                }
            },
            RPCCommand("corex.debug", "Tells the log level, or changes it and tells the old one.") {
                request throws(RPCFault) in
                let logger = request.host.logger
                let old = logger.threshold
                guard request.has(0) else { return [.structure([.init("debug", .int(old))])] }
                let new = try request.int(0)
                logger.threshold = new
                return [.structure([.init("old", .int(old)), .init("new", .int(new))])]
            },
        ]
    }
}
