import Bytes
import ModuleKit
import SIPMessage
import rr
import tm

extension UserAgentClient {
    public var functions: [ScriptFunction] {
        self.replacementFunctions + [self.sendFunction] + self.authenticationFunctions + self.registrationFunctions
            + self.registrationQuestions
    }

    private var replacementFunctions: [ScriptFunction] {
        let routes: RouteKinds = [.request, .branch]
        let outcomes = [1: "replaced", -1: "the message has no such field, or a broken one"]
        func replacing(_ name: String, _ field: String, _ party: Party) -> ScriptFunction {
            ScriptFunction(
                name,
                Argument(
                    "display", .format,
                    "Display name as it is written; empty takes it away. With one argument: the URI."),
                Argument("uri", .format, "The URI; empty leaves it.", optional: true), in: routes,
                summary:
                    "Shows the callee another \(field); with restore_mode auto replies and requests of the dialog get back what it was.",
                reference: "RFC 3261 §8.1.1", outcomes: outcomes,
                example: "\(name)(\"Office\", \"sip:100@example.com\");",
                body: { [unowned self] route, arguments in
                    guard arguments.has(1) else {
                        return self.replace(party, route, display: nil, uri: arguments.text(0, in: route))
                    }
                    return self.replace(
                        party, route, display: arguments.text(0, in: route), uri: arguments.text(1, in: route))
                }
            )
        }
        func restoring(_ name: String, _ field: String, _ party: Party) -> ScriptFunction {
            ScriptFunction(
                name, in: .request,
                summary:
                    "Restores the \(field) that was replaced in the first request of the dialog; for restore_mode manual.",
                outcomes: [1: "restored", -1: "nothing was replaced"],
                example: "if (loose_route()) { \(name)(); }",
                body: { [unowned self] route, _ in self.restore(party, route) }
            )
        }
        return [
            replacing("uac_replace_from", "From", .from), restoring("uac_restore_from", "From", .from),
            replacing("uac_replace_to", "To", .to), restoring("uac_restore_to", "To", .to),
        ]
    }

