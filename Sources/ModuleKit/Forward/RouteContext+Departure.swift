import Bytes
import SIPMessage

extension RouteContext {
    /// Runs `onsend_route` for bytes that are about to leave, then goes on with `then`: whether they may.
    public func askBeforeSending(
        _ bytes: ByteString, to destination: Destination,
        then: @escaping (_ route: RouteContext, _ maySend: Bool) -> Outcome
    ) -> Outcome {
        self.setState(Departure(destination: destination, socket: destination.socket, bytes: bytes))
        return .run(
            RouteCall(route: self.program.onsendRoute, kind: .onsend) { route, result in
                route.removeState(Departure.self)
                return then(route, !result.isDropped)
            })
    }
}
