import CLinux
import Glibc

/// Takes the bytes that a control client has sent so far.
///
/// - Returns: how many were used (0: more are needed) and the answer; nil ends the conversation.
public typealias ControlHandler = @Sendable (_ bytes: [UInt8]) -> (used: Int, answer: [UInt8])?

/// As `ControlHandler`; an answer that is not known yet goes to the same client later, through `later`, from any thread.
public typealias WaitingControlHandler =
    @Sendable (_ bytes: [UInt8], _ later: @escaping @Sendable ([UInt8]) -> Void) -> (used: Int, answer: [UInt8])?

/// Makes the handler of one client: what it keeps from one call to the next is of that client alone.
public typealias ControlHandlerMaker = @Sendable () -> WaitingControlHandler

/// Where control requests come in, served by an event loop.
public protocol ControlEndpoint: AnyObject, Sendable {
    /// Begins to serve, on the thread of `loop`.
    func attach(to loop: EventLoop)
    /// Stops serving, on the loop's thread.
    func detach(from loop: EventLoop)
    /// Removes the file, if there is one. From any thread.
    func remove()
}

/// Who may use a control file.
public struct ControlPermissions: Sendable, Equatable {
    public var mode: Int
    /// nil: the server's own.
    public var user: UInt32?
    /// nil: the server's own.
    public var group: UInt32?

    public init(mode: Int, user: UInt32? = nil, group: UInt32? = nil) {
        self.mode = mode
        self.user = user
        self.group = group
    }

    /// Makes them those of the socket or fifo at `path`.
    public func apply(to path: String) throws(SocketError) {
        // The path lives for the call.
        let result = unsafe path.withCString {
            unsafe apus_file_permit($0, Int32(self.mode), self.user ?? .max, self.group ?? .max)
        }
        guard result >= 0 else { throw SocketError(.option, code: -result) }
    }
}
