import Bytes
import ModuleKit
import SIPMessage
import SIPTransport

/// The RPC commands `dns.*`: what is known of names, and changing it.
enum NameCommands {
    static func all(_ server: Server) -> [RPCCommand] {
        self.looking(server) + self.adding(server) + self.deleting(server) + self.state(server)
    }

    // MARK: Looking

    private static func looking(_ server: Server) -> [RPCCommand] {
        [
            RPCCommand("dns.mem_info", returnsArray: true, "Shows the memory that answers take and may take, in bytes.")
            {
                [unowned server] _ throws(RPCFault) in
                let memory = server.resolver.memory
                return [.int(memory.used), .int(memory.limit)]
            },
            RPCCommand("dns.view", returnsArray: true, "Lists the answers that are kept, with their records.") {
                [unowned server] _ throws(RPCFault) in
                server.resolver.kept.map { Self.description(of: $0) }
            },
            RPCCommand("dns.debug", returnsArray: true, "Lists the answers that are kept, without records and names.") {
                [unowned server] _ throws(RPCFault) in
                server.resolver.kept.flatMap { kept -> [RPCValue] in
                    [
                        .text(kept.question.name), .int(Int(kept.question.type.rawValue)), .int(kept.size), .int(1),
                        .int(kept.left ?? 0), .int(0), .int(kept.answer.isNegative ? 1 : 0),
                    ]
                }
            },
            RPCCommand("dns.debug_all", returnsArray: true, "Lists the records that are kept, without names.") {
                [unowned server] _ throws(RPCFault) in
                server.resolver.kept.flatMap { kept -> [RPCValue] in
                    kept.answer.records.enumerated().flatMap { index, record -> [RPCValue] in
                        let (kind, value) = Self.short(record, kept.question.type)
                        return [
                            .text(kept.question.name), .int(Int(kept.question.type.rawValue)), .int(index),
                            .int(kept.size), .int(1), .int(kept.left ?? 0), .int(0),
                            .int(kept.answer.isNegative ? 1 : 0), .string(kind), value, .int(kept.left ?? 0),
                        ]
                    }
                }
            },
            .waiting("dns.lookup", "Looks up records: type, name.") { [unowned server] request, answer in
                do throws(RPCFault) {
                    guard let type = DNSRecordType(name: try request.text(0).string) else {
                        throw RPCFault(400, "Invalid type")
                    }
                    self.look(up: DNSQuestion(type, try request.text(1)), server, answer)
                } catch {
                    answer.refuse(error)
                }
            },
        ]
    }

    private static func look(up question: DNSQuestion, _ server: Server, _ answer: RPCAnswer) {
        let tell: @Sendable (DNSAnswer) -> Void = { [unowned server] found in
            guard !found.records.isEmpty else { return answer.refuse(RPCFault(400, "Not found")) }
            let kept = server.resolver.kept.first { $0.question == question }
            answer.give([
                Self.description(
                    of: kept ?? Resolver.Kept(question: question, answer: found, left: found.lifetime, size: 0))
            ])
        }
        guard let world = server.world else { return server.resolver.records(question, completion: tell) }
        tell(world.records(question))
    }

    private static func description(of kept: Resolver.Kept) -> RPCValue {
        var members: [RPCValue.Member] = [
            .init("name", .text(kept.question.name)), .init("type", .string(kept.question.type.name)),
            .init("size_bytes", .int(kept.size)), .init("reference_counter", .int(1)),
            .init("permanent", .string(kept.left == nil ? "yes" : "no")),
        ]
        if let left = kept.left { members.append(.init("expires", .int(left))) }
        members.append(.init("last_used", .int(0)))
        members.append(.init("negative_entry", .string(kept.answer.isNegative ? "yes" : "no")))
        if !kept.answer.records.isEmpty {
            let records = kept.answer.records.enumerated().map { index, record -> RPCValue in
                var fields: [RPCValue.Member] = [.init("rr_idx", .int(index))]
                fields += Self.fields(of: record)
                fields.append(.init("rr_permanent", .string(kept.left == nil ? "yes" : "no")))
                if let left = kept.left { fields.append(.init("rr_expires", .int(left))) }
                return .structure(fields)
            }
            members.append(.init("records", .array(records)))
        }
        return .structure(members)
    }

    private static func fields(of record: DNSData) -> [RPCValue.Member] {
        switch record {
        case .address(let address): [.init("rr_ip", .string("\(address)"))]
        case .service(let service):
            [
                .init("rr_name", .text(service.target)), .init("rr_port", .int(Int(service.port))),
                .init("rr_priority", .int(Int(service.priority))), .init("rr_weight", .int(Int(service.weight))),
            ]
        case .pointer(let pointer):
            [
                .init("rr_order", .int(Int(pointer.order))), .init("rr_preference", .int(Int(pointer.preference))),
                .init("rr_flags", .text(pointer.flags)), .init("rr_service", .text(pointer.services)),
                .init("rr_regexp", .text(pointer.regularExpression)),
                .init("rr_replacement", .text(pointer.replacement)),
            ]
        case .name(let name): [.init("rr_name", .text(name))]
        case .text(let text): [.init("rr_txt", .text(text))]
        }
    }

