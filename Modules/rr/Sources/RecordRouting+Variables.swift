import Bytes
import ModuleKit
import SIPMessage

extension RecordRouting {
    public var variables: [ScriptVariable] {
        [
            ScriptVariable(
                "rdir", inner: .required,
                summary: "Direction in the dialog: (id) 1 downstream, 2 upstream; (name) the word.",
                reference: "RFC 3261 §12.2"
            ) { [self] name, _ in
                guard case .literal(let text) = name, text == "id" || text == "name" else {
                    throw ArgumentError("$rdir takes id or name")
                }
                let isName = text == "name"
                return VariableAccess { route, _ in
                    guard route.isRequest else { return .null }
                    let isUpstream = self.isUpstream(route)
                    if isName { return .text(isUpstream ? "upstream" : "downstream") }
                    return .int(isUpstream ? 2 : 1)
                }
            },
            ScriptVariable(
                "route_uri", summary: "URI of the first Route entry as received; empty without Route.",
                reference: "RFC 3261 §20.34"
            ) {
                let top = $0.message.topRoute
                return top.isValid && top.uri.isPresent ? .slice(top.uri) : .text("")
            },
            ScriptVariable("fti", summary: "From tag of the request that began the dialog.", reference: "RFC 3261 §12")
            {
                [self] route in self.tag(route, isFrom: true)
            },
            ScriptVariable(
                "tti", summary: "To tag of the dialog as its first request's side sees it.", reference: "RFC 3261 §12"
            ) {
                [self] route in self.tag(route, isFrom: false)
            },
        ]
    }

    private func tag(_ route: RouteContext, isFrom: Bool) -> Value {
        let isSwapped = route.isRequest && self.isUpstream(route)
        let tag = isFrom != isSwapped ? route.message.from.tag : route.message.to.tag
        return tag.count > 0 ? .slice(tag) : .null
    }
}
