import Bytes
import ModuleKit
import SIPMessage

/// The `textopsx` module: applies queued edits, and further ways to edit a message.
public final class TextOpsExtra: ServerModule {
    public static let name = "textopsx"
    public static let summary = "Applies queued changes to the message, and more ways to edit it."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "msg_apply_changes", in: [.request, .reply],
                summary: "Makes all queued changes, so that they can be read; before the transaction begins.",
                outcomes: [1: "changed, or nothing was queued", -1: "the changed message cannot be parsed"],
                example: "append_hf(\"X-Seen: yes\\r\\n\"); msg_apply_changes();",
                body: { route, _ in Self.applyChanges(route) }
            ),
            ScriptFunction(
                "remove_body", in: .any, summary: "Removes the body.", example: "remove_body();",
                body: { route, _ in
                    let body = route.message.body
                    guard body.count > 0 else { return .success }
                    route.edits.delete(body)
                    return .success
                }
            ),
            ScriptFunction(
                "change_reply_status", Argument("code", .int, "New code, of the same class."),
                Argument("reason", .format, "New reason phrase."), in: [.reply, .transactionReply],
                summary: "Changes code and reason of the reply that is relayed.",
                example: "change_reply_status(\"487\", \"Gone\");",
                body: { route, arguments in
                    let message = route.message
                    guard !route.isRequest, let code = arguments.int(0, in: route), code >= 100, code <= 699,
                        code / 100 == message.statusCode / 100 || (code >= 300 && message.statusCode >= 300),
                        message.reason.isPresent
                    else { return .failure }
                    // Three digits stand before the blank that precedes the reason.
                    let digits = ByteRange(start: message.reason.lower - 4, count: 3)
                    route.edits.replace(digits, withDecimal: code)
                    let reason = arguments.text(1, in: route)
                    route.edits.replace(message.reason, with: reason.span)
                    return .success
                }
            ),
        ]
            + ScriptFunction.notYet(
                "msg_changed_route", "msg_set_buffer", "change_reply_status_code", "keep_hf", "fnmatch",
                "append_hf_value", "insert_hf_value", "remove_hf_value", "remove_hf_value2", "assign_hf_value",
                "assign_hf_value2", "include_hf_value", "exclude_hf_value", "hf_value_exists", "hf_iterator_start",
                "hf_iterator_end", "hf_iterator_next", "hf_iterator_prev", "hf_iterator_rm", "hf_iterator_append",
                "hf_iterator_insert", "bl_iterator_start", "bl_iterator_end", "bl_iterator_next", "bl_iterator_rm",
                "bl_iterator_append", "bl_iterator_insert"
            )
    }

    public var variables: [ScriptVariable] { ScriptVariable.notYet("hfitname", "hfitbody", "blitval") }

    private static func applyChanges(_ route: RouteContext) -> Outcome {
        guard route.transaction == 0 else {
            route.log(.error, "msg_apply_changes: the request has a transaction already")
            return .failure
        }
        guard !route.edits.isEmpty else { return .success }
        let message = route.message
        let before = message.buffer
        let changed = ByteBuffer(capacity: message.length + 512)
        MessageWriter.write(message, route.edits, into: changed)
        message.buffer = changed
        guard message.parse() == nil else {
            message.buffer = before
            _ = message.parse()
            return .failure
        }
        route.edits.removeAll()
        route.invalidateRequestURI()
        return .success
    }
}
