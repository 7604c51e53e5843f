import Bytes
import CLinux
import Glibc

/// The client's end of a control socket: blocking, for tools.
public final class ControlChannel {
    private let descriptor: Int32

    /// Connects to the stream socket at `path`.
    ///
    /// - Parameter timeout: longest wait for any one read or write, seconds.
    /// - Throws: what the system refused: ENOENT when there is no such file, ECONNREFUSED when nobody serves it, EACCES.
    public init(path: String, timeout: Int) throws(SocketError) {
        // withCString hands out a pointer that is valid for the call.
        let result = unsafe path.withCString { unsafe apus_unix_connect($0, Int32(clamping: timeout)) }
        guard result >= 0 else { throw SocketError(.connect, code: -result) }
        self.descriptor = result
    }

    deinit { _ = apus_close(self.descriptor) }

    /// Writes all of `bytes`.
    public func send(_ bytes: [UInt8]) throws(SocketError) {
        var written = 0
        while written < bytes.count {
            let result = unsafe bytes.withUnsafeBufferPointer { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                // From what is through to the end of the array, which nobody changes meanwhile.
                return Int(unsafe apus_write(self.descriptor, base + written, buffer.count - written))
            }
            if result == -Int(EINTR) { continue }
            guard result > 0 else { throw SocketError(.send, code: Int32(clamping: -result)) }
            written += result
        }
    }

    /// The next bytes there are; empty when the other end has closed.
    public func receive() throws(SocketError) -> [UInt8] {
        let buffer = ByteBuffer(capacity: 65_536)
        while true {
            var count = 0
            unsafe buffer.fill { bytes in
                guard let base = bytes.baseAddress else { return 0 }
                // The pointer and the length are those of the buffer being filled.
                count = Int(unsafe apus_read(self.descriptor, base, bytes.count))
                return max(count, 0)
            }
            if count == -Int(EINTR) { continue }
            guard count >= 0 else { throw SocketError(.receive, code: Int32(clamping: -count)) }
            return ByteString(buffer.span).bytes
        }
    }
}
