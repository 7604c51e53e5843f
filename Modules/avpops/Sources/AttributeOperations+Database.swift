import Bytes
import Database
import ModuleKit
import SIPMessage

extension AttributeOperations {
    var databaseFunctions: [ScriptFunction] {
        let owner = Argument(
            "source", .custom { [unowned self] text, compiler in try self.owner(text, compiler) },
            "Variable or text, then /username, /domain, /uri or /uuid; without one, $ru $fu $tu $ou are URIs.")
        func names(_ summary: String, schemes: Bool = false) -> Argument {
            Argument(
                "names",
                .custom { [unowned self] text, compiler in
                    try StoredAttributes(text, schemes: schemes ? self.settings.schemes : nil, compiler)
                }, summary)
        }
        let plain = "$avp(name); a: all, i: those with numbers, s: with texts as names; then /table."
        return [
            ScriptFunction(
                "avp_db_load", owner, names("\(plain) Or $avp(name)/$scheme.", schemes: true), in: Self.routes,
                summary: "Loads values of a user or an identifier from the table.",
                outcomes: [1: "something was loaded", -1: "nothing, or an error"],
                example: #"if (avp_db_load("$fu", "$avp(s:language)")) { xlog("$avp(language)\n"); }"#, body: self.load),
            ScriptFunction(
                "avp_db_store", owner, names(plain), in: Self.routes,
                summary: "Adds values to the table; what is there stays.",
                outcomes: [1: "stored", -1: "nothing to store, or an error"],
                example: #"$avp(s:language) = "fr"; avp_db_store("$fu", "$avp(s:language)");"#, body: self.store),
            ScriptFunction(
                "avp_db_delete", owner, names("\(plain) i and s remove all as well."), in: Self.routes,
                summary: "Removes values from the table.", outcomes: [1: "nothing is left of them", -1: "an error"],
                example: #"avp_db_delete("$fu", "$avp(s:language)");"#, body: self.delete),
            ScriptFunction(
                "avp_db_query", Argument("query", .format, "The SQL; texts in it have to be escaped."),
                Argument(
                    "attributes", .custom { text, compiler in try ColumnTargets(text, compiler) },
                    "$avp of the columns with ; in between; without it $avp(i:1), $avp(i:2) …", optional: true),
                in: Self.routes,
                summary: "Does a query; the columns become $avp values, those of the first row on top.",
                outcomes: [1: "there are rows", -1: "an error", -2: "there are no rows"],
                example: #"avp_db_query("select uri from gateways where id = 7", "$avp(uri)");"#, body: self.query),
        ]
    }

    /// - Throws: when there is no database for the functions of the table.
    private func owner(_ text: ByteString, _ compiler: any ScriptCompiling) throws -> AttributeOwner {
        guard self.database != nil else {
            throw ArgumentError(
                "there is no database: modparam(\"avpops\", \"db_url\", …) and modparam(\"avpops\", \"avp_table\", …)")
        }
        self.usesTable.store(true, ordering: .relaxed)
        return try AttributeOwner(text, compiler)
    }

    private func conditions(_ key: AttributeOwner.Key, _ scheme: DatabaseScheme? = nil) -> [Condition] {
        let columns = self.settings.columns
        let username = scheme?.username ?? columns.username
        let domain = scheme?.domain ?? columns.domain
        return switch key {
        case .uuid(let text): [Condition(scheme?.uuid ?? columns.uuid, .equal, .string(text))]
        case .username(let text): [Condition(username, .equal, .string(text))]
        case .domain(let text): [Condition(domain, .equal, .string(text))]
        case .user(let user, let host):
            [Condition(username, .equal, .string(user)), Condition(domain, .equal, .string(host))]
        }
    }

    private func parts(
        _ route: RouteContext, _ arguments: Arguments
    ) -> (database: Database, key: AttributeOwner.Key, names: StoredAttributes)? {
        guard let database = self.database, let names = arguments.object(1, as: StoredAttributes.self),
            let key = arguments.object(0, as: AttributeOwner.self)?.key(in: route, usesDomain: self.settings.usesDomain)
        else { return nil }
        return (database, key, names)
    }

    // MARK: Loading

    private func load(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        guard let (database, key, names) = self.parts(route, arguments) else { return .failure }
        var wanted: AttributeName?
        if case .one(let reference) = names.names { wanted = reference.resolve(in: route) }
        let columns = self.settings.columns
        var select: Select
        if let scheme = names.scheme {
            select = Select([scheme.value ?? columns.value], from: scheme.table ?? self.settings.table)
            select.filter = Filter(self.conditions(key, scheme))
        } else {
            select = Select([columns.attribute, columns.type, columns.value], from: names.table ?? self.settings.table)
            select.filter = Filter(self.conditions(key))
            if let wanted {
                select.filter.conditions.append(Condition(columns.attribute, .equal, .string(wanted.columnText)))
            }
        }
        let query = select
        return database.ask(route, .read) { session in
            try session.query(query)
        } then: { route, result in
            switch result {
            case .failure(let error): return Self.fail("avp_db_load", error, route)
            case .success(let rows):
                var count = 0
                for row in rows {
                    let found =
                        names.scheme.map { Self.attribute(wanted, row[0], isNumber: $0.isNumber) }
                        ?? Self.attribute(row, route)
                    guard let found, names.includes(found.name), wanted == nil || found.name == wanted else { continue }
                    route.attributes.push(found.name, found.value)
                    count += 1
                }
                return count > 0 ? .success : .failure
            }
        }
    }

    private static func attribute(
        _ name: AttributeName?, _ value: DatabaseValue, isNumber: Bool
    ) -> (name: AttributeName, value: Value)? {
        guard let name else { return nil }
        if isNumber { return value.int.map { (name, .int($0)) } }
        return value.text.map { (name, .bytes($0)) }
    }

    /// A row of the table: name, type, value.
    private static func attribute(_ row: Row, _ route: RouteContext) -> (name: AttributeName, value: Value)? {
        guard let text = row[0].text, let type = row[1].int, !row[2].isNull else { return nil }
        var name = AttributeName.text(text)
        if type & 2 != 0 {
            guard let number = row[0].int else {
                route.log(.error, "avp_db_load: '\(text)' is no number, as its type says")
                return nil
            }
            name = .number(number)
        }
        guard type & 1 != 0 else { return row[2].text.map { (name, .bytes($0)) } }
        guard let number = row[2].int else {
            route.log(.error, "avp_db_load: the value of '\(text)' is no number, as its type says")
            return nil
        }
        return (name, .int(number))
    }

    // MARK: Storing, deleting

    private func store(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        guard let (database, key, names) = self.parts(route, arguments) else { return .failure }
        var chosen: [AttributeName]
        if case .one(let reference) = names.names {
            chosen = [reference.resolve(in: route)]
        } else {
            chosen = route.attributes.names.filter { names.includes($0) }
        }
        let owner: [DatabaseValue] =
            switch key {
            case .uuid(let text): [.string(text), "", ""]
            case .username(let text): ["", .string(text), ""]
            case .domain(let text): ["", "", .string(text)]
            case .user(let user, let host): ["", .string(user), .string(host)]
            }
        var rows: [[DatabaseValue]] = []
        for name in chosen {
            for value in route.attributes.values(name) {
                let type = (value.isInt ? 1 : 0) | (name.isNumber ? 2 : 0)
                rows.append(owner + [.string(name.columnText), .int(type), .string(route.text(value))])
            }
        }
        guard !rows.isEmpty else { return .failure }
        let columns = self.settings.columns
        let insert = Insert(
            into: names.table ?? self.settings.table,
            [columns.uuid, columns.username, columns.domain, columns.attribute, columns.type, columns.value], rows: rows
        )
        return database.ask(route, .write) { session in
            try session.insert(insert)
        } then: { route, result in
            if case .failure(let error) = result { return Self.fail("avp_db_store", error, route) }
            return .success
        }
    }

    private func delete(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        guard let (database, key, names) = self.parts(route, arguments) else { return .failure }
        var filter = Filter(self.conditions(key))
        if case .one(let reference) = names.names {
            let name = reference.resolve(in: route).columnText
            filter.conditions.append(Condition(self.settings.columns.attribute, .equal, .string(name)))
        }
        let delete = Delete(from: names.table ?? self.settings.table, where: filter)
        return database.ask(route, .write) { session in
            try session.delete(delete)
        } then: { route, result in
            if case .failure(let error) = result { return Self.fail("avp_db_delete", error, route) }
            return .success
        }
    }

    private static func fail(_ function: String, _ error: DatabaseError, _ route: RouteContext) -> Outcome {
        route.log(.error, "\(function): \(error)")
        return .failure
    }

    // MARK: Queries

    private func query(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        guard let database = self.database else {
            route.log(.error, "avp_db_query: there is no database: set db_url")
            return .failure
        }
        let text = arguments.text(0, in: route)
        let targets = arguments.object(1, as: ColumnTargets.self)
        let isRead = DatabaseStatement.raw(text, []).isRead
        return database.ask(route, isRead ? .read : .write) { session in
            try session.sql(text)
        } then: { route, result in
            switch result {
            case .failure(let error): return Self.fail("avp_db_query", error, route)
            case .success(let rows):
                guard !rows.isEmpty else { return -2 }
                for row in rows.reversed() {
                    for (index, value) in row.values.enumerated() {
                        guard let name = targets.map({ $0.name(index, in: route) }) ?? .number(index + 1) else { break }
                        switch value {
                        case .null: break
                        case .int(let number), .time(let number): route.attributes.push(name, .int(number))
                        case .double, .string, .blob:
                            route.attributes.push(name, .bytes(value.text ?? ByteString()))
                        }
                    }
                }
                return .success
            }
        }
    }
}

/// `$avp(a);$avp(b)`.
private final class ColumnTargets: Sendable {
    private let references: [AttributeReference]

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        self.references = try text.bytes.split(separator: UInt8(ascii: ";")).map { part in
            try AttributeReference(ByteString(Array(part.filter { $0 != 32 })), compiler)
        }
        guard !self.references.isEmpty else { throw ArgumentError("no $avp for the columns") }
    }

    /// nil: the script has no use for that column.
    func name(_ index: Int, in route: RouteContext) -> AttributeName? {
        index < self.references.count ? self.references[index].resolve(in: route) : nil
    }
}
