import Bytes
import ModuleKit
import SIPMessage

extension StatelessReplies {
    public var variables: [ScriptVariable] {
        let tags = self.replies.tags
        return [
            ScriptVariable(
                "ltt", inner: .required,
                summary: "To tag of local replies: (s) without a transaction, (t) with one, (x) whichever applies.",
                reference: "RFC 3261 §8.2.6.2"
            ) { name, _ in
                guard case .literal(let kind) = name else { throw ArgumentError("$ltt takes s, t or x") }
                switch kind {
                case "s", "stateless":
                    return VariableAccess { route, _ in Self.tag(.stateless, tags, route) }
                case "t", "transaction":
                    return VariableAccess { route, _ in
                        route.transaction == 0 ? .null : Self.tag(.transaction, tags, route)
                    }
                case "x":
                    return VariableAccess { route, _ in
                        Self.tag(route.transaction == 0 ? .stateless : .transaction, tags, route)
                    }
                default: throw ArgumentError("$ltt takes s, t or x, not \(kind)")
                }
            }
        ]
    }

    private static func tag(_ origin: ReplyTags.Origin, _ tags: ReplyTags, _ route: RouteContext) -> Value {
        guard route.isRequest else { return .null }
        let buffer = ByteBuffer(capacity: ReplyTags.length)
        tags.write(origin, for: route.message, to: buffer)
        return .bytes(ByteString(buffer.span))
    }
}
