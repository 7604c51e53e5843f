import Bytes
import Database
import ModuleKit
import SIPMessage

extension Aliases {
    private var table: Argument {
        Argument("table", .tableName(self.tables), "Table of aliases: dbaliases as a rule.")
    }
    private static let flags = Argument(
        "flags",
        .custom { text, _ in
            guard let flags = AliasQuestion.Flags(text) else {
                throw ArgumentError("'\(text)' has other letters than d, u and r")
            }
            return FlagsBox(flags)
        }, "d: the domain does not count; u: it does; r: from the user to the alias.", optional: true)

    private final class FlagsBox: Sendable {
        let flags: AliasQuestion.Flags
        init(_ flags: AliasQuestion.Flags) { self.flags = flags }
    }

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "alias_db_lookup", self.table, Self.flags, in: [.request, .failure],
                summary: "Replaces the Request-URI, an alias, by whom it stands for.",
                outcomes: [1: "replaced", -1: "no such alias, or the database did not answer"],
                example: #"alias_db_lookup("dbaliases");"#
            ) { [unowned self] route, arguments in
                self.ask(route, route.text(route.requestURI), arguments, flagsAt: 1) { [unowned self] route, uris in
                    guard let first = uris.first else { return .failure }
                    route.setRequestURI(first)
                    if self.settings.appendsBranches {
                        for uri in uris.dropFirst() { route.branches.append(BranchTarget(uri: uri)) }
                    }
                    return .success
                }
            },
            ScriptFunction(
                "alias_db_find", self.table, Argument("uri", .format, "The URI to look up."),
                Argument("output", .variable, "Variable that takes the URI found."), Self.flags,
                in: [.request, .failure, .reply, .branch],
                summary: "Finds out whom an alias stands for, and puts that in a variable.",
                outcomes: [1: "found", -1: "no such alias, or the database did not answer"],
                example: #"if (alias_db_find("dbaliases", "$fu", "$var(user)", "r")) { xlog("$var(user)\n"); }"#
            ) { [unowned self] route, arguments in
                guard let variable = arguments.variable(2) else { return .failure }
                return self.ask(route, arguments.text(1, in: route), arguments, flagsAt: 3) { route, uris in
                    guard let last = uris.last else { return .failure }
                    return variable.write(.bytes(last), in: route) ? .success : .failure
                }
            },
        ]
    }

    private func ask(
        _ route: RouteContext, _ uri: ByteString, _ arguments: Arguments, flagsAt index: Int,
        then: @escaping (RouteContext, [ByteString]) -> Outcome
    ) -> Outcome {
        let flags = arguments.object(index, as: FlagsBox.self)?.flags ?? []
        let table = TableName.text(arguments, 0, in: route)
        guard let question = AliasQuestion(uri, table: table, flags, self.settings) else {
            route.log(.notice, "alias_db: <\(uri)> has no user")
            return .failure
        }
        return self.database.ask(route) {
            try AliasQuestion.uris($0.query(question.select))
        } then: { route, result in
            switch result {
            case .success(let uris): return then(route, uris)
            case .failure(let error):
                route.log(.error, "alias_db: \(error)")
                return .failure
            }
        }
    }
}
