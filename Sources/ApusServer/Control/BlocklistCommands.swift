import Bytes
import ModuleKit
import SIPMessage

/// The RPC commands `dst_blocklist.*`: destinations that are left alone.
enum BlocklistCommands {
    static func all(_ server: Server) -> [RPCCommand] {
        [
            RPCCommand("dst_blocklist.view", returnsArray: true, "Lists the destinations that are left alone.") {
                [unowned server] _ throws(RPCFault) in
                try Self.entries(server).map { entry, left in
                    .structure([
                        "protocol": .string("\(entry.transport.name)"),
                        "ip": .string("\(entry.address.ip)"), "port": .int(Int(entry.address.port)),
                        "expires in (s)": .int(left), "flags": .int(entry.reason.rawValue),
                    ])
                }
            },
            RPCCommand("dst_blocklist.debug", returnsArray: true, "Lists the same without names.") {
                [unowned server] _ throws(RPCFault) in
                try Self.entries(server).flatMap { entry, left in
                    [
                        .string("\(entry.transport.name)"), .string("\(entry.address.ip)"),
                        .int(Int(entry.address.port)), .int(left), .int(entry.reason.rawValue),
                    ]
                }
            },
            RPCCommand("dst_blocklist.mem_info", returnsArray: true, "Shows the memory used and allowed, in bytes.") {
                [unowned server] _ throws(RPCFault) in
                let memory = try Self.list(server).memory
                return [.int(memory.used), .int(memory.limit)]
            },
            RPCCommand("dst_blocklist.delete_all", "Empties the list.") { [unowned server] _ throws(RPCFault) in
                try Self.list(server).removeAll()
                return []
            },
            RPCCommand("dst_blocklist.add", "Puts a destination on the list: IP address, port, protocol, flags.") {
                [unowned server] request throws(RPCFault) in
                let list = try Self.list(server)
                guard let ip = IPAddress(try request.text(0).string) else { throw RPCFault(400, "bad ip address") }
                let port = try request.int(1)
                let transport = try request.int(2)
                let flags = request.has(3) ? try request.int(3) : DestinationBlocklist.Reason.administrative.rawValue
                guard let port = UInt16(exactly: port),
                    let transport = UInt8(exactly: transport).flatMap({ TransportProtocol(rawValue: $0) })
                else { throw RPCFault(400, "bad port or protocol") }
                list.add(
                    transport, SocketAddress(ip: ip, port: port), .init(rawValue: flags), at: Instant.now())
                return []
            },
        ]
    }

    private static func list(_ server: Server) throws(RPCFault) -> DestinationBlocklist {
        guard server.blocklist.isUsed else { throw RPCFault(500, "dst blocklist support disabled") }
        return server.blocklist
    }

    private static func entries(
        _ server: Server
    ) throws(RPCFault) -> [(entry: DestinationBlocklist.Entry, left: Int)] {
        let now = Instant.now()
        return try Self.list(server).entries(at: now).map { ($0, ($0.expires - now).seconds) }
    }
}
