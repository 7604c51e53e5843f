import Bytes
import ModuleKit
import SIPMessage
import rr

extension Outbound {
    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "check_flow_token",
                in: .request,
                summary: "Whether the user of the first Route entry is a flow token that was made here.",
                reference: "RFC 5626 §5.2",
                outcomes: [1: "it is", -1: "there is none", -2: "it looks like one, and was not made here"],
                example: #"if (has_totag() && !check_flow_token()) { xlog("no flow\n"); }"#
            ) { [self] route, _ in
                let message = route.message
                let top = message.topRoute
                guard top.isValid, let uri = SIPURI(message.span, top.uri), uri.hasUser else { return .code(-1) }
                switch self.seal.read(message.span, uri.user) {
                case .absent: return .code(-1)
                case .forged: return .code(-2)
                case .flow: return .code(1)
                }
            }
        ]
    }
}
