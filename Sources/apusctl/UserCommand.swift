import Administration
import ArgumentParser
import Bytes
import Digests

/// `apusctl user …`: who may register and call (table `subscriber`).
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Adds, shows and removes users.",
        discussion: """
            A user is written user@domain, or user with --domain or $SIP_DOMAIN. What is stored are the digests of the \
            password, for which the realm has to be the domain. Without a password on the command line it is asked for, \
            or read from the first line of the standard input.

            Exit status: 0 done, 1 refused, 2 the database cannot be used, or no server is there to reload.
            """,
        subcommands: [Add.self, Password.self, Remove.self, List.self, Show.self]
    )

    struct PasswordOptions: ParsableArguments {
        @Flag(help: "Store the password as it is, too: only where calculate_ha1 of auth_db needs it.")
        var plain = false

        @Option(help: "The hash: MD5, SHA-256, SHA-512-256; what 'algorithm' of module auth says.")
        var algorithm = "MD5"

        var form: PasswordForm {
            get throws {
                let name = ByteString(self.algorithm)
                guard let algorithm = DigestAlgorithm(name.span, ByteRange(0, name.count)) else {
                    throw ValidationError("'\(self.algorithm)' is no hash of digest authentication")
                }
                return PasswordForm(algorithm: algorithm, isPlain: self.plain)
            }
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds a user.")
        @Argument(help: "The user: alice@example.org.") var name: String
        @Argument(help: "The password; better not here, where others can see it.") var password: String?
        @OptionGroup var domain: DomainOption
        @OptionGroup var form: PasswordOptions
        @OptionGroup var options: TableOptions

        func run() throws {
            let account = try self.domain.account(self.name)
            let form = try self.form.form
            let password = try self.password ?? Secret.read(for: "\(account)")
            // Who is not there is not kept by anybody, so a new user can log in at once.
            try self.options.change { tables in
                try tables.addUser(account, password: ByteString(password), as: form)
                return "added user \(account)"
            }
        }
    }

    struct Password: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "passwd", abstract: "Changes the password of a user.")
        @Argument(help: "The user: alice@example.org.") var name: String
        @Argument(help: "The password; better not here, where others can see it.") var password: String?
        @OptionGroup var domain: DomainOption
        @OptionGroup var form: PasswordOptions
        @OptionGroup var options: TableOptions

        func run() throws {
            let account = try self.domain.account(self.name)
            let form = try self.form.form
            let password = try self.password ?? Secret.read(for: "\(account)")
            try self.options.change(.user(account)) { tables in
                try tables.setPassword(account, ByteString(password), as: form)
                return "changed the password of \(account)"
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "del", abstract: "Removes a user, with the groups and aliases of theirs.", aliases: ["rm"])
        @Argument(help: "The user: alice@example.org.") var name: String
        @OptionGroup var domain: DomainOption
        @OptionGroup var options: TableOptions

        func run() throws {
            let account = try self.domain.account(self.name)
            try self.options.change(.user(account)) { tables in
                let others = try tables.removeUser(account)
                return "removed user \(account)" + (others.isEmpty ? "" : ", \(others)")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the users, one a line.")
        @Option(name: .shortAndLong, help: "Only those of a domain.") var domain: String?
        @OptionGroup var options: TableOptions

        func run() throws {
            try self.options.showUsers(of: self.domain.map { ByteString($0) })
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what is stored of a user; passwords and digests by their kind only.")
        @Argument(help: "The user: alice@example.org.") var name: String
        @OptionGroup var domain: DomainOption
        @OptionGroup var options: TableOptions

        func run() throws {
            let account = try self.domain.account(self.name)
            try self.options.showValue { try $0.user(account) }
        }
    }
}
