import ModuleKit

/// The blocks that the server itself runs, beside `request_route` and `reply_route`; each may be absent.
public struct CoreEvents: Sendable {
    /// Before the route of every message; `drop` ends it.
    public let preRouting: RouteID
    /// When bytes have come in, before they count as a message; `drop` ends it. Wants `received_route_mode`.
    public let messageReceived: RouteID
    /// For bytes that are no message.
    public let parseError: RouteID
    /// Once, when the server is about to receive.
    public let workerOneInit: RouteID
    /// Once, before the modules start.
    public let modulesBefore: RouteID

    init(_ find: (_ event: String) -> RouteID, receives: Bool) {
        self.preRouting = find("core:pre-routing")
        self.messageReceived = receives ? find("core:msg-received") : .none
        self.parseError = find("core:receive-parse-error")
        self.workerOneInit = find("core:worker-one-init")
        self.modulesBefore = find("core:modinit-before")
    }
}
