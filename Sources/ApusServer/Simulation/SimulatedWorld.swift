import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// The world outside a server that has no sockets: takes what is sent, and answers what would be looked up.
/// The worker in front of it is the one that every server has.
protocol SimulatedWorld: OutsideWorld {
    /// Takes bytes on their way out, on the thread of the worker with this number.
    /// - Returns: false when they cannot go out at all.
    func send(_ bytes: Span<UInt8>, to destination: Destination, token: UInt64, by worker: Int) -> Bool
    /// The addresses of a host name; none: it cannot be resolved.
    func addresses(of name: ByteString) -> [IPAddress]
    /// The records of a name (RFC 3263).
    func records(_ question: DNSQuestion) -> DNSAnswer
    /// A script came to its end or suspended; the context still holds all that it left.
    func ranScript(in context: RouteContext, _ state: RunState)
    /// Sees the actions of every script; nil: nobody does.
    var tracer: (any ScriptTracer)? { get }
}
