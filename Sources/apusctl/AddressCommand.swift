import Administration
import ArgumentParser
import Bytes

/// `apusctl address …`: groups of addresses (table `address`).
struct AddressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "address",
        abstract: "Adds, shows and removes addresses in groups.",
        discussion: """
            Module permissions keeps them in memory: --reload, or apusctl rpc permissions.addressReload, has it read them \
            again.
            """,
        subcommands: [Add.self, Remove.self, Show.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds an address, a network or a host name.")
        @Argument(help: "The group, from 1.") var group: Int
        @Argument(help: "192.0.2.1, 192.0.2.0/24, 2001:db8::/32 or a host name.") var address: String
        @Argument(help: "Bits of the network; without it, one host.") var mask: Int?
        @Argument(help: "Port; 0: any.") var port: Int = 0
        @Argument(help: "What peer_tag_avp gets.") var tag: String?
        @OptionGroup var options: TableOptions

        func run() throws {
            let address: Administration.Address
            do throws(AdministrationError) {
                address = try Administration.Address(
                    group: self.group, self.address, mask: self.mask, port: self.port, tag: self.tag)
            } catch {
                throw TableOptions.refusal(error)
            }
            try self.options.change(.reload("permissions.addressReload")) { tables in
                try tables.addAddress(address)
                return "added \(address.host)/\(address.mask) to group \(self.group)"
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm", abstract: "Removes an address from a group.", aliases: ["del"])
        @Argument(help: "The group, from 1.") var group: Int
        @Argument(help: "The address or host name, without a mask.") var address: String
        @Argument(help: "Only with that mask.") var mask: Int?
        @Argument(help: "Only with that port.") var port: Int?
        @OptionGroup var options: TableOptions

        func run() throws {
            try self.options.change(.reload("permissions.addressReload")) { tables in
                let count = try tables.removeAddress(
                    ByteString(self.address), group: self.group, mask: self.mask, port: self.port)
                return "removed \(self.address) from group \(self.group)" + (count > 1 ? ", \(count) rows" : "")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the addresses of a group; without one, all.", aliases: ["list"])
        @Argument(help: "The group.") var group: Int?
        @OptionGroup var options: TableOptions

        func run() throws { try self.options.show { try $0.addresses(group: self.group) } }
    }
}

/// `apusctl trusted …`: peers that need no password (table `trusted`).
struct TrustedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trusted",
        abstract: "Adds, shows and removes trusted peers.",
        discussion: """
            With db_mode 1 module permissions keeps them in memory: --reload, or apusctl rpc permissions.trustedReload, \
            has it read them again.
            """,
        subcommands: [Add.self, Remove.self, Show.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds a peer.")
        @Argument(help: "Its address, or any.") var address: String
        @Argument(help: "any, udp, tcp, tls, sctp, ws, wss or none.") var proto: String
        @Argument(help: "Regular expression for the From URI.") var from: String?
        @Argument(help: "What peer_tag_avp gets.") var tag: String?
        @Option(help: "Regular expression for the Request-URI.") var ruri: String?
        @Option(help: "The highest one counts first.") var priority = 0
        @OptionGroup var options: TableOptions

        func run() throws {
            let peer: Administration.Peer
            do throws(AdministrationError) {
                peer = try Administration.Peer(
                    self.address, self.proto, from: self.from, requestURI: self.ruri, tag: self.tag,
                    priority: self.priority)
            } catch {
                throw TableOptions.refusal(error)
            }
            try self.options.change(.reload("permissions.trustedReload")) { tables in
                try tables.addPeer(peer)
                return "trusts \(self.address) over \(peer.proto)"
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm", abstract: "Removes all entries of a peer.", aliases: ["del"])
        @Argument(help: "Its address, or any.") var address: String
        @OptionGroup var options: TableOptions

        func run() throws {
            try self.options.change(.reload("permissions.trustedReload")) { tables in
                let count = try tables.removePeer(ByteString(self.address))
                return "removed \(self.address)" + (count > 1 ? ", \(count) rows" : "")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the peers.", aliases: ["list"])
        @OptionGroup var options: TableOptions

        func run() throws { try self.options.show { try $0.peers() } }
    }
}
