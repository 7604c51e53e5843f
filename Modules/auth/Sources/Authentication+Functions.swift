import Bytes
import Digests
import ModuleKit
import SIPMessage

extension Authentication {
    private static let results = [
        1: "right", -1: "broken or forged", -2: "wrong password", -4: "the nonce has had its time",
        -5: "no credentials for the realm", -6: "the nonce was used before",
    ]

    private var realm: Argument { Argument("realm", .format, "Realm, as a rule a domain.") }
    private var password: Argument { Argument("password", .format, "Password of the user.") }
    private var checkFlags: Argument {
        Argument("flags", .int, "1: the password is H(user:realm:password) in hexadecimal.")
    }

    public var functions: [ScriptFunction] { self.challenges + self.checks + self.others }

    private var challenges: [ScriptFunction] {
        func challenge(
            _ name: String, _ summary: String, _ example: String, _ kind: @escaping @Sendable (RouteContext) -> Kind
        ) -> ScriptFunction {
            ScriptFunction(
                name, self.realm,
                Argument(
                    "flags", .int,
                    "Sum of 1 (qop auth), 2 (qop auth-int), 4 (accepted), 16 (stale)."),
                Argument(
                    "algorithms", .custom { text, _ in try AlgorithmList(text) },
                    "Hash functions to offer, best first: \"SHA-256,MD5\".", optional: true),
                in: [.request, .failure, .transactionReply, .reply],
                summary: summary, reference: "RFC 7616 §3.3, RFC 8760 §2",
                outcomes: [1: "sent", -1: "it could not be made or sent"], example: example
            ) { [self] route, arguments in
                .code(
                    self.challenge(
                        route, kind(route), realm: arguments.text(0, in: route), flags: arguments.int(1, in: route),
                        algorithms: arguments.object(2, as: AlgorithmList.self)?.algorithms ?? []))
            }
        }
        return [
            challenge(
                "www_challenge", "Asks for credentials with a 401.", #"www_challenge("$td", "1"); exit;"#
            ) { _ in .www },
            challenge(
                "proxy_challenge", "Asks for credentials with a 407.", #"proxy_challenge("$fd", "1"); exit;"#
            ) { _ in .proxy },
            challenge(
                "auth_challenge", "Asks for credentials: with a 401 for REGISTER, else with a 407.",
                #"auth_challenge("$fd", "1", "SHA-256,MD5"); exit;"#
            ) { route in route.message.method == .register ? .www : .proxy },
        ]
    }

