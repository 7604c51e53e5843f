import Bytes
import ModuleKit

extension AsyncRoutes {
    public var variables: [ScriptVariable] {
        [
            ScriptVariable(
                "async", inner: .required, summary: "`$async(data)`: the text given to the task that runs.",
                bind: { name, _ in
                    guard case .literal("data") = name else { throw ArgumentError("$async(data) is all there is") }
                    return VariableAccess(read: { route, _ in
                        route.state(AsyncData.self).map { .bytes($0.text) } ?? .null
                    })
                }
            ),
            ScriptVariable(
                "atkv", inner: .required,
                summary: "In event_route[core:tkv]: `type`, `key` and `val` of the event.",
                bind: { name, _ in
                    guard case .literal(let part) = name, let read = Self.parts[part.string] else {
                        throw ArgumentError("$atkv has type, key and val")
                    }
                    return VariableAccess(read: { route, _ in route.state(AsyncEvent.self).map(read) ?? .null })
                }
            ),
        ]
    }

    private static let parts: [String: @Sendable (AsyncEvent) -> Value] = [
        "type": { .int($0.type) },
        "key": { .bytes($0.key) },
        "val": { .bytes($0.value) },
    ]
}