    private var sendFunction: ScriptFunction {
        ScriptFunction(
            "uac_req_send", in: .any,
            summary: "Sends the request that $uac_req(…) describes, in a transaction; a challenge is answered once.",
            reference: "RFC 3261 §8.1",
            outcomes: [1: "sent", -1: "something is missing, or there is no way to send it"],
            example: #"""
                $uac_req(method) = "OPTIONS"; $uac_req(ruri) = "sip:192.0.2.9"; $uac_req(furi) = "sip:me@example.com"; uac_req_send();
                """#,
            body: { [unowned self] route, _ in self.sendDraft(route) }
        )
    }

    private var authenticationFunctions: [ScriptFunction] {
        let routes: RouteKinds = [.failure, .branchFailure, .event]
        let outcomes = [
            1: "the request has credentials now: relay it", -1: "nothing is known for the realm, or nobody asked",
        ]
        let mode = "1: passwords are H(user:realm:password) in hexadecimal, 0: they are plain."
        return [
            ScriptFunction(
                "uac_auth", Argument("mode", .int, mode, optional: true), in: routes,
                summary: "Answers the 401 or 407 that the failure route is about, for the caller.",
                reference: "RFC 3261 §22.2, RFC 7616", outcomes: outcomes,
                example: "if (t_check_status(\"401|407\") && uac_auth()) { t_relay(); }",
                body: { [unowned self] route, arguments in
                    self.authenticate(route, mode: arguments.int(0, in: route) ?? 0)
                }
            ),
            ScriptFunction(
                "uac_auth_mode", Argument("mode", .int, mode), in: routes,
                summary: "Like uac_auth, with a mode that a variable may give.",
                reference: "RFC 3261 §22.2, RFC 7616", outcomes: outcomes,
                example: "if (uac_auth_mode(\"1\")) { t_relay(); }",
                body: { [unowned self] route, arguments in
                    self.authenticate(route, mode: arguments.int(0, in: route) ?? 0)
                }
            ),
        ]
    }

    private var registrationFunctions: [ScriptFunction] {
        let attribute = Argument("attribute", .format, "l_uuid, l_username, r_username or auth_username.")
        let value = Argument("value", .format, "Its value.")
        func acting(
            _ name: String, _ summary: String,
            _ body: @escaping @Sendable (UserAgentClient, Registration, RouteContext) -> Void
        ) -> ScriptFunction {
            ScriptFunction(
                name, attribute, value, in: .any, summary: summary,
                outcomes: [1: "done", -1: "there is no such registration"],
                example: "\(name)(\"l_uuid\", \"trunk\");",
                body: { [unowned self] route, arguments in
                    guard
                        let filter = RegistrationFilter(arguments.text(0, in: route), arguments.text(1, in: route)),
                        let found = self.registrations.find(filter)
                    else { return .failure }
                    body(self, found, route)
                    return .success
                }
            )
        }
        return [
            acting("uac_reg_enable", "Enables a registration that was disabled; it is made anew within a second.") {
                module, found, _ in
                _ = module.registrations.change(found.uuid) { $0.enable(module.registrations.clock.seconds()) }
            },
            acting("uac_reg_disable", "Disables a registration; what the registrar has runs out.") {
                module, found, _ in
                _ = module.registrations.change(found.uuid) { $0.disable(module.registrations.clock.seconds()) }
            },
            acting("uac_reg_send_register", "Sends REGISTER for a registration now.") { module, found, route in
                _ = module.register(found.uuid, isEnd: false, by: route.worker)
            },
            acting("uac_reg_send_unregister", "Ends a registration at the registrar now.") { module, found, route in
                _ = module.register(found.uuid, isEnd: true, by: route.worker)
            },
            ScriptFunction(
                "uac_reg_refresh", Argument("uuid", .format, "Identifier of the registration."), in: .any,
                summary: "Reads a registration from the database again, if there is one, and makes it anew.",
                outcomes: [1: "done", -1: "there is no such registration"],
                example: "uac_reg_refresh(\"trunk\");",
                body: { [unowned self] route, arguments in
                    let uuid = arguments.text(0, in: route)
                    guard self.database != nil else { return self.enable(uuid) ? .success : .failure }
                    let token = route.suspend()
                    self.refresh(uuid) { token.resume(ResumeResult(code: $0 ? 1 : -1)) }
                    return .suspended(nil)
                }
            ),
        ]
    }

    private var registrationQuestions: [ScriptFunction] {
        [
            ScriptFunction(
                "uac_reg_lookup", Argument("uuid", .format, "Identifier of the registration."),
                Argument("result", .variable, "Gets the local URI."), in: .any,
                summary: "Gives the local URI of a registration: l_username at l_domain.",
                outcomes: [1: "found", -1: "there is no such registration"],
                example: "if (uac_reg_lookup(\"$rU\", \"$avp(uri)\")) { $ru = $avp(uri); }",
                body: { [unowned self] route, arguments in
                    guard let found = self.registrations.find(.uuid(arguments.text(0, in: route))),
                        let variable = arguments.variable(1)
                    else { return .failure }
                    return variable.write(.bytes(found.localURI), in: route) ? .success : .failure
                }
            ),
            ScriptFunction(
                "uac_reg_lookup_uri", Argument("uri", .format, "Local URI; its domain counts with reg_use_domain."),
                Argument("result", .variable, "Gets the uuid."), in: .any,
                summary: "Gives the uuid of the registration that a local URI belongs to.",
                outcomes: [1: "found", -1: "there is no such registration", -2: "that is no URI"],
                example:
                    "if (uac_reg_lookup_uri(\"$fu\", \"$avp(uuid)\")) { uac_reg_request_to(\"$avp(uuid)\", \"0\"); }",
                body: { [unowned self] route, arguments in
                    let text = arguments.text(0, in: route)
                    let span = text.span
                    guard let uri = SIPURI(span, ByteRange(start: 0, count: text.count)), uri.isSIP else {
                        return .code(-2)
                    }
                    let domain = self.settings.usesDomain ? ByteString(span, uri.host) : nil
                    guard
                        let found = self.registrations.find(localUser: ByteString(span, uri.user), domain: domain),
                        let variable = arguments.variable(1)
                    else { return .failure }
                    return variable.write(.bytes(found.uuid), in: route) ? .success : .failure
                }
            ),
            ScriptFunction(
                "uac_reg_status", Argument("uuid", .format, "Identifier of the registration."), in: .any,
                summary: "Tells whether a registration stands.",
                outcomes: [
                    1: "registered", -1: "there is no such registration", -2: "an attempt is under way", -3: "disabled",
                    -99: "not registered, the next attempt is to come",
                ],
                example: "if (uac_reg_status(\"trunk\") > 0) { xlog(\"registered\\n\"); }",
                body: { [unowned self] route, arguments in
                    guard let found = self.registrations.find(.uuid(arguments.text(0, in: route))) else {
                        return .failure
                    }
                    if found.state.contains(.online) { return .success }
                    if found.state.contains(.disabled) { return -3 }
                    return .code(found.state.contains(.asks) ? -2 : -99)
                }
            ),
            ScriptFunction(
                "uac_reg_request_to", Argument("user", .format, "Whom to call by which registration."),
                Argument("mode", .int, "Sum of 1 (user is l_username, not l_uuid) and 2 (give HA1 as password)."),
                in: [.request, .failure, .branch],
                summary:
                    "Sends the request the way of a registration: sets $ru, $du, $fs, and the variables of auth_*_avp for uac_auth().",
                outcomes: [1: "done", -1: "there is no such registration"],
                example: "if (uac_reg_request_to(\"$rU\", \"1\")) { t_relay(); }",
                body: { [unowned self] route, arguments in
                    self.direct(route, arguments.text(0, in: route), mode: arguments.int(1, in: route) ?? 0)
                }
            ),
        ]
    }

    private func direct(_ route: RouteContext, _ user: ByteString, mode: Int) -> Outcome {
        var found: Registration?
        if mode & 1 == 0 {
            found = self.registrations.find(.uuid(user))
        } else if self.settings.usesDomain, let at = user.bytes.firstIndex(of: UInt8(ascii: "@")) {
            found = self.registrations.find(
                localUser: ByteString(Array(user.bytes[..<at])), domain: ByteString(Array(user.bytes[(at + 1)...])))
        } else {
            found = self.registrations.find(localUser: user, domain: nil)
        }
        guard let registration = found else { return .failure }
        route.setRequestURI(registration.remoteURI)
        if !registration.proxy.isEmpty { route.target.destinationURI = registration.proxy }
        if !registration.socket.isEmpty, let socket = self.host.socket(named: registration.socket) {
            route.target.socket = socket
        }
        let secret = mode & 2 != 0 && !registration.hash.isEmpty ? registration.hash : registration.password
        _ = self.avps.user?.write(.bytes(registration.user), in: route)
        _ = self.avps.realm?.write(.bytes(registration.realm), in: route)
        _ = self.avps.password?.write(.bytes(secret), in: route)
        return .success
    }
}
