import Administration
import ArgumentParser
import Bytes

/// `apusctl domain …`: the domains that the server serves (tables `domain`, `domain_attrs`).
struct DomainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain",
        abstract: "Adds, shows and removes served domains and their attributes.",
        discussion:
            "Module domain keeps them in memory: --reload, or apusctl rpc domain.reload, has it read them again.",
        subcommands: [Add.self, Remove.self, Show.self, Set.self, Unset.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds a domain.")
        @Argument(help: "The domain: example.org.") var domain: String
        @Argument(help: "What its attributes are kept under; without it, its name.") var did: String?
        @OptionGroup var options: TableOptions

        func run() throws {
            try self.options.change(.reload("domain.reload")) { tables in
                try tables.addDomain(
                    ByteString(self.domain), id: self.did.map { ByteString($0) }, now: WallClock.seconds())
                return "added domain \(self.domain)"
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm", abstract: "Removes a domain and its attributes.", aliases: ["del"])
        @Argument(help: "The domain: example.org.") var domain: String
        @OptionGroup var options: TableOptions

        func run() throws {
            try self.options.change(.reload("domain.reload")) { tables in
                let count = try tables.removeDomain(ByteString(self.domain))
                return "removed domain \(self.domain)"
                    + (count == 0 ? "" : ", \(count) attribute\(count == 1 ? "" : "s")")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a domain and its attributes; without one, all.", aliases: ["list", "showdb"])
        @Argument(help: "The domain: example.org.") var domain: String?
        @OptionGroup var options: TableOptions

        func run() throws {
            try self.options.show { try $0.domains(self.domain.map { ByteString($0) }) }
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets an attribute of a domain: what lookup_domain() puts in an $avp.")
        @Argument(help: "The domain: example.org.") var domain: String
        @Argument(help: "Name of the attribute.") var name: String
        @Argument(help: "Its value; a number is stored as one.") var value: String
        @Flag(help: "Store a number as text.") var text = false
        @OptionGroup var options: TableOptions

        func run() throws {
            try self.options.change(.reload("domain.reload")) { tables in
                try tables.setAttribute(
                    ByteString(self.name), ByteString(self.value), isText: self.text,
                    ofDomain: ByteString(self.domain), now: WallClock.seconds())
                return "\(self.name) of \(self.domain) is \(self.value)"
            }
        }
    }

    struct Unset: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes an attribute of a domain.")
        @Argument(help: "The domain: example.org.") var domain: String
        @Argument(help: "Name of the attribute.") var name: String
        @OptionGroup var options: TableOptions

        func run() throws {
            try self.options.change(.reload("domain.reload")) { tables in
                try tables.removeAttribute(ByteString(self.name), ofDomain: ByteString(self.domain))
                return "removed \(self.name) of \(self.domain)"
            }
        }
    }
}
