import Bytes
import Database
import ModuleKit

/// Groups (table `grp`, module group) and aliases (table `dbaliases`, module alias_db). Both are asked for at each use, so
/// a running server sees a change at once.
extension Administration {
    func groups(of account: AccountName) throws -> [ByteString] {
        try self.session.query(Select(["grp"], from: "grp", where: account.filter(), order: ["grp"]))
            .compactMap { $0[0].text }
    }

    /// Who is in which group.
    /// - Parameters:
    ///   - account: nil: everybody.
    ///   - group: nil: all groups.
    public func memberships(of account: AccountName?, in group: ByteString? = nil) throws -> Listing {
        try self.require(.grp, "username", "domain", "grp")
        var filter = account?.filter() ?? .everything
        if let group { filter.conditions.append(Condition("grp", .equal, .string(group))) }
        let rows = try self.session.query(
            Select(
                ["username", "domain", "grp", "last_modified"], from: "grp", where: filter,
                order: ["domain", "username", "grp"]))
        var listing = Listing(["username", "domain", "group", "last_modified"])
        listing.rows = rows.map { $0.values.map(\.answer) }
        return listing
    }

    /// - Parameter now: seconds since 1970.
    public func grant(_ account: AccountName, _ group: ByteString, now: Int) throws {
        let name = try AccountName.checked(group, "a group")
        try self.require(.grp, "username", "domain", "grp", "last_modified")
        try self.session.transaction {
            var filter = account.filter()
            filter.conditions.append(Condition("grp", .equal, .string(name)))
            guard try !self.isThere(.grp, filter) else {
                throw AdministrationError("\(account) is in group \(name) already")
            }
            if try self.exists(.subscriber), try !self.isThere(.subscriber, account.filter()) {
                throw AdministrationError("there is no user \(account) (try: apusctl user add)")
            }
            try self.session.insert(
                Insert(
                    into: "grp",
                    [
                        "username": .string(account.user), "domain": .string(account.domain), "grp": .string(name),
                        "last_modified": .time(now),
                    ]))
        }
    }

    /// Takes a user out of a group, or out of all.
    /// - Returns: how many that were.
    public func revoke(_ account: AccountName, _ group: ByteString?) throws -> Int {
        try self.require(.grp, "username", "domain", "grp")
        return try self.session.transaction {
            var filter = account.filter()
            if let group { filter.conditions.append(Condition("grp", .equal, .string(group))) }
            let count = try self.remove(.grp, filter)
            guard count > 0 else {
                throw AdministrationError("\(account) is in \(group.map { "no group \($0)" } ?? "no group")")
            }
            return count
        }
    }

    // MARK: Aliases

    private func requireAliases() throws {
        try self.require(.dbaliases, "alias_username", "alias_domain", "username", "domain")
    }

    func aliases(of account: AccountName) throws -> [AccountName] {
        try self.session.query(
            Select(
                ["alias_username", "alias_domain"], from: "dbaliases", where: account.filter(),
                order: ["alias_domain", "alias_username"])
        ).compactMap { try? AccountName(user: $0[0].text ?? "", domain: $0[1].text ?? "") }
    }

    /// - Parameters:
    ///   - alias: only that one; nil: all.
    ///   - account: only those that lead there; nil: all.
    public func aliases(named alias: AccountName? = nil, leadingTo account: AccountName? = nil) throws -> Listing {
        try self.requireAliases()
        var filter = alias?.filter("alias_username", "alias_domain") ?? .everything
        if let account { filter.conditions += account.filter().conditions }
        let rows = try self.session.query(
            Select(
                ["alias_username", "alias_domain", "username", "domain"], from: "dbaliases", where: filter,
                order: ["alias_domain", "alias_username", "domain", "username"]))
        var listing = Listing(["alias_username", "alias_domain", "username", "domain"])
        listing.rows = rows.map { $0.values.map(\.answer) }
        return listing
    }

    /// An alias may lead to several users; the same pair is refused.
    public func addAlias(_ alias: AccountName, leadingTo account: AccountName) throws {
        try self.requireAliases()
        try self.session.transaction {
            var filter = alias.filter("alias_username", "alias_domain")
            filter.conditions += account.filter().conditions
            guard try !self.isThere(.dbaliases, filter) else {
                throw AdministrationError("\(alias) leads to \(account) already")
            }
            guard alias != account else { throw AdministrationError("\(alias) cannot lead to itself") }
            try self.session.insert(
                Insert(
                    into: "dbaliases",
                    [
                        "alias_username": .string(alias.user), "alias_domain": .string(alias.domain),
                        "username": .string(account.user), "domain": .string(account.domain),
                    ]))
        }
    }

    /// - Parameter account: only where it leads there; nil: wherever it leads.
    /// - Returns: how many rows that were.
    public func removeAlias(_ alias: AccountName, leadingTo account: AccountName? = nil) throws -> Int {
        try self.requireAliases()
        return try self.session.transaction {
            var filter = alias.filter("alias_username", "alias_domain")
            if let account { filter.conditions += account.filter().conditions }
            let count = try self.remove(.dbaliases, filter)
            guard count > 0 else { throw AdministrationError("there is no alias \(alias)") }
            return count
        }
    }
}
