import Administration
import ArgumentParser
import Bytes

/// `apusctl acl …`: who is in which group (table `grp`).
struct AccessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acl",
        abstract: "Puts users into groups and takes them out.",
        discussion: "Module group asks the database each time, so a running server sees a change at once.",
        subcommands: [Grant.self, Revoke.self, Show.self]
    )

    struct Grant: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Puts a user into a group.")
        @Argument(help: "The user: alice@example.org.") var user: String
        @Argument(help: "The group: ld.") var group: String
        @OptionGroup var domain: DomainOption
        @OptionGroup var options: TableOptions

        func run() throws {
            let account = try self.domain.account(self.user)
            try self.options.change { tables in
                try tables.grant(account, ByteString(self.group), now: WallClock.seconds())
                return "\(account) is in group \(self.group)"
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a user out of a group, or out of all.")
        @Argument(help: "The user: alice@example.org.") var user: String
        @Argument(help: "The group; without it, all.") var group: String?
        @OptionGroup var domain: DomainOption
        @OptionGroup var options: TableOptions

        func run() throws {
            let account = try self.domain.account(self.user)
            try self.options.change { tables in
                let count = try tables.revoke(account, self.group.map { ByteString($0) })
                return
                    "took \(account) out of \(self.group.map { "group \($0)" } ?? "\(count) group\(count == 1 ? "" : "s")")"
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the groups of a user, or who is in a group, or all.", aliases: ["list"])
        @Argument(help: "The user: alice@example.org.") var user: String?
        @Option(name: .shortAndLong, help: "Only that group.") var group: String?
        @OptionGroup var domain: DomainOption
        @OptionGroup var options: TableOptions

        func run() throws {
            let account = try self.user.map { try self.domain.account($0) }
            try self.options.show { try $0.memberships(of: account, in: self.group.map { ByteString($0) }) }
        }
    }
}