    private var checks: [ScriptFunction] {
        func check(_ name: String, _ alias: String, _ kind: Kind, _ example: String) -> ScriptFunction {
            ScriptFunction(
                name, aliases: [alias], self.realm, self.password, self.checkFlags,
                Argument("method", .format, "Instead of the request's method.", optional: true),
                in: .request,
                summary: "Checks credentials against a password that the script has.",
                reference: "RFC 7616 §3.4", outcomes: Self.results, example: example
            ) { [self] route, arguments in
                let method = arguments.has(3) ? arguments.text(3, in: route) : nil
                return .code(self.check(route, arguments, kind, method: method).result.rawValue)
            }
        }
        return [
            check(
                "pv_www_authenticate", "pv_www_authorize", .www,
                #"if (!pv_www_authenticate("$td", "secret", "0")) { www_challenge("$td", "1"); exit; }"#),
            check(
                "pv_proxy_authenticate", "pv_proxy_authorize", .proxy,
                #"if (!pv_proxy_authenticate("$fd", "$avp(secret)", "0")) { proxy_challenge("$fd", "1"); exit; }"#),
            ScriptFunction(
                "pv_auth_check", self.realm, self.password, self.checkFlags,
                Argument(
                    "checks", .int,
                    "Sum of 1 (the user is who the request is from) and 2 (but not for INVITE, BYE, PRACK, UPDATE, MESSAGE)."
                ),
                in: .request,
                summary:
                    "Checks the credentials of a REGISTER in Authorization, of others in Proxy-Authorization, and the user.",
                reference: "RFC 7616 §3.4",
                outcomes: Self.results.merging([-8: "right, but another user"]) { first, _ in first },
                example: #"if (!pv_auth_check("$fd", "secret", "0", "1")) { auth_challenge("$fd", "1"); exit; }"#
            ) { [self] route, arguments in
                let kind: Kind = route.message.method == .register ? .www : .proxy
                let (result, pending) = self.check(route, arguments, kind, method: nil)
                let checks = arguments.int(3, in: route) ?? 0
                guard result == .right, let pending, checks & 1 != 0 else { return .code(result.rawValue) }
                let isIdentity = self.isIdentity(
                    pending, of: route, usesDomain: self.settings.usesDomain, skipsDialogs: checks & 2 != 0)
                return .code((isIdentity ? result : .userMismatch).rawValue)
            },
        ]
    }

    private func check(
        _ route: RouteContext, _ arguments: Arguments, _ kind: Kind, method: ByteString?
    ) -> (result: AuthenticationResult, pending: PendingCredentials?) {
        guard let flags = arguments.int(2, in: route) else { return (.error, nil) }
        switch self.begin(route, realm: arguments.text(0, in: route), isProxy: kind == .proxy) {
        case .done(let result): return (result, nil)
        case .pending(let pending):
            let text = arguments.text(1, in: route)
            let secret: StoredSecret = flags & 1 != 0 ? .hash(text) : .password(text)
            return (self.finish(route, pending, secret, method: method), pending)
        }
    }

    private var others: [ScriptFunction] {
        [
            ScriptFunction(
                "consume_credentials", in: .request,
                summary: "Takes away the header field whose credentials were checked, so that it does not travel on.",
                reference: "RFC 3261 §22.3", outcomes: [1: "taken away", -1: "none was checked"],
                example: #"if (pv_proxy_authenticate("$fd", "secret", "0")) consume_credentials();"#
            ) { route, _ in
                guard let field = route.state(DigestWork.self)?.field, field >= 0 else { return .failure }
                if !route.edits.isRemoved(field, route.message) { route.edits.removeHeader(at: field, route.message) }
                return .success
            },
            ScriptFunction(
                "has_credentials", self.realm, in: .request,
                summary: "Whether the request has credentials for the realm, right or wrong.",
                reference: "RFC 7616 §3.4", outcomes: [1: "yes", -1: "no"],
                example: #"if (!has_credentials("$fd")) { proxy_challenge("$fd", "1"); exit; }"#
            ) { route, arguments in
                let realm = arguments.text(0, in: route)
                for name in [HeaderName.proxyAuthorization, .authorization] {
                    if let found = DigestCredentials.find(route.message, name, realm: realm.span), !found.isEmpty {
                        return .success
                    }
                }
                return .failure
            },
            ScriptFunction(
                "auth_get_www_authenticate", self.realm,
                Argument("flags", .int, "As those of www_challenge."),
                Argument("result", .variable, "Gets the header field with its line end."),
                in: .request,
                summary: "Makes the header field of a 401 challenge without sending it.",
                reference: "RFC 7616 §3.3", outcomes: [1: "made", -1: "no realm"],
                example: #"auth_get_www_authenticate("$fd", "1", "$var(challenge)");"#
            ) { [self] route, arguments in
                let realm = arguments.text(0, in: route)
                guard !realm.isEmpty, let flags = arguments.int(1, in: route) else { return .failure }
                let out = ByteBuffer(capacity: 192)
                self.write(route, .www, realm: realm, ChallengeFlags(rawValue: flags), [], to: out)
                arguments.variable(2)?.write(.bytes(ByteString(out.span)), in: route)
                return .success
            },
            ScriptFunction(
                "auth_algorithm", Argument("algorithm", .format, "MD5, SHA-256, SHA-512 or SHA-512-256."),
                in: .request,
                summary: "Sets the hash function for this request, instead of the parameter algorithm.",
                reference: "RFC 8760", outcomes: [1: "set", -1: "unknown"],
                example: #"auth_algorithm("SHA-256"); www_challenge("$td", "1"); exit;"#
            ) { route, arguments in
                guard let list = try? AlgorithmList(arguments.text(0, in: route)), list.first != nil else {
                    return .failure
                }
                route.setState(ChosenAlgorithms(list))
                return .success
            },
        ]
    }
}
