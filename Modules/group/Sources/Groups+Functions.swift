import Bytes
import Database
import ModuleKit
import SIPMessage

extension Groups {
    private static let user = Argument(
        "user", .custom { text, compiler in try GroupUser(text, compiler) },
        "Request-URI, To, From, Credentials, or an $avp with a URI.")

    /// An `$avp` that takes numbers of groups.
    private final class Target: Sendable {
        let variable: VariableReference
        init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
            let variable = try compiler.variable(text)
            guard variable.name == "avp", variable.isWritable else {
                throw ArgumentError("numbers of groups go to an $avp, not to \(text)")
            }
            self.variable = variable
        }
    }

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "is_user_in", Self.user, Argument("group", .literal, "Name of the group; variables are not expanded."),
                in: [.request, .failure, .branch], summary: "Tells whether a user is in a group.",
                outcomes: [
                    1: "the user is", -1: "there is no user, or the database did not answer", -6: "the user is not",
                ],
                example: #"if (!is_user_in("From", "ld")) { sl_send_reply("403", "No long distance"); exit; }"#
            ) { [unowned self] route, arguments in
                guard let (user, domain) = arguments.object(0, as: GroupUser.self)?.read(in: route) else {
                    return .failure
                }
                let select = self.question(user, domain, arguments.text(1, in: route))
                return self.database.ask(route) {
                    try !$0.query(select).isEmpty
                } then: { route, result in
                    switch result {
                    case .success(let isMember): return isMember ? .success : -6
                    case .failure(let error):
                        route.log(.error, "group: \(error)")
                        return .failure
                    }
                }
            },
            ScriptFunction(
                "get_user_group", Self.user,
                Argument(
                    "groups", .custom { text, compiler in try Target(text, compiler) },
                    "The $avp that gets the numbers of the groups."),
                in: [.request, .failure, .branch],
                summary: "Finds the groups whose regular expressions match sip:user@domain of a user.",
                outcomes: [1: "and more: as many groups", -1: "none, or there is no user"],
                example: #"if (get_user_group("From", "$avp(group)")) { xlog("$(avp(group)[*])\n"); }"#
            ) { [unowned self] route, arguments in
                guard let target = arguments.object(1, as: Target.self),
                    let (user, domain) = arguments.object(0, as: GroupUser.self)?.read(in: route)
                else { return .failure }
                let uri = ByteString("sip:") + user + "@" + domain
                let groups = self.expressions.withLock { $0 }.groups(of: uri, isSingle: !self.settings.givesAll)
                guard !groups.isEmpty else { return .failure }
                for group in groups { target.variable.write(.int(group), in: route) }
                return .code(groups.count)
            },
        ]
    }

    func question(_ user: ByteString, _ domain: ByteString, _ group: ByteString) -> Select {
        var conditions = [
            Condition(self.settings.user, .equal, .string(user)),
            Condition(self.settings.group, .equal, .string(group)),
        ]
        if self.settings.usesDomain { conditions.append(Condition(self.settings.domain, .equal, .string(domain))) }
        return Select([self.settings.group], from: self.settings.table, where: Filter(conditions), limit: 1)
    }
}
