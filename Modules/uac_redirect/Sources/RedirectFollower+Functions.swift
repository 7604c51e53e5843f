import Bytes
import ModuleKit
import SIPMessage

extension RedirectFollower {
    public var functions: [ScriptFunction] {
        [
            self.setter("set_deny_filter", "Adds a filter: contacts that match are not followed.", \.denied),
            self.setter("set_accept_filter", "Adds a filter: contacts that match are followed.", \.accepted),
            ScriptFunction(
                "get_redirects",
                Argument(
                    "max", .custom { text, _ in try RedirectLimits(text) },
                    "`TOTAL` or `TOTAL:OF_EACH_BRANCH`; 0 and * mean any number."),
                Argument("reason", .format, "Accounts each contact, with this reason.", optional: true),
                in: .failure,
                summary: "Makes branches of the contacts in the redirects of the branches that failed.",
                reference: "RFC 3261 §16.7 step 4", outcomes: [1: "there are new branches", -1: "none was found"],
                example: #"if (t_check_status("3[0-9][0-9]") && get_redirects("3:1")) { t_relay(); }"#
            ) { [self] route, arguments in
                guard let limits: RedirectLimits = arguments.object(0) else { return .failure }
                let reason = arguments.has(1) ? arguments.text(1, in: route) : nil
                return self.follow(route, limits, reason: reason) > 0 ? .success : .failure
            },
        ]
    }

    private func setter(
        _ name: String, _ summary: String, _ path: ReferenceWritableKeyPath<RedirectFilters, FilterList> & Sendable
    ) -> ScriptFunction {
        ScriptFunction(
            name, Argument("filter", .regex, "Regular expression for the URI."),
            Argument(
                "flags", .custom { text, _ in try FilterReset(text) },
                "reset_all, reset_default, reset_added: which filters of the kind go before; empty: none does."),
            in: .failure, summary: summary, outcomes: [1: "added", -1: "there are six already"],
            example: "\(name)(\"example\\.net\", \"\");"
        ) { [settings] route, arguments in
            guard let filter: RegularExpression = arguments.object(0), let reset: FilterReset = arguments.object(1)
            else {
                return .failure
            }
            let filters = route.state(RedirectFilters.self) ?? RedirectFilters(settings)
            route.setState(filters)
            return filters[keyPath: path].add(filter, reset) ? .success : .failure
        }
    }
}
