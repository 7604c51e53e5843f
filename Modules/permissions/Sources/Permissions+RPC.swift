import Bytes
import ModuleKit
import SIPMessage

extension Permissions {
    public var functions: [ScriptFunction] { self.addressFunctions + self.trustedFunctions + self.ruleFunctions }

    public var commands: [RPCCommand] {
        [
            self.reloadCommand("permissions.addressReload", "Reads the addresses again.") { permissions, logger in
                try permissions.loadAddresses(logger)
            },
            self.reloadCommand("permissions.trustedReload", "Reads the trusted peers again.") { permissions, logger in
                guard permissions.cachesTrusted else {
                    throw ModuleError("the trusted table is not kept in memory: set db_url, and db_mode to 1")
                }
                try permissions.loadTrusted(logger)
            },
            RPCCommand("permissions.addressDump", returnsArray: true, "Shows the addresses.") {
                [unowned self] _ throws(RPCFault) in
                let hosts = self.addresses.read { $0.hosts }
                let rows = hosts.flatMap { address, entries in entries.map { (address.description, $0) } }
                return Self.sorted(rows).enumerated().map { index, row in
                    .structure([
                        "table": .int(index), "group": .int(row.1.group),
                        "item": .structure([
                            "ip": .string(row.0), "port": .int(row.1.port), "tag": Self.tag(row.1.tag),
                        ]),
                    ])
                }
            },
            RPCCommand("permissions.subnetDump", returnsArray: true, "Shows the networks.") {
                [unowned self] _ throws(RPCFault) in
                self.addresses.read { $0.networks }.enumerated().map { index, network in
                    .structure([
                        "id": .int(index), "group": .int(network.entry.group),
                        "item": .structure([
                            "ip": .string(network.address.description), "mask": .int(network.length),
                            "port": .int(network.entry.port), "tag": Self.tag(network.entry.tag),
                        ]),
                    ])
                }
            },
            RPCCommand("permissions.domainDump", "Shows the host names.") { [unowned self] _ throws(RPCFault) in
                let names = self.addresses.read { $0.names }
                let rows = names.flatMap { name, entries in entries.map { (name.string, $0) } }
                let members = Self.sorted(rows).enumerated().flatMap { index, row -> [RPCValue.Member] in
                    [
                        RPCValue.Member("table", .int(index)), RPCValue.Member("group", .int(row.1.group)),
                        RPCValue.Member(
                            "item",
                            .structure([
                                "domain_name": .string(row.0), "port": .int(row.1.port), "tag": Self.tag(row.1.tag),
                            ])),
                    ]
                }
                return members.isEmpty ? [] : [.structure(members)]
            },
            RPCCommand("permissions.trustedDump", "Shows the trusted peers.") { [unowned self] _ throws(RPCFault) in
                guard self.cachesTrusted else { throw RPCFault(500, "No trusted table") }
                let members = self.trusted.read { $0.peers }.enumerated().flatMap { index, peer in
                    [RPCValue.Member("table", .int(index)), RPCValue.Member("item", Self.item(peer))]
                }
                return members.isEmpty ? [] : [.structure(members)]
            },
            self.uriCommand("permissions.testUri"), self.uriCommand("permissions.allowUri"),
        ]
    }

    private static func sorted(_ rows: [(String, AddressEntry)]) -> [(String, AddressEntry)] {
        rows.sorted { ($0.1.group, $0.0, $0.1.port) < ($1.1.group, $1.0, $1.1.port) }
    }

    private static func tag(_ tag: ByteString) -> RPCValue { tag.isEmpty ? .string("NULL") : .text(tag) }

    private static func item(_ peer: TrustedPeer) -> RPCValue {
        var source = "any"
        if case .address(let address) = peer.source { source = address.description }
        return .structure([
            "ip": .string(source), "proto": .int(Int(peer.transport?.rawValue ?? 0)),
            "pattern": Self.tag(peer.from?.pattern ?? ""), "ruri_pattern": Self.tag(peer.requestURI?.pattern ?? ""),
            "tag": Self.tag(peer.tag), "priority": .int(peer.priority),
        ])
    }

    /// Reading blocks, so it is done elsewhere; what was there before stays when it fails.
    private func reloadCommand(
        _ name: String, _ summary: String, _ load: @escaping @Sendable (Permissions, Logger) throws -> Void
    ) -> RPCCommand {
        .waiting(name, summary) { [unowned self] request, answer in
            let now = WallClock.seconds()
            let isEarly = self.lastReload.withLock { last in
                if now >= last, now - last < self.settings.reloadDelta { return true }
                last = now
                return false
            }
            if isEarly { return answer.refuse(RPCFault(500, "ongoing reload")) }
            let host = request.host
            // The module lives as long as its work.
            host.runBlocking { [self] in
                do {
                    try load(self, host.logger)
                    answer.give([.string("Reload OK")])
                } catch {
                    host.logger.error("\(error)")
                    answer.refuse(RPCFault(500, "Reload failed: \(error)"))
                }
            }
        }
    }

    private func uriCommand(_ name: String) -> RPCCommand {
        RPCCommand(name, "Tells what files of rules say: basename, URI, contact.") {
            [unowned self] request throws(RPCFault) in
            guard request.has(2) else {
                throw RPCFault(500, "Not enough parameters (basename, URI and contact)")
            }
            let base = try request.text(0)
            let files = RulePair(allow: base + self.settings.allowSuffix, deny: base + self.settings.denySuffix)
            guard self.isKnown(files) else {
                request.host.logger.error("permissions: no script uses the files \(files.allow) and \(files.deny)")
                return [.string("Denied")]
            }
            let uri = try request.text(1)
            let contact = try request.text(2)
            return [.string(self.allows(files, left: uri, rights: [contact]) ? "Allowed" : "Denied")]
        }
    }

    private func isKnown(_ files: RulePair) -> Bool {
        self.ruleFiles.withLock { $0[self.path(files.allow)] != nil || $0[self.path(files.deny)] != nil }
    }
}
