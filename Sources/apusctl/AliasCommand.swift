import Administration
import ArgumentParser
import Bytes

/// `apusctl alias …`: other names of users (table `dbaliases`).
struct AliasCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias",
        abstract: "Adds, shows and removes aliases of users.",
        discussion: "Module alias_db asks the database each time, so a running server sees a change at once.",
        subcommands: [Add.self, Remove.self, Show.self, List.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds an alias; one may lead to several users.")
        @Argument(help: "The alias: info@example.org.") var alias: String
        @Argument(help: "The user it leads to: alice@example.org.") var user: String
        @OptionGroup var domain: DomainOption
        @OptionGroup var options: TableOptions

        func run() throws {
            let alias = try self.domain.account(self.alias)
            let account = try self.domain.account(self.user)
            try self.options.change { tables in
                try tables.addAlias(alias, leadingTo: account)
                return "\(alias) leads to \(account)"
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm", abstract: "Removes an alias: all of it, or where it leads to one user.", aliases: ["del"]
        )
        @Argument(help: "The alias: info@example.org.") var alias: String
        @Argument(help: "Only where it leads to that user.") var user: String?
        @OptionGroup var domain: DomainOption
        @OptionGroup var options: TableOptions

        func run() throws {
            let alias = try self.domain.account(self.alias)
            let account = try self.user.map { try self.domain.account($0) }
            try self.options.change { tables in
                let count = try tables.removeAlias(alias, leadingTo: account)
                return "removed alias \(alias)" + (count > 1 ? ", which led to \(count) users" : "")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows whom an alias leads to; without one, all.")
        @Argument(help: "The alias: info@example.org.") var alias: String?
        @OptionGroup var domain: DomainOption
        @OptionGroup var options: TableOptions

        func run() throws {
            let alias = try self.alias.map { try self.domain.account($0) }
            try self.options.show { try $0.aliases(named: alias) }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the aliases of a user; without one, all.")
        @Argument(help: "The user: alice@example.org.") var user: String?
        @OptionGroup var domain: DomainOption
        @OptionGroup var options: TableOptions

        func run() throws {
            let account = try self.user.map { try self.domain.account($0) }
            try self.options.show { try $0.aliases(leadingTo: account) }
        }
    }
}
