import Administration
import ArgumentParser
import Bytes
import ControlClient
import Database
import ModuleKit

/// What the subcommands that work on rows have in common: the database, the form of what is shown, and the server that is
/// to hear of a change.
struct TableOptions: ParsableArguments {
    @OptionGroup var database: DatabasePlace
    @OptionGroup var server: ServerOptions

    @Flag(help: "Have the running server look at the table again.")
    var reload = false

    /// How a running server sees a change.
    struct Notice {
        var command: String
        var parameters: [RPCValue] = []
        /// Said when nobody is told: which server needs to be.
        var hint: String

        static func reload(_ command: String) -> Notice {
            Notice(command: command, hint: "a running server sees this after")
        }
        static func user(_ account: AccountName) -> Notice {
            Notice(
                command: "auth_db.cache_clear", parameters: [.text(account.user), .text(account.domain)],
                hint: "a running server with cache_expire of auth_db sees this at once after")
        }

        var text: String {
            let words = self.parameters.map { " '\(AnswerText.text([$0]).filter { $0 != "\n" })'" }.joined()
            return "\(self.hint): apusctl rpc \(self.command)\(words) (or --reload)"
        }
    }

    /// Changes something, says what, and tells the server.
    func change(_ notice: Notice? = nil, _ body: (Administration) throws -> String) throws {
        try self.database.use { session, url in
            Output.print(try body(Administration(session, url)))
            return true
        }
        guard let notice else {
            if self.reload {
                Output.complain("a running server asks the database each time: there is nothing to reload")
            }
            return
        }
        guard self.reload else { return Output.complain(notice.text) }
        self.server.show(try self.server.call(notice.command, notice.parameters))
    }

    /// Shows rows: in columns, or as JSON.
    func show(_ body: (Administration) throws -> Listing) throws {
        try self.database.use(readOnly: true) { session, url in
            let listing = try body(Administration(session, url))
            if self.server.json {
                Output.print(AnswerJSON.text(listing.values))
            } else if !listing.rows.isEmpty {
                Output.print(listing.text)
            }
            return true
        }
    }

    /// Shows one thing: a line a part, or JSON.
    func showValue(_ body: (Administration) throws -> RPCValue) throws {
        try self.database.use(readOnly: true) { session, url in
            self.server.show([try body(Administration(session, url))])
            return true
        }
    }

    /// Shows users, one a line as they are read; as JSON all at once.
    func showUsers(of domain: ByteString?) throws {
        var values: [RPCValue] = []
        try self.database.use(readOnly: true) { session, url in
            try Administration(session, url).eachUser(of: domain) { accounts in
                guard !self.server.json else {
                    values += accounts.map { .structure(["username": .text($0.user), "domain": .text($0.domain)]) }
                    return
                }
                if !accounts.isEmpty { Output.print(accounts.map { "\($0)" }.joined(separator: "\n")) }
            }
            return true
        }
        if self.server.json { Output.print(AnswerJSON.text(values)) }
    }

    /// A name of the command line, with the domain of `--domain` or of SIP_DOMAIN.
    static func account(_ text: String, _ domain: String?) throws -> AccountName {
        do throws(AdministrationError) {
            return try AccountName(text, domain: domain ?? SystemInput.environment("SIP_DOMAIN"))
        } catch {
            throw Self.refusal(error)
        }
    }

    static func refusal(_ error: AdministrationError) -> ExitCode {
        Output.complain("apusctl: \(error.message)")
        return ExitCode(1)
    }
}

/// `--domain`, for names without one.
struct DomainOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "The domain of names without one; else $SIP_DOMAIN.")
    var domain: String?

    func account(_ text: String) throws -> AccountName { try TableOptions.account(text, self.domain) }
}
