import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// What is wrong with the message.
    var errorVariables: [ScriptVariable] {
        [
            Self.error("err.class", "Class of the error in the message, 1: it cannot be parsed.") { _ in .int(1) },
            Self.error("err.level", "Level of the error in the message, 3: it cannot be answered, 2: it can.") {
                .int($0 == "Via" ? 3 : 2)
            },
            Self.error("err.info", "Which part of the message is wrong.") { .text("error parsing \($0)") },
            Self.error("err.rcode", "Status code to answer with.") { _ in .int(400) },
            Self.error("err.rreason", "Reason phrase to answer with.") { .text("Bad \($0)") },
        ]
    }

    private static func error(
        _ name: String, _ summary: String, _ read: @escaping @Sendable (String) -> Value
    ) -> ScriptVariable {
        ScriptVariable(name, summary: summary + " $null when all is well.", reference: "RFC 3261 §21.4.1") { route in
            Self.brokenPart(of: route).map(read) ?? .null
        }
    }

    /// The first part that cannot be used: the Request-URI as it is now, or a field every message must have.
    private static func brokenPart(of route: RouteContext) -> String? {
        if route.isRequest, route.withRequestURI({ $1 == nil }) { return "Request-URI" }
        guard let name = route.message.unusableField else { return route.message.from.isValid ? nil : "From" }
        return "\(name.canonicalName)"
    }
}
