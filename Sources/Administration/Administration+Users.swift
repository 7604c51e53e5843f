import Bytes
import Database
import Digests
import ModuleKit

/// A password as the columns of `subscriber` keep it.
public struct PasswordForm: Sendable {
    /// The hash of both `ha1` columns: what `algorithm` of module auth says.
    public var algorithm: DigestAlgorithm
    /// The password is stored as it is, too.
    public var isPlain: Bool

    public init(algorithm: DigestAlgorithm = .md5, isPlain: Bool = false) {
        self.algorithm = algorithm
        self.isPlain = isPlain
    }

    /// `password`, `ha1` = H(user:domain:password), `ha1b` = H(user@domain:domain:password); RFC 7616 §3.4.2.
    func columns(
        _ account: AccountName, _ password: ByteString
    ) throws(AdministrationError) -> [(column: ByteString, value: DatabaseValue)] {
        guard !password.isEmpty else { throw AdministrationError("an empty password lets everybody in") }
        guard !password.bytes.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) else {
            throw AdministrationError("a password has no line ends and no NUL in it")
        }
        if self.isPlain { _ = try AccountName.checked(password, "a password that is stored as it is") }
        let full = account.user + "@" + account.domain
        return [
            ("password", .string(self.isPlain ? password : "")),
            ("ha1", .string(try self.hash(account.user, account.domain, password))),
            ("ha1b", .string(try self.hash(full, account.domain, password))),
        ]
    }

    private func hash(
        _ user: ByteString, _ realm: ByteString, _ password: ByteString
    ) throws(AdministrationError) -> ByteString {
        let text = user + ":" + realm + ":" + password
        let out = ByteBuffer(capacity: 160)
        guard self.algorithm.appendHex(of: text.span, to: out) else {
            throw AdministrationError("this system does not offer \(self.algorithm.name)")
        }
        return ByteString(out.span)
    }
}

extension Administration {
    private func requireUsers() throws {
        try self.require(.subscriber, "username", "domain", "password", "ha1", "ha1b")
    }

    public func addUser(_ account: AccountName, password: ByteString, as form: PasswordForm) throws {
        let secret = try form.columns(account, password)
        try self.requireUsers()
        try self.session.transaction {
            guard try !self.isThere(.subscriber, account.filter()) else {
                throw AdministrationError("there is a user \(account) already (try: apusctl user passwd)")
            }
            try self.session.insert(
                Insert(
                    into: "subscriber", ["username", "domain"] + secret.map(\.column),
                    rows: [[.string(account.user), .string(account.domain)] + secret.map(\.value)]))
        }
    }

    public func setPassword(_ account: AccountName, _ password: ByteString, as form: PasswordForm) throws {
        let secret = try form.columns(account, password)
        try self.requireUsers()
        try self.session.transaction {
            guard try self.isThere(.subscriber, account.filter()) else { throw self.noUser(account) }
            try self.session.update(
                Update("subscriber", set: secret.map { .init($0.column, $0.value) }, where: account.filter()))
        }
    }

    /// Removes a user, and with them their groups and the aliases that lead to them.
    /// - Returns: what else was removed, in words; empty: nothing.
    public func removeUser(_ account: AccountName) throws -> String {
        try self.requireUsers()
        return try self.session.transaction {
            guard try self.remove(.subscriber, account.filter()) > 0 else { throw self.noUser(account) }
            var others: [String] = []
            for (table, name) in [(TableDeclaration.grp, "group"), (.dbaliases, "alias")] where try self.exists(table) {
                let count = try self.remove(table, account.filter())
                if count > 0 { others.append("\(count) \(name)\(count == 1 ? "" : name == "alias" ? "es" : "s")") }
            }
            return others.joined(separator: ", ")
        }
    }

    private func noUser(_ account: AccountName) -> AdministrationError {
        AdministrationError("there is no user \(account)")
    }

    /// Calls `body` with the users, sorted by domain and name, a thousand at a time.
    public func eachUser(of domain: ByteString?, _ body: ([AccountName]) throws -> Void) throws {
        try self.require(.subscriber, "username", "domain")
        var filter = Filter.everything
        if let domain { filter.conditions = [Condition("domain", .equal, .string(domain))] }
        let select = Select(["username", "domain"], from: "subscriber", where: filter, order: ["domain", "username"])
        try self.session.fetch(select, chunk: 1000) { rows in
            // A row that could not be written today is left to `db`-level tools, not shown in a broken form.
            try body(rows.compactMap { try? AccountName(user: $0[0].text ?? "", domain: $0[1].text ?? "") })
        }
    }

    /// What is stored of a user: secrets by their kind, never themselves; other columns as they are.
    public func user(_ account: AccountName) throws -> RPCValue {
        try self.requireUsers()
        let rows = try self.session.query(Select(from: "subscriber", where: account.filter(), limit: 1))
        guard let row = rows.first else { throw self.noUser(account) }
        var members: [RPCValue.Member] = [
            .init("username", .text(account.user)), .init("domain", .text(account.domain)),
            .init("password", .string((row["password"].text ?? "").isEmpty ? "not stored" : "stored as it is")),
            .init("ha1", .string(Self.kind(row["ha1"]))), .init("ha1b", .string(Self.kind(row["ha1b"]))),
        ]
        let known: [ByteString] = ["id", "username", "domain", "password", "ha1", "ha1b"]
        for (column, value) in zip(rows.columns, row.values) where !known.contains(column) && !value.isNull {
            members.append(.init(column.string, value.answer))
        }
        if try self.exists(.grp) {
            members.append(.init("groups", .array(try self.groups(of: account).map { .text($0) })))
        }
        if try self.exists(.dbaliases) {
            members.append(.init("aliases", .array(try self.aliases(of: account).map { .string("\($0)") })))
        }
        return .structure(members)
    }

    private static func kind(_ value: DatabaseValue) -> String {
        switch value.text?.count ?? 0 {
        case 0: "not stored"
        case 32: "MD5"
        case 64: "SHA-256 or SHA-512-256"
        case 128: "SHA-512"
        default: "no digest"
        }
    }
}

extension DatabaseValue {
    /// The value for programs.
    var answer: RPCValue {
        switch self {
        case .null: .null
        case .int(let number): .int(number)
        case .double(let number): .double(number)
        case .string, .blob, .time: self.text.map { .text($0) } ?? .null
        }
    }
}
