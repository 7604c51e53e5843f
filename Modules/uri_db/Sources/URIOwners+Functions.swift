import Bytes
import Database
import ModuleKit
import SIPMessage
import auth

extension URIOwners {
    private static let outcomes = [
        1: "it does", -1: "the URI cannot be read, or the database did not answer", -2: "nobody was authenticated",
        -4: "the URI has no user", -9: "table uri says no", -10: "the user is another one",
    ]

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "check_to", in: .request,
                summary: "Tells whether the To URI belongs to the user whose credentials were checked.",
                outcomes: Self.outcomes,
                example: #"if (is_method("REGISTER") && !check_to()) { sl_send_reply("403", "Not yours"); exit; }"#
            ) { [unowned self] route, _ in
                let message = route.message
                return self.check(route, message.span, message.to.uri)
            },
            ScriptFunction(
                "check_from", in: .request,
                summary: "Tells whether the From URI belongs to the user whose credentials were checked.",
                outcomes: Self.outcomes,
                example: #"if (!check_from()) { sl_send_reply("403", "Not you"); exit; }"#
            ) { [unowned self] route, _ in
                let message = route.message
                return self.check(route, message.span, message.from.uri)
            },
            ScriptFunction(
                "check_uri", Argument("uri", .format, "The URI."), in: .request,
                summary: "Tells whether a URI belongs to the user whose credentials were checked.",
                outcomes: Self.outcomes,
                example: #"if (!check_uri("$ai")) { remove_hf("P-Asserted-Identity"); }"#
            ) { [unowned self] route, arguments in
                let text = arguments.text(0, in: route)
                return self.check(route, text.span, ByteRange(0, text.count))
            },
            ScriptFunction(
                "does_uri_exist", in: .request, summary: "Tells whether the Request-URI belongs to a user.",
                outcomes: [1: "it does", -1: "the database did not answer", -5: "it does not"],
                example: #"if (!does_uri_exist()) { sl_send_reply("404", "Not here"); exit; }"#
            ) { [unowned self] route, _ in self.exists(route) },
        ]
    }

    private func check(_ route: RouteContext, _ span: Span<UInt8>, _ range: ByteRange) -> Outcome {
        guard let uri = SIPURI(span, range) else {
            let text = ByteString(span, range)
            route.log(.error, "uri_db: '\(text)' is no URI")
            return .failure
        }
        guard uri.user.isPresent, uri.user.count > 0 else {
            route.log(.error, "uri_db: there is no user in the URI")
            return -4
        }
        guard let authorized = route.state(AuthorizedUser.self) else {
            route.log(.error, "uri_db: nobody was authenticated: call www_authenticate or its like before")
            return -2
        }
        let user = ByteString(span, uri.user)
        guard self.settings.usesTable else {
            let name = authorized.name
            let isSame = name.span.equalsIgnoringCase(user.span)
            return isSame ? .success : -10
        }
        let settings = self.settings
        return self.ask(
            route,
            [
                Condition(settings.user, .equal, .string(authorized.name)),
                Condition(settings.domain, .equal, .string(AuthorizedDomain.of(authorized, in: route))),
                Condition(settings.uriUser, .equal, .string(user)),
            ], none: -9)
    }

    private func exists(_ route: RouteContext) -> Outcome {
        let parts = route.withRequestURI { span, uri -> (user: ByteString, domain: ByteString)? in
            guard let uri, uri.user.isPresent, uri.user.count > 0 else { return nil }
            return (ByteString(span, uri.user), ByteString(span, uri.host))
        }
        guard let parts else { return -5 }
        let column = self.settings.usesTable ? self.settings.uriUser : self.settings.user
        var conditions = [Condition(column, .equal, .string(parts.user))]
        if self.settings.usesDomain {
            conditions.append(Condition(self.settings.domain, .equal, .string(parts.domain)))
        }
        return self.ask(route, conditions, none: -5)
    }

    private func ask(_ route: RouteContext, _ conditions: [Condition], none: Int) -> Outcome {
        guard let database = self.database else {
            route.log(.error, "uri_db: there is no db_url")
            return .failure
        }
        let select = Select([self.settings.user], from: self.settings.table, where: Filter(conditions), limit: 1)
        return database.ask(route) {
            try !$0.query(select).isEmpty
        } then: { route, result in
            switch result {
            case .success(let isThere): return isThere ? .success : .code(none)
            case .failure(let error):
                route.log(.error, "uri_db: \(error)")
                return .failure
            }
        }
    }
}
