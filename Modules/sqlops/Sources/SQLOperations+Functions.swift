import Bytes
import Database
import ModuleKit

extension SQLOperations {
    public var functions: [ScriptFunction] {
        let connection = Argument(
            "connection", .custom { [unowned self] text, _ in try self.connection(named: text) }, "Name of a sqlcon.")
        let query = Argument("query", .format, "The SQL; texts in it have to be escaped: $(var(x){sql.val.str}).")
        let outcomes = [1: "there are rows", 2: "there are none", -1: "the query failed"]
        return [
            ScriptFunction(
                "sql_query", connection, query,
                Argument(
                    "result", .custom { [unowned self] text, _ in try ResultName(text, self) },
                    "Name under which $dbr shows the rows.", optional: true),
                in: .any, summary: "Does a query; its rows can then be read with $dbr.",
                outcomes: outcomes.merging([3: "there are rows, and no result to keep them"]) { first, _ in first },
                example: #"if (sql_query("ca", "select domain from domain", "ra") == 1) { xlog("$dbr(ra=>[0,0])\n"); }"#
            ) { [self] route, arguments in
                let result = arguments.object(2, as: ResultName.self)?.text
                return self.query(route, arguments) { memory, rows, _ in
                    if let result { memory.results[result] = rows.isEmpty ? nil : rows }
                    return rows.isEmpty ? 2 : result == nil ? 3 : 1
                } failed: { memory in
                    if let result { memory.results[result] = nil }
                }
            },
            ScriptFunction(
                "sql_xquery", connection, query, Argument("xavp", .format, "Name of the $xavp that gets the rows."),
                in: .any, summary: "Does a query; each row becomes a record of an $xavp, the first one the newest.",
                outcomes: outcomes,
                example: #"if (sql_xquery("ca", "select a, b from t", "row") == 1) { xlog("$xavp(row=>a)\n"); }"#
            ) { [self] route, arguments in
                let name = arguments.text(2, in: route)
                return self.query(route, arguments) { _, rows, route in
                    for row in rows.reversed() {
                        var fields = NamedStacks()
                        for (column, value) in zip(rows.columns, row.values) { fields.push(column, value.scriptValue) }
                        route.attributes.xavp.push(name, .fields(fields))
                    }
                    return rows.isEmpty ? 2 : 1
                }
            },
            ScriptFunction(
                "sql_pvquery", connection, query,
                Argument(
                    "variables", .custom { text, compiler in try VariableList(text, compiler) },
                    "Variables for the columns, with ; in between."),
                in: .any, summary: "Does a query and assigns the columns to variables, the last row first.",
                outcomes: outcomes,
                example: #"sql_pvquery("ca", "select uri, q from gateways", "$avp(uri);$avp(q)");"#
            ) { [self] route, arguments in
                guard let list = arguments.object(2, as: VariableList.self) else { return .failure }
                return self.query(route, arguments) { _, rows, route in
                    for row in rows.reversed() {
                        for (index, value) in row.values.enumerated() {
                            guard index < list.variables.count else {
                                route.log(.error, "sql_pvquery: no variable for column \(index + 1)")
                                return -1
                            }
                            let variable = list.variables[index]
                            // $null would take a value off the stack of an $avp.
                            if value.isNull, variable.name == "avp" { continue }
                            _ = variable.write(value.scriptValue, in: route)
                        }
                    }
                    return rows.isEmpty ? 2 : 1
                }
            },
            ScriptFunction(
                "sql_query_async", connection, query, in: .any,
                summary: "Has a query done and goes on at once; what comes of it is only logged.",
                outcomes: [1: "it is on its way", -1: "there is no query"],
                example: #"sql_query_async("ca", "insert into calls (callid) values ('$(ci{s.escape.common})')");"#
            ) { [self] route, arguments in
                guard let connection = arguments.object(0, as: SQLConnection.self) else { return .failure }
                let text = arguments.text(1, in: route)
                guard !text.isEmpty else { return .failure }
                let logger = self.host.logger
                let shown = self.shown(text)
                connection.database.perform(.write) { session in
                    try session.sql(text)
                } answer: { result in
                    if case .failure(let error) = result { logger.error("sql_query_async: \(error) [\(shown)]") }
                }
                return .success
            },
            ScriptFunction(
                "sql_result_free",
                Argument(
                    "result", .custom { [unowned self] text, _ in try ResultName(text, self) }, "Name of a result."),
                in: .any, summary: "Forgets the rows of a result.", outcomes: [1: "always"],
                example: #"sql_result_free("ra");"#
            ) { [self] route, arguments in
                if let name = arguments.object(0, as: ResultName.self) {
                    self.memory(of: route).results[name.text] = nil
                }
                return .success
            },
        ]
    }

    /// Does the query while the script is suspended.
    private func query(
        _ route: RouteContext, _ arguments: Arguments,
        _ take: @escaping (SQLMemory, Rows, RouteContext) -> Int, failed: @escaping (SQLMemory) -> Void = { _ in }
    ) -> Outcome {
        guard let connection = arguments.object(0, as: SQLConnection.self) else { return .failure }
        let text = arguments.text(1, in: route)
        let isRead = DatabaseStatement.raw(text, []).isRead
        return connection.database.ask(route, isRead ? .read : .write) { session in
            let rows = try session.sql(text)
            return SQLAnswer(rows: rows, affected: session.summary.affectedRows)
        } then: { [self] route, result in
            let memory = self.memory(of: route)
            memory.affected[connection.name] = nil
            switch result {
            case .success(let answer):
                memory.affected[connection.name] = answer.affected
                return .code(take(memory, answer.rows, route))
            case .failure(let error):
                failed(memory)
                route.log(.error, "sqlops: \(error) [\(self.shown(text))]")
                return .failure
            }
        }
    }

    /// As much of a query as belongs in a log.
    private func shown(_ text: ByteString) -> String {
        ByteString(Array(text.bytes.prefix(self.settings.logSize))).string
    }
}

private struct SQLAnswer: Sendable {
    var rows: Rows
    var affected: Int?
}

/// The name of a result in the script.
private final class ResultName: Sendable {
    let text: ByteString
    init(_ text: ByteString, _ module: SQLOperations) throws {
        guard !text.isEmpty else { throw ArgumentError("a result has a name") }
        try module.declareResult(text)
        self.text = text
    }
}

/// `$avp(a);$var(b)`.
private final class VariableList: Sendable {
    let variables: [VariableReference]

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        self.variables = try text.bytes.split(separator: UInt8(ascii: ";")).map { part in
            let name = ByteString(String(decoding: part, as: UTF8.self).trimmed)
            let variable = try compiler.variable(name)
            guard variable.isWritable else { throw ArgumentError("\(name) cannot be assigned") }
            return variable
        }
        guard !self.variables.isEmpty else { throw ArgumentError("no variables for the columns") }
    }
}

extension String {
    /// Without blanks around it.
    fileprivate var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(self.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}

extension DatabaseValue {
    /// What a script sees of a value: times are seconds since 1970.
    var scriptValue: Value {
        switch self {
        case .null: .null
        case .int(let number), .time(let number): .int(number)
        case .double: .bytes(self.text ?? ByteString())
        case .string(let text), .blob(let text): .bytes(text)
        }
    }
}