    private static func short(_ record: DNSData, _ type: DNSRecordType) -> (String, RPCValue) {
        switch record {
        case .address(let address): ("ip", .string("\(address)"))
        case .service(let service): ("srv", .text(service.target))
        case .pointer(let pointer): ("naptr", .text(pointer.replacement))
        case .name(let name): (type.name.lowercased(), .text(name))
        case .text(let text): ("txt", .text(text))
        }
    }

    // MARK: Changing

    private static func adding(_ server: Server) -> [RPCCommand] {
        func address(_ command: String, _ type: DNSRecordType) -> RPCCommand {
            RPCCommand(
                command, "Adds an address: name, ttl in seconds, address, flags (1: there is none, 2: for good)."
            ) {
                [unowned server] request throws(RPCFault) in
                let name = try request.text(0)
                let lifetime = try request.int(1)
                guard let ip = IPAddress(try request.text(2).string), ip.isIPv6 == (type == .aaaa) else {
                    throw RPCFault(400, "Invalid IP address")
                }
                return try Self.add(
                    .address(ip), DNSQuestion(type, name), lifetime, request.has(3) ? try request.int(3) : 0, server)
            }
        }
        return [
            address("dns.add_a", .a), address("dns.add_aaaa", .aaaa),
            RPCCommand(
                "dns.add_srv", "Adds a server: name, ttl in seconds, priority, weight, port, target, flags."
            ) {
                [unowned server] request throws(RPCFault) in
                let name = try request.text(0)
                let lifetime = try request.int(1)
                guard let priority = UInt16(exactly: try request.int(2)),
                    let weight = UInt16(exactly: try request.int(3)), let port = UInt16(exactly: try request.int(4))
                else { throw RPCFault(400, "a number is too large") }
                let target = DNSQuestion.canonical(try request.text(5))
                let service = ServiceRecord(priority: priority, weight: weight, port: port, target: target)
                return try Self.add(
                    .service(service), DNSQuestion(.srv, name), lifetime, request.has(6) ? try request.int(6) : 0,
                    server)
            },
        ]
    }

    /// Puts one more record beside those that were added before.
    private static func add(
        _ record: DNSData, _ question: DNSQuestion, _ lifetime: Int, _ flags: Int, _ server: Server
    ) throws(RPCFault) -> [RPCValue] {
        guard !question.name.isEmpty, (0...1_000_000_000).contains(lifetime) else { throw RPCFault(400, "Invalid ttl") }
        var records: [DNSData] = []
        if flags & 1 == 0 {
            records = server.resolver.kept.first { $0.question == question }?.answer.records ?? []
            if !records.contains(record) { records.append(record) }
        }
        guard records.count <= 1000 else { throw RPCFault(400, "too many records") }
        server.resolver.remember(records, of: question, for: flags & 2 != 0 ? nil : .seconds(lifetime))
        return []
    }

    private static func deleting(_ server: Server) -> [RPCCommand] {
        let types: [(String, DNSRecordType)] = [
            ("a", .a), ("aaaa", .aaaa), ("srv", .srv), ("naptr", .naptr), ("cname", .cname), ("txt", .txt),
            ("ptr", .ptr), ("ebl", .txt),
        ]
        let single = types.map { suffix, type in
            RPCCommand("dns.delete_\(suffix)", "Forgets the \(suffix.uppercased()) records of a name.") {
                [unowned server] request throws(RPCFault) in
                guard server.resolver.forget(DNSQuestion(type, try request.text(0))) else {
                    throw RPCFault(400, "Not found")
                }
                return []
            }
        }
        return single + [
            RPCCommand("dns.delete_all", "Forgets every answer that is not for good.") {
                [unowned server] _ throws(RPCFault) in
                server.resolver.removeAll(keepingPermanent: true)
                return [.structure(["status": .string("ok")])]
            },
            RPCCommand("dns.delete_all_force", "Forgets every answer.") { [unowned server] _ throws(RPCFault) in
                server.resolver.removeAll()
                return [.structure(["status": .string("ok")])]
            },
        ]
    }

    private static func state(_ server: Server) -> [RPCCommand] {
        [
            RPCCommand("dns.get_server_state", "Tells whether servers are asked: 1, or 0.") {
                [unowned server] _ throws(RPCFault) in [.int(server.resolver.asksServers ? 1 : 0)]
            },
            RPCCommand("dns.set_server_state", "Says whether servers are asked: 1, or 0 while they are known dead.") {
                [unowned server] request throws(RPCFault) in
                server.resolver.asksServers = try request.int(0) != 0
                return []
            },
        ]
    }
}
