import Bytes
import SIPMessage

/// The message that is about to leave while `onsend_route` runs: what `$snd`, `$sndto` and `$sndfrom` tell of.
///
/// Whoever runs the route attaches it to the context (`setState`) and takes it away afterwards.
public final class Departure {
    public let destination: Destination
    /// The socket that it leaves from.
    public let socket: ListenSocket?
    public let bytes: ByteString

    public init(destination: Destination, socket: ListenSocket?, bytes: ByteString) {
        self.destination = destination
        self.socket = socket
        self.bytes = bytes
    }
}

/// Bytes that came in and have not been parsed yet, while `event_route[core:msg-received]` runs: what `$rcv` tells of
/// and may change. Whoever runs the route attaches it to the context.
public final class ReceivedBytes {
    /// Of the message, which has another one when a script has waited.
    public var buffer: ByteBuffer
    public let arrival: Arrival

    public init(buffer: ByteBuffer, arrival: Arrival) {
        self.buffer = buffer
        self.arrival = arrival
    }
}
