import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    var methodFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "is_method",
                Argument("methods", .custom { text, _ in try MethodSet(text) }, "One method, or several joined by |."),
                in: .any,
                summary: "Tells whether the request has one of the methods; of a reply, the method in CSeq.",
                reference: "RFC 3261 §7.1",
                outcomes: [1: "yes", -1: "no"],
                example: #"if (is_method("INVITE|SUBSCRIBE")) { exit; }"#
            ) { route, arguments in
                guard let set = arguments.object(0, as: MethodSet.self) else { return .failure }
                return set.contains(route.message) ? .success : .failure
            },
            ScriptFunction(
                "has_body",
                Argument("type", .literal, "Type of the body, such as application/sdp.", optional: true),
                in: .any,
                summary: "Tells whether the message has a body, of that type.",
                reference: "RFC 3261 §7.4",
                outcomes: [1: "yes", -1: "no body, or of another type"],
                example: #"if (has_body("application/sdp")) { exit; }"#
            ) { route, arguments in
                let message = route.message
                guard message.body.count > 0, message.contentLength != 0 else { return .failure }
                guard arguments.has(0) else { return .success }
                let type = arguments.text(0, in: route)
                return message.span.equalsIgnoringCase(message.contentType, type.span) ? .success : .failure
            },
        ]
    }
}
