import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    var methodFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "is_method",
                Argument(
                    "methods", .number { text in Int(try MethodSet(text).methods.rawValue) },
                    "One method, or several joined by |."),
                in: .any,
                summary: "Tells whether the request has one of the methods; of a reply, the method in CSeq.",
                reference: "RFC 3261 §7.1",
                outcomes: [1: "yes", -1: "no"],
                example: #"if (is_method("INVITE|SUBSCRIBE")) { exit; }"#
            ) { route, arguments in
                let method = route.message.method
                if method == .other { return Self.isOther(route, arguments) ? .success : .failure }
                let methods = Method(rawValue: UInt32(truncatingIfNeeded: arguments.int(0, in: route) ?? 0))
                return methods.contains(method) ? .success : .failure
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

    /// Of a message whose method is not known here: whether it is the one that the script names.
    private static func isOther(_ route: RouteContext, _ arguments: Arguments) -> Bool {
        guard let set = try? MethodSet(arguments.text(0, in: route)), let name = set.name else { return false }
        let message = route.message
        let range = message.isResponse ? message.cSeq.methodRange : message.methodRange
        return message.span.equalsIgnoringCase(range, name.span)
    }
}
