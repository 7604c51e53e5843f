import Bytes
import ModuleKit
import SIPMessage

extension SIPUtils {
    /// Questions about the message being routed.
    var messageFunctions: [ScriptFunction] {
        [
            Self.question(
                "has_totag", "Tells whether To has a tag: whether the request belongs to a dialog.", "RFC 3261 §12.2"
            ) {
                $0.message.to.hasTag
            },
            Self.question("is_request", "Tells whether the message is a SIP request.", "RFC 3261 §7.1") {
                $0.message.isRequest
            },
            Self.question("is_reply", "Tells whether the message is a SIP reply.", "RFC 3261 §7.2") {
                $0.message.isResponse
            },
            Self.question("is_sip", "Tells whether the message is SIP.", "RFC 3261 §7") { $0.message.kind != .http },
            Self.question("is_http", "Tells whether the message is HTTP.", "RFC 9112 §3") { $0.message.kind == .http },
            ScriptFunction(
                "is_first_hop",
                Argument(
                    "mode", .int, "Of replies: 0 asks also that the source is not a local address.", optional: true),
                in: .any,
                summary: "Tells whether a request comes straight from its sender, or a reply goes straight to it.",
                reference: "RFC 3261 §16.6 step 8",
                outcomes: [1: "first hop", -1: "others are in between"],
                example: "if (is_first_hop()) { setflag(1); }"
            ) { [self] route, arguments in
                self.isFirstHop(route, mode: arguments.int(0, in: route) ?? 0) ? .success : .failure
            },
            ScriptFunction(
                "is_supported", Argument("option", .literal, "Option tag."), in: .any,
                summary: "Tells whether Supported lists an option tag.", reference: "RFC 3261 §20.37",
                outcomes: [1: "listed", -1: "not listed"], example: #"if (is_supported("path")) { setflag(1); }"#
            ) { route, arguments in
                let text = arguments.text(0, in: route)
                return route.message.lists(text.span, in: .supported) ? .success : .failure
            },
            ScriptFunction(
                "is_gruu", Argument("uri", .format, "The URI; the Request-URI when left out.", optional: true),
                in: .any,
                summary: "Tells whether a URI is a GRUU.", reference: "RFC 5627 §3.1",
                outcomes: [1: "a public one", 2: "a temporary one", -1: "none"],
                example: "if (is_gruu()) { setflag(1); }"
            ) { route, arguments in
                if arguments.has(0) {
                    let text = arguments.text(0, in: route)
                    return Self.gruu(text.span, SIPURI(text.span, ByteRange(start: 0, count: text.count)))
                }
                return route.withRequestURI { Self.gruu($0, $1) }
            },
            ScriptFunction(
                "sip_parse_headers", in: .any, summary: "Does nothing: header fields are always indexed.",
                outcomes: [1: "always"], example: "sip_parse_headers();"
            ) { _, _ in .success },
            ScriptFunction(
                "options_reply", in: .request,
                summary: "Answers OPTIONS to the server itself with 200 and what it accepts.",
                reference: "RFC 3261 §11.2", outcomes: [1: "answered", -1: "not OPTIONS, or the URI has a user"],
                example: #"if (is_request()) options_reply();"#
            ) { [self] route, _ in self.answerOptions(route) },
        ]
    }

    private static func question(
        _ name: String, _ summary: String, _ reference: String, _ body: @escaping @Sendable (RouteContext) -> Bool
    ) -> ScriptFunction {
        ScriptFunction(
            name, in: .any, summary: summary, reference: reference, outcomes: [1: "yes", -1: "no"],
            example: "if (\(name)()) { setflag(1); }"
        ) { route, _ in body(route) ? .success : .failure }
    }

    private static func gruu(_ span: Span<UInt8>, _ uri: SIPURI?) -> Outcome {
        guard let uri, uri.hasGR else { return -1 }
        return uri.gr.isPresent && uri.gr.count > 0 ? 1 : 2
    }

    private func isFirstHop(_ route: RouteContext, mode: Int) -> Bool {
        let message = route.message
        guard message.isResponse else { return message.isRequest && !message.via(at: 1).isValid }
        var records = message.recordRoutes
        // Nobody recorded the route: there is nobody between.
        guard let top = records.next(message) else { return true }
        let span = message.span
        guard top.isValid, let uri = SIPURI(span, top.uri), uri.hostAddress(span) != nil,
            self.host.isMyself(span, host: uri.host, port: max(uri.port, 0), transport: uri.transport)
        else { return false }
        guard mode == 0 else { return true }
        // What this server sent itself has been here before.
        return !self.host.sockets.contains { $0.address == route.arrival.source }
    }

    private func answerOptions(_ route: RouteContext) -> Outcome {
        guard route.message.method == .options else { return .failure }
        let hasUser = route.withRequestURI { _, uri in uri?.hasUser ?? true }
        guard !hasUser, route.message.topVia.isValid else { return .failure }
        let headers = route.replyHeaders
        let mark = headers.count
        func append(_ name: StaticString, _ value: ByteString) {
            headers.append(name)
            headers.append(value)
            headers.append("\r\n")
        }
        append("Accept: ", self.settings.accept)
        append("Accept-Encoding: ", self.settings.acceptEncoding)
        append("Accept-Language: ", self.settings.acceptLanguage)
        append("Supported: ", self.settings.supported)
        let buffer = route.worker.outgoing()
        self.replies.write(200, ("OK" as StaticString).span, for: route, from: .stateless, into: buffer)
        headers.truncate(to: mark)
        let isSent = route.worker.send(buffer, to: self.replies.destination(for: route), token: 0)
        return isSent ? .success : .failure
    }
}
