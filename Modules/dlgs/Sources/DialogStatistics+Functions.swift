import Bytes
import ModuleKit
import SIPMessage

extension DialogStatistics {
    public var functions: [ScriptFunction] { self.watching + self.tagging }

    private var watching: [ScriptFunction] {
        [
            ScriptFunction(
                "dlgs_init",
                Argument("src", .format, "Who calls."), Argument("dst", .format, "Who is called."),
                Argument("data", .format, "Anything to filter by."),
                in: [.request, .reply, .transactionReply, .branch, .onsend],
                summary: "Begins to watch the call of an INVITE.",
                outcomes: [1: "it is watched", -1: "not an INVITE"],
                example: #"dlgs_init("$fu", "$tu", "srcip=$si");"#,
                body: { [unowned self] route, arguments in
                    let message = route.message
                    guard message.method == .invite, message.callID.isPresent else { return .failure }
                    self.table.begin(
                        message, source: arguments.text(0, in: route), target: arguments.text(1, in: route),
                        data: arguments.text(2, in: route), now: self.table.clock.seconds())
                    return .success
                }
            ),
            ScriptFunction(
                "dlgs_update", in: [.request, .branch, .onsend],
                summary: "Notes what an ACK, BYE or CANCEL does to its call.",
                outcomes: [1: "noted", -1: "no such call"],
                example: #"if (is_method("ACK|BYE|CANCEL")) { dlgs_update(); }"#,
                body: { [unowned self] route, _ in self.update(route) }
            ),
            ScriptFunction(
                "dlgs_count",
                Argument("field", .format, "`any`, `src`, `dst`, `data` or `ruid`."),
                Argument("op", .format, "`eq`, `ne`, `re` (expression), `sw` (prefix) or `fm` (file name pattern)."),
                Argument("data", .format, "What the field is compared with."),
                in: .any, summary: "Number of calls under way that match.",
                outcomes: [-1: "none, or the filter is wrong"],
                example: #"if (dlgs_count("src", "eq", "$fu") > 2) { exit; }"#,
                body: { [unowned self] route, arguments in
                    let filter = DialogFilter(
                        field: arguments.text(0, in: route), operation: arguments.text(1, in: route),
                        data: arguments.text(2, in: route))
                    guard let filter else { return .failure }
                    return Self.outcome(self.table.count { filter.matches($0) })
                }
            ),
        ]
    }

    private var tagging: [ScriptFunction] {
        [
            ScriptFunction(
                "dlgs_tags_add", Argument("tag", .format, "The tag."), in: .any,
                summary: "Tags the call of this message.",
                outcomes: [-1: "no such call"], example: #"dlgs_tags_add("$si");"#,
                body: { [unowned self] route, arguments in
                    let tag = arguments.text(0, in: route)
                    return self.change(route) { record in
                        if !record.tags.contains(tag) { record.tags.append(tag) }
                    }
                }
            ),
            ScriptFunction(
                "dlgs_tags_rm", Argument("tag", .format, "The tag."), in: .any,
                summary: "Takes a tag off the call of this message.", outcomes: [-1: "no such call"],
                example: #"dlgs_tags_rm("$si");"#,
                body: { [unowned self] route, arguments in
                    let tag = arguments.text(0, in: route)
                    return self.change(route) { record in record.tags.removeAll { $0 == tag } }
                }
            ),
            ScriptFunction(
                "dlgs_tags_count", Argument("tag", .format, "The tag."), in: .any,
                summary: "Number of calls under way that carry the tag.", outcomes: [-1: "none"],
                example: #"if (dlgs_tags_count("$si") > 5) { exit; }"#,
                body: { [unowned self] route, arguments in
                    let tag = arguments.text(0, in: route)
                    return Self.outcome(self.table.count { $0.tags.contains(tag) })
                }
            ),
        ]
    }

    private func update(_ route: RouteContext) -> Outcome {
        guard route.isRequest else { return .failure }
        let now = self.table.clock.seconds()
        let method = route.message.method
        return self.change(route) { record in
            switch method {
            case .ack: record.receiveAck()
            case .bye: record.receiveBye(now: now)
            case .cancel: record.receiveCancel(now: now)
            default: break
            }
        }
    }

    private func change(_ route: RouteContext, _ body: (inout DialogRecord) -> Void) -> Outcome {
        self.table.withRecord(of: route.message) { body(&$0) } == nil ? .failure : .success
    }

    private static func outcome(_ count: Int) -> Outcome { count > 0 ? .code(count) : .failure }
}
