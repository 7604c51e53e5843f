import Bytes
import Database
import ModuleKit
import SIPMessage

extension Dialplans {
    private static let dialplan = Argument("dpid", .int, "Number of the dialplan.")
    private static let outcomes = [1: "a rule matched", -1: "none did, or there is no input", -2: "no such dialplan"]

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "dp_translate", Self.dialplan,
                Argument(
                    "path", .custom { text, compiler in try DialplanPath(text, compiler) },
                    "Where the input comes from and the result goes, $rU/$rU without it; no target: only the attributes count.",
                    optional: true),
                in: .any,
                summary: "Matches a text against the rules of a dialplan and puts what they make of it in a variable.",
                outcomes: Self.outcomes,
                example:
                    #"if (!dp_translate("240", "$rU/$var(number)")) { sl_send_reply("404", "No such number"); exit; }"#
            ) { [unowned self] route, arguments in
                guard let path = arguments.object(1, as: DialplanPath.self) else {
                    return self.use(arguments, route.text(self.requestUser(route)), in: route) {
                        self.setUser($0, in: route)
                    }
                }
                let value = path.source.read(in: route)
                return self.use(arguments, route.text(value), in: route) { output in
                    guard let target = path.target else { return }
                    self.store(output, in: target, route)
                }
            },
            ScriptFunction(
                "dp_match", Self.dialplan, Argument("input", .format, "The text to match."), in: .any,
                summary: "Matches a text against the rules of a dialplan, for the attributes.", outcomes: Self.outcomes,
                example: #"if (dp_match("240", "+49$rU")) { setflag(1); }"#
            ) { [unowned self] route, arguments in
                self.use(arguments, arguments.text(1, in: route), in: route) { _ in }
            },
            ScriptFunction(
                "dp_replace", Self.dialplan, Argument("input", .format, "The text to match."),
                Argument("output", .variable, "Variable that gets the result."), in: .any,
                summary: "Matches a text against the rules of a dialplan and puts what they make of it in a variable.",
                outcomes: Self.outcomes,
                example: #"if (dp_replace("240", "+49$rU", "$var(number)")) { xlog("$var(number)\n"); }"#
            ) { [unowned self] route, arguments in
                guard let target = arguments.variable(2) else { return .failure }
                return self.use(arguments, arguments.text(1, in: route), in: route) { output in
                    self.store(output, in: target, route)
                }
            },
            ScriptFunction(
                "dp_reload", in: .any, summary: "Reads the rules again; those that were there stay when that fails.",
                outcomes: [1: "read", -1: "the database did not answer"], example: "dp_reload();"
            ) { [unowned self] route, _ in
                let host = route.worker.host
                let reader = self.reader(host)
                return self.database.ask(route, within: .seconds(60)) {
                    try reader($0)
                } then: { [unowned self] route, result in
                    switch result {
                    case .success(let table):
                        self.use(table, host.logger)
                        return .success
                    case .failure(let error):
                        route.log(.error, "dialplan: the rules could not be read again: \(error)")
                        return .failure
                    }
                }
            },
        ]
    }

    /// Finds the rule for an input; what it makes of that goes to `store` unless it is nothing.
    private func use(
        _ arguments: Arguments, _ input: ByteString, in route: RouteContext, _ store: (ByteString) -> Void
    ) -> Outcome {
        // A text in a variable is no number of a dialplan, even if it looks like one.
        let number: Int
        switch arguments.value(0, in: route) {
        case .int(let value), .labelled(let value, _): number = value
        case .null, .bytes, .slice:
            route.log(.error, "dialplan: the number of the dialplan is none")
            return .failure
        }
        guard let dialplan = self.table.read({ $0[number] }) else { return -2 }
        guard !input.isEmpty else {
            route.log(.warning, "dialplan: there is no input to match")
            return .failure
        }
        guard let rule = dialplan.rule(for: input, in: route, { route.log(.error, "dialplan \(number): \($0)") }) else {
            return .failure
        }
        do throws(ArgumentError) {
            let output = try rule.translate(input, in: route)
            if !output.isEmpty { store(output) }
        } catch {
            route.log(.error, "dialplan \(number): \(error.message)")
            return .failure
        }
        if let variable = self.attributes { variable.write(.bytes(rule.row.attributes), in: route) }
        return .success
    }

    private func requestUser(_ route: RouteContext) -> Value { route.requestURIPart { $0.user } }

    private func setUser(_ text: ByteString, in route: RouteContext) {
        // Anything else would break the request line.
        let isPrintable = text.bytes.allSatisfy { $0 > 32 && $0 != 127 }
        guard isPrintable, route.rewriteRequestURI(.user, with: text) else {
            return route.log(.warning, "dialplan: the Request-URI takes no user '\(text)'")
        }
    }

    private func store(_ output: ByteString, in target: VariableReference, _ route: RouteContext) {
        guard !target.write(.bytes(output), in: route) else { return }
        route.log(.warning, "dialplan: \(target.text) does not take '\(output)'")
    }
}
