import Bytes
import Database
import ModuleKit
import SIPMessage
import auth

/// The name of a table, as an argument.
final class TableName: Sendable {
    let name: ByteString
    init(_ name: ByteString) { self.name = name }
}

extension DatabaseAuthentication {
    private static let results = [
        1: "right", -1: "broken or forged, or the database does not answer", -2: "wrong password", -3: "unknown user",
        -4: "the nonce has had its time", -5: "no credentials for the realm", -6: "the nonce was used before",
    ]

    private var table: Argument {
        let tables = self.tables
        return Argument(
            "table",
            .custom { name, _ in
                guard !name.isEmpty else { throw ArgumentError("a table needs a name") }
                tables.withLock { if !$0.contains(name) { $0.append(name) } }
                return TableName(name)
            }, "Table with the users, as a rule \"subscriber\".")
    }

    public var functions: [ScriptFunction] {
        let realm = Argument("realm", .format, "Realm, as a rule a domain.")
        func check(_ name: String, _ alias: String, isProxy: Bool, _ example: String) -> ScriptFunction {
            ScriptFunction(
                name, aliases: [alias], realm, self.table,
                Argument("method", .format, "Instead of the request's method.", optional: true),
                in: .request,
                summary: "Checks credentials against the database.",
                reference: "RFC 7616 §3.4", outcomes: Self.results, example: example
            ) { [self] route, arguments in
                guard let table = arguments.object(1, as: TableName.self) else { return -1 }
                return self.check(
                    route, realm: arguments.text(0, in: route), table.name, isProxy: isProxy,
                    method: arguments.has(2) ? arguments.text(2, in: route) : nil, checks: 0)
            }
        }
        return [
            check(
                "www_authenticate", "www_authorize", isProxy: false,
                #"if (!www_authenticate("$td", "subscriber")) { www_challenge("$td", "1"); exit; }"#),
            check(
                "proxy_authenticate", "proxy_authorize", isProxy: true,
                #"if (!proxy_authenticate("$fd", "subscriber")) { proxy_challenge("$fd", "1"); exit; }"#),
            ScriptFunction(
                "auth_check", realm, self.table,
                Argument(
                    "flags", .int,
                    "Sum of 1 (the user is who the request is from) and 2 (but not for INVITE, BYE, PRACK, UPDATE, MESSAGE)."
                ),
                in: .request,
                summary:
                    "Checks the credentials of a REGISTER in Authorization, of others in Proxy-Authorization, and the user.",
                reference: "RFC 7616 §3.4",
                outcomes: Self.results.merging([-8: "right, but another user"]) { first, _ in first },
                example: #"if (!auth_check("$fd", "subscriber", "1")) { auth_challenge("$fd", "1"); exit; }"#
            ) { [self] route, arguments in
                guard let table = arguments.object(1, as: TableName.self), let flags = arguments.int(2, in: route)
                else { return -1 }
                return self.check(
                    route, realm: arguments.text(0, in: route), table.name,
                    isProxy: route.message.method != .register, method: nil, checks: flags)
            },
            ScriptFunction(
                "is_subscriber", Argument("uri", .format, "URI of the user."), self.table,
                Argument("flags", .int, "Sum of 1 (the domain has to match too) and 2 (no columns are copied)."),
                in: .any,
                summary: "Whether the database has the user.", reference: "RFC 3261 §22",
                outcomes: [1: "yes", -1: "no", -2: "the database does not answer", -3: "the URI cannot be used"],
                example: #"if (is_subscriber("$ru", "subscriber", "1")) { lookup("location"); }"#
            ) { [self] route, arguments in
                guard let table = arguments.object(1, as: TableName.self) else { return -2 }
                return self.isSubscriber(
                    route, arguments.text(0, in: route), table.name, flags: arguments.int(2, in: route) ?? 0)
            },
        ]
    }

    private func check(
        _ route: RouteContext, realm: ByteString, _ table: ByteString, isProxy: Bool, method: ByteString?, checks: Int
    ) -> Outcome {
        let pending: PendingCredentials
        switch self.authentication.begin(route, realm: realm, isProxy: isProxy) {
        case .done(let result): return .code(result.rawValue)
        case .pending(let found): pending = found
        }
        let key = CredentialCache.Key(
            table: table, user: pending.user(in: route),
            domain: self.settings.usesDomain ? pending.domain(in: route) : ByteString())
        return self.row(route, key) { [self] route, row in
            switch row {
            case .failure: return -1
            case .success(.none): return .code(AuthenticationResult.unknownUser.rawValue)
            case .success(.some(let row)):
                var result = self.authentication.finish(route, pending, self.secret(row, pending), method: method)
                if result == .right, checks & 1 != 0,
                    !self.authentication.isIdentity(
                        pending, of: route, usesDomain: self.settings.usesDomain, skipsDialogs: checks & 2 != 0)
                {
                    result = .userMismatch
                }
                if result == .right || self.settings.forcesAttributes { self.copy(row, to: route) }
                return .code(result.rawValue)
            }
        }
    }

    private func secret(_ row: [DatabaseValue], _ pending: PendingCredentials) -> StoredSecret {
        guard !self.settings.calculatesHash else { return .password(row[0].text ?? ByteString()) }
        return .hash(row[pending.hasDomain ? 1 : 0].text ?? ByteString())
    }

    private func isSubscriber(_ route: RouteContext, _ text: ByteString, _ table: ByteString, flags: Int) -> Outcome {
        guard let uri = SIPURI(text.span, ByteRange(start: 0, count: text.count)), uri.hasUser else { return -3 }
        let key = CredentialCache.Key(
            table: table, user: ByteString(text.span, uri.user),
            domain: flags & 1 != 0 ? ByteString(text.span, uri.host) : ByteString())
        return self.row(route, key) { [self] route, row in
            switch row {
            case .failure: return -2
            case .success(.none): return -1
            case .success(.some(let row)):
                if flags & 2 == 0 { self.copy(row, to: route) }
                return 1
            }
        }
    }

    private func copy(_ row: [DatabaseValue], to route: RouteContext) {
        for (index, loaded) in self.loaded.enumerated() {
            switch row[index + 2] {
            case .null: continue
            case .int(let number), .time(let number): loaded.variable.write(.int(number), in: route)
            case let value: loaded.variable.write(.bytes(value.text ?? ByteString()), in: route)
            }
        }
    }

    /// What the table has of a user: both password columns, then those to copy.
    private func row(
        _ route: RouteContext, _ key: CredentialCache.Key,
        then: @escaping (RouteContext, Result<[DatabaseValue]?, DatabaseError>) -> Outcome
    ) -> Outcome {
        let lifetime = self.settings.cacheLifetime
        if lifetime > 0, let row = self.cache.row(key, now: route.worker.now) { return then(route, .success(row)) }
        let settings = self.settings
        let second = settings.calculatesHash ? settings.passwordColumn : settings.secondPasswordColumn
        let columns = [settings.passwordColumn, second] + self.loaded.map(\.column)
        var filter: Filter = [Condition(settings.userColumn, .equal, .string(key.user))]
        if !key.domain.isEmpty {
            filter.conditions.append(Condition(settings.domainColumn, .equal, .string(key.domain)))
        }
        let select = Select(columns, from: key.table, where: filter, limit: 1)
        return self.database.ask(route) { session in
            try session.query(select).map(\.values)
        } then: { [cache] route, result in
            switch result {
            case .failure(let error): route.log(.error, "auth_db: the user could not be looked up: \(error)")
            case .success(let rows) where lifetime > 0 && !rows.isEmpty:
                let now = route.worker.now
                cache.keep(rows[0], key, until: now + .seconds(lifetime), now: now)
            case .success: break
            }
            return then(route, result.map(\.first))
        }
    }
}
