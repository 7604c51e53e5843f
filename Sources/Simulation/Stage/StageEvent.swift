import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// Something that happened on a stage.
package enum StageEvent {
    /// A message came to the server.
    case received(Arrived)
    /// The server sent something.
    case sent(Departed)
    /// The server logged something.
    case log(LogLevel, prefix: String, text: String)
    /// A script came to its end, or was suspended.
    case script(ScriptEnd)
    /// A script asked a server outside, and what that answers.
    case query(OutsideQuery, OutsideAnswer)
    /// A phone could not be reached: the server was told so.
    case undeliverable(Destination)

    package struct Arrived {
        package var message: PlainMessage
        package var bytes: ByteString
        package var source: SocketAddress
        package var socket: ListenSocket
        /// The phone that sent it.
        package var phone: String?
    }

    package struct Departed {
        package var message: PlainMessage
        package var bytes: ByteString
        package var destination: Destination
        /// The phone that gets it.
        package var phone: String?
        /// The same bytes went there before.
        package var isRepeat: Bool
    }

    package struct ScriptEnd {
        package var kind: RouteKinds
        /// Method, or status code and method, of the message.
        package var message: String
        package var isSuspended: Bool
        package var result: RouteResult
    }
}

/// Sees what happens on a stage, in order.
package protocol StageListener: AnyObject {
    /// - Parameter time: since the beginning.
    func note(_ event: StageEvent, at time: Interval)
    /// A script ended; its context may be read until this returns.
    func inspect(_ context: RouteContext, after end: StageEvent.ScriptEnd)
    /// Sees the actions of scripts; nil: they run untraced, and faster.
    var tracer: (any ScriptTracer)? { get }
}

extension StageListener {
    package var tracer: (any ScriptTracer)? { nil }
    package func inspect(_ context: RouteContext, after end: StageEvent.ScriptEnd) {}
}

extension RouteKinds {
    /// `request_route`, `failure_route`, …
    package var blockName: String {
        if self == .request { return "request_route" }
        if self == .reply { return "reply_route" }
        if self == .failure { return "failure_route" }
        if self == .branch { return "branch_route" }
        if self == .branchFailure { return "event_route" }
        if self == .event { return "event_route" }
        return "route"
    }
}
