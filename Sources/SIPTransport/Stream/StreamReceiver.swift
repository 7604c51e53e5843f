import Bytes
import Glibc
import SIPMessage

/// Why a connection is no more.
public enum CloseReason: Equatable, Sendable {
    /// The peer ended the stream.
    case peerClosed
    /// The stream broke, with this `errno`.
    case failed(Int32)
    /// It never came to be, with this `errno`.
    case connectFailed(Int32)
    /// The peer did not answer our attempt to connect in time.
    case connectTimedOut
    /// No byte either way for the connection's lifetime.
    case lifetimeEnded
    /// A message began and did not end in time.
    case messageTimedOut
    /// Nothing came in time over a new connection.
    case noDataInTime
    /// The PROXY header cannot be read.
    case badProxyHeader
    /// The client has too many connections, or one from the same port.
    case tooMany
    /// All beginnings of messages together hold more bytes than they may.
    case memoryFull
    /// The peer took no byte for too long.
    case writeStalled
    /// More bytes wait for the peer than may.
    case queueFull
    /// The bytes are no messages.
    case framing(FramingError)
    /// Somebody here asked for it, after a send or by itself.
    case requested
    /// The server stops.
    case shutdown

    /// The `errno` that sends which got lost are reported with.
    public var code: Int32 {
        switch self {
        case .peerClosed, .framing, .badProxyHeader: ECONNRESET
        case .failed(let code), .connectFailed(let code): code
        case .connectTimedOut, .lifetimeEnded, .messageTimedOut, .noDataInTime, .writeStalled: ETIMEDOUT
        case .queueFull, .memoryFull: ENOBUFS
        case .tooMany, .requested: ECONNABORTED
        case .shutdown: ESHUTDOWN
        }
    }
}

extension CloseReason {
    /// Whether requests that went out over the connection are to be taken for lost. Not when we ended it ourselves
    /// after sending: then the answer is meant to come another way.
    var losesAnswers: Bool {
        switch self {
        case .requested, .shutdown: false
        case .peerClosed, .failed, .connectFailed, .connectTimedOut, .lifetimeEnded, .messageTimedOut, .noDataInTime,
            .badProxyHeader, .tooMany, .memoryFull, .writeStalled, .queueFull, .framing:
            true
        }
    }
}

/// Takes what comes out of the connections of one event loop.
///
/// Every call is made on that loop's thread.
///
/// No call is made from inside `StreamTransport.send`, so a receiver may send whenever it likes.
public protocol StreamReceiver: AnyObject {
    /// Exactly one message.
    ///
    /// The buffer belongs to the receiver from now on; `loop.buffers.give` spares an allocation.
    func received(_ buffer: ByteBuffer, arrival: Arrival, on loop: EventLoop)
    /// Nothing more comes for now, or enough has come: what the messages since the last call left to do is due.
    func messagesEnded(on loop: EventLoop)
    /// A connection was accepted, or one that we opened is through.
    func connectionOpened(_ connection: StreamConnection, on loop: EventLoop)
    /// A connection is gone, after the `sendFailed` of each message that it did not take.
    func connectionClosed(_ connection: StreamConnection, reason: CloseReason, on loop: EventLoop)
    /// A request of HTTP could not be taken. It has been answered, and its connection is about to close.
    func refused(_ refusal: HTTPRefusal, over connection: StreamConnection, on loop: EventLoop)
    /// A message that `send` took did not go out (whole), or went out over a connection that ended within 32 seconds:
    /// its answer, if it is not here yet, comes over no connection that we know of.
    ///
    /// Called only for messages that were given a token. The destination names the connection that ended; none when it
    /// never came to be.
    func sendFailed(to destination: Destination, token: UInt64, code: Int32, on loop: EventLoop)
}

extension StreamReceiver {
    /// Does nothing.
    public func messagesEnded(on loop: EventLoop) {}
    /// Does nothing.
    public func connectionOpened(_ connection: StreamConnection, on loop: EventLoop) {}
    /// Does nothing.
    public func refused(_ refusal: HTTPRefusal, over connection: StreamConnection, on loop: EventLoop) {}
}

/// What became of a message handed to `StreamTransport.send`.
public enum SendOutcome: Equatable, Sendable {
    /// It is on its way; trouble from here on comes as `sendFailed`.
    case queued
    /// It will not go out, and `sendFailed` is not called.
    case refused(SendRefusal)
}

/// Why a message was not even queued.
public enum SendRefusal: Equatable, Sendable {
    /// There is no connection, and the destination or the settings forbid to open one.
    case noConnection
    /// We listen on no socket of that protocol and address family.
    case noSocket
    case tooManyConnections
    /// Too many bytes wait already, for this peer or in all.
    case queueFull
    /// The system refused to connect, with this `errno`.
    case system(Int32)
    /// The server stops.
    case shutdown
}
