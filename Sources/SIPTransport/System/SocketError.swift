import Glibc
import SIPMessage

/// A system call on a socket, thread or poller that did not work.
public struct SocketError: Error, Equatable, Sendable {
    /// What was tried.
    public enum Operation: String, Sendable {
        case open, option, bind, listen, connect, send, receive, poll, thread, interfaces
    }

    /// Which call it was.
    public var operation: Operation
    /// The `errno` value, positive.
    public var code: Int32
    /// The address it concerned, where there is one.
    public var address: SocketAddress?

    /// An error of `operation` with an `errno`.
    public init(_ operation: Operation, code: Int32, address: SocketAddress? = nil) {
        self.operation = operation
        self.code = code
        self.address = address
    }
}

extension SocketError: CustomStringConvertible {
    /// `bind 192.0.2.1:5060: Address already in use`.
    public var description: String {
        let place = self.address.map { " \($0)" } ?? ""
        return "\(self.operation.rawValue)\(place): \(Self.text(of: self.code))"
    }

    /// The system's words for an `errno` value.
    public static func text(of code: Int32) -> String {
        // strerror gives a string that lives at least until this thread's next call; it is copied at once.
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}

/// Passes a result of the C shims on, or throws when it is a negative error number.
@inline(__always)
@discardableResult
func checked(
    _ result: Int32,
    _ operation: SocketError.Operation,
    _ address: SocketAddress? = nil
) throws(SocketError) -> Int32 {
    guard result >= 0 else { throw SocketError(operation, code: -result, address: address) }
    return result
}
