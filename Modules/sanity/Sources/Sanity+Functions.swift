import Bytes
import ModuleKit
import SIPMessage

extension Sanity {
    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "sanity_check",
                Argument(
                    "checks", .int,
                    "Sum of 1 version, 2 scheme, 4 required fields, 32 and 64 CSeq, 128 Content-Length, 256 Expires, 512 Proxy-Require, 1024 URIs, 2048 and 8192 credentials, 4096 tags, 16384 top Via, 32768 branch cookie and loose routes, 65536 sizes.",
                    optional: true),
                Argument("uris", .int, "Sum of 1 Request-URI, 2 From, 4 To, 8 Contact.", optional: true),
                in: [.request, .transactionReply, .reply],
                summary: "Checks the message; a request that fails is answered.",
                reference: "RFC 3261 §8.2, §16.3",
                outcomes: [1: "well formed", -1: "refused", 0: "refused, and the script ends (autodrop)"],
                example: #"if (!sanity_check("17895", "7")) { xlog("malformed from $si\n"); exit; }"#
            ) { [self] route, arguments in self.sanityCheck(route, arguments) },
            ScriptFunction(
                "sanity_reply",
                in: [.request, .transactionReply, .reply],
                summary: "Answers a request that failed its check while noreply was set.",
                reference: "RFC 3261 §8.2.6",
                outcomes: [1: "sent, a 500 when no check has failed", -1: "an ACK or a reply, which are not answered"],
                example: "if (!sanity_check()) { sanity_reply(); exit; }"
            ) { [self] route, _ in
                let failure = route.state(SanityNote.self)?.failure
                return .code(self.answer(route, failure ?? SanityFailure("Server Sanity Failure", code: 500)))
            },
        ]
    }

    private func sanityCheck(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        let bits = arguments.has(0) ? arguments.int(0, in: route) ?? 0 : self.settings.defaultChecks
        let uris = arguments.has(1) ? arguments.int(1, in: route) ?? 0 : self.settings.uriChecks
        guard bits >= 1, bits < 131_072 else {
            route.log(.error, "sanity: checks \(bits) are not between 1 and 131071")
            return .failure
        }
        guard uris >= 1, uris < 16 else {
            route.log(.error, "sanity: URI checks \(uris) are not between 1 and 15")
            return .failure
        }
        var checks = SanityCheck.Checks(rawValue: bits)
        if self.settings.checksSizes { checks.insert(.sizes) }
        guard let failure = self.check.run(route.message, checks, SanityCheck.URIs(rawValue: uris)) else {
            return .success
        }
        route.log(.debug, "sanity: \(failure.reason)")
        if route.isRequest, failure.isAnswered {
            if self.settings.isSilent {
                route.setState(SanityNote(failure))
            } else {
                _ = self.answer(route, failure)
            }
        }
        return self.settings.stopsScript ? .stop : .failure
    }

    private func answer(_ route: RouteContext, _ failure: SanityFailure) -> Int {
        guard route.isRequest, route.message.method != .ack else { return -1 }
        let headers = route.replyHeaders
        let mark = headers.count
        if !failure.unsupported.isEmpty {
            headers.append("Unsupported: ")
            headers.append(failure.unsupported)
            headers.append("\r\n")
        }
        let result = self.replies.send(to: route, code: failure.code, reason: ByteString("\(failure.reason)"))
        headers.truncate(to: mark)
        return result
    }
}

/// A failed check that is not answered yet.
private final class SanityNote {
    let failure: SanityFailure
    init(_ failure: SanityFailure) { self.failure = failure }
}
