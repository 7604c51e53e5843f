import Bytes
import CLinux
import Glibc

/// What one read or write came to.
enum ByteFlow: Equatable {
    /// So many bytes went through, at least 1.
    case bytes(Int)
    /// Nothing now; try again when the descriptor is ready.
    case wouldBlock
    /// The peer ended the stream.
    case ended
    case failed(Int32)

    @inline(__always)
    init(_ result: Int64) {
        if result > 0 {
            self = .bytes(Int(result))
        } else if result == 0 {
            self = .ended
        } else {
            let code = Int32(-result)
            self = code == EAGAIN ? .wouldBlock : .failed(code)
        }
    }
}

/// What stands between a connection's descriptor and its messages, where it is more than nothing: TLS records,
/// WebSocket frames.
protocol ByteLayer: AnyObject {
    /// Reads into `buffer`, in place of what it holds.
    func read(_ descriptor: Int32, into buffer: ByteBuffer) -> ByteFlow
    /// Writes what it can of `bytes` from `start` on.
    func write(_ descriptor: Int32, _ bytes: ByteBuffer, from start: Int) -> ByteFlow
    /// Whether reading waits for the descriptor to take bytes.
    var wantsWrite: Bool { get }
}

/// Bytes as they are: TCP.
enum PlainBytes {
    static func read(_ descriptor: Int32, into buffer: ByteBuffer) -> ByteFlow {
        var flow = ByteFlow.wouldBlock
        unsafe buffer.fill { space in
            flow = unsafe ByteFlow(apus_socket_read(descriptor, space.baseAddress, space.count))
            if case .bytes(let count) = flow { return count }
            return 0
        }
        return flow
    }

    /// The same; `arrived` becomes the time at which the kernel took the last of the bytes, in microseconds of the wall
    /// clock, and 0 when it does not say.
    static func read(_ descriptor: Int32, into buffer: ByteBuffer, arrived: inout Int) -> ByteFlow {
        var flow = ByteFlow.wouldBlock
        var time: Int64 = 0
        unsafe buffer.fill { space in
            flow = unsafe ByteFlow(apus_socket_read_timed(descriptor, space.baseAddress, space.count, &time))
            if case .bytes(let count) = flow { return count }
            return 0
        }
        arrived = Int(time)
        return flow
    }

    static func write(_ descriptor: Int32, _ bytes: ByteBuffer, from start: Int) -> ByteFlow {
        unsafe bytes.withUnsafeBytes { all in
            let rest = unsafe UnsafeBufferPointer(rebasing: all[start...])
            guard !rest.isEmpty else { return .wouldBlock }
            return unsafe ByteFlow(apus_socket_write(descriptor, rest.baseAddress, rest.count))
        }
    }
}
