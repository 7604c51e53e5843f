import Bytes
import ModuleKit
import SIPMessage

extension TextOpsX {
    /// `msg_changed_route("NAME")`.
    var changedRouteFunction: ScriptFunction {
        ScriptFunction(
            "msg_changed_route", Argument("route", .format, "Name of a route[NAME]."), in: .any,
            summary:
                "Runs a route that reads the message with all changes made, then goes on with the message as it was.",
            outcomes: [1: "the route has run", -1: "there is no such route, or the changed bytes are no message"],
            example: #"msg_changed_route("CHANGED");"#
        ) { route, arguments in
            let name = arguments.text(0, in: route)
            let target = route.program.route(.request, named: name)
            guard target.isPresent else {
                route.log(.error, "msg_changed_route: there is no route[\(name.string)]")
                return .failure
            }
            let before = MessageBefore(route)
            guard route.applyChanges() else { return .failure }
            return .run(
                RouteCall(route: target, kind: route.routeKind) { route, result in
                    before.restore(route)
                    return result.isStopped ? .stop : .success
                })
        }
    }
}

/// The message and its recorded changes, to go back to.
private final class MessageBefore {
    private let buffer: ByteBuffer
    private let edits = EditList()
    private let uri: ByteString?

    init(_ route: RouteContext) {
        let buffer = route.message.buffer
        self.buffer = ByteBuffer(buffer.span)
        self.edits.copy(from: route.edits)
        self.uri = route.target.uri
    }

    func restore(_ route: RouteContext) {
        route.message.buffer = self.buffer
        // It has been parsed before.
        _ = route.message.parse()
        route.edits.copy(from: self.edits)
        route.target.uri = self.uri
        route.invalidateRequestURI()
    }
}
