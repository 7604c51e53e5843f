import Bytes
import ModuleKit
import SIPMessage

extension TextOpsX {
    /// Functions for the message as a whole.
    var messageFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "msg_apply_changes", in: [.request, .reply],
                summary: "Makes the changes recorded so far; the script reads the changed message from here on.",
                outcomes: [1: "done", -1: "the result is no message, or a transaction holds the old one"],
                example: "msg_apply_changes();"
            ) { route, _ in
                guard route.transaction == 0 else {
                    route.log(.error, "msg_apply_changes: the request belongs to a transaction already")
                    return .failure
                }
                return route.applyChanges() ? .success : .failure
            },
            ScriptFunction(
                "msg_set_buffer", Argument("data", .format, "A whole message."), in: [.request, .reply],
                summary: "Goes on with another message in place of the one received.",
                outcomes: [1: "done", -1: "the data is no message of that kind"], example: #"msg_set_buffer("$mb");"#
            ) { route, arguments in
                guard route.transaction == 0 else { return .failure }
                let data = arguments.text(0, in: route)
                return route.replaceMessage(with: ByteBuffer(data.span)) ? .success : .failure
            },
            ScriptFunction(
                "remove_body", in: .any, summary: "Removes the body and its type.", reference: "RFC 3261 §7.4",
                outcomes: [1: "removed"], example: "remove_body();"
            ) { route, _ in
                let message = route.message
                route.edits.delete(message.body)
                let type = message.first(.contentType)
                if type >= 0, message.body.count > 0 { route.edits.removeHeader(at: type, message) }
                return .success
            },
            ScriptFunction(
                "keep_hf",
                Argument(
                    "pattern", .custom { text, _ in try KeptHeaders(text) },
                    "Extended regular expression for the names that stay; case is ignored.", optional: true
                ),
                in: .any,
                summary: "Removes all header fields but those a message must have and those whose name matches.",
                reference: "RFC 3261 §8.1.1", outcomes: [1: "done"], example: #"keep_hf("^(User-Agent|Allow)$");"#
            ) { route, arguments in
                KeptHeaders.apply(arguments.object(0, as: KeptHeaders.self), to: route)
                return .success
            },
            ScriptFunction(
                "change_reply_status", Argument("code", .int, "New status code."),
                Argument("reason", .format, "New reason phrase."),
                in: .anyReply, summary: "Changes status code and reason phrase of the reply that is relayed.",
                reference: "RFC 3261 §7.2", outcomes: [1: "changed", -1: "not a code of the same class"],
                example: #"change_reply_status("480", "Not Available");"#
            ) { route, arguments in
                Self.changeStatus(route, arguments.int(0, in: route), arguments.text(1, in: route))
            },
            ScriptFunction(
                "change_reply_status_code", Argument("code", .int, "New status code."), in: .anyReply,
                summary: "Changes the status code of the reply that is relayed.", reference: "RFC 3261 §7.2",
                outcomes: [1: "changed", -1: "not a code of the same class"],
                example: #"change_reply_status_code("480");"#
            ) { route, arguments in Self.changeStatus(route, arguments.int(0, in: route), nil) },
        ]
    }

    /// A provisional reply stays one, a 2xx too; other final codes may become any final code but 2xx.
    private static func changeStatus(_ route: RouteContext, _ code: Int?, _ reason: ByteString?) -> Outcome {
        let message = route.message
        guard message.isResponse, let code, code >= 100, code <= 699 else { return .failure }
        let isAllowed =
            code / 100 == message.statusCode / 100 || (code >= 300 && message.statusCode >= 300)
        guard isAllowed else {
            route.log(.error, "a reply \(message.statusCode) cannot become \(code)")
            return .failure
        }
        let start = message.versionRange.upper + 1
        route.edits.replace(ByteRange(start: start, count: 3), withDecimal: code)
        if let reason { route.edits.replace(message.reason, with: reason.span) }
        return .success
    }
}

/// Which header fields `keep_hf` leaves.
final class KeptHeaders: Sendable {
    let pattern: RegularExpression

    init(_ text: ByteString) throws {
        do {
            self.pattern = try RegularExpression(text, ignoringCase: true)
        } catch {
            throw ArgumentError("\(text.string) is no regular expression: \(error.message)")
        }
    }

    static func apply(_ kept: KeptHeaders?, to route: RouteContext) {
        let message = route.message
        for index in 0..<message.headerCount {
            let field = message.field(at: index)
            switch field.name {
            case .via, .from, .to, .callID, .cSeq, .maxForwards, .contact, .route, .recordRoute, .contentLength,
                .contentType, .expires, .proxyAuthorization, .authorization:
                continue
            default:
                if kept?.pattern.matches(message.span.extracting(field.nameRange.indices)) == true { continue }
                if !route.edits.isRemoved(index, message) { route.edits.removeHeader(at: index, message) }
            }
        }
    }
}
