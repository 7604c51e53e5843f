import Bytes
import CLinux
import Glibc

/// What one read of a control descriptor brought.
enum ControlInput {
    case bytes([UInt8])
    /// Not yet: it is read again when there is more.
    case nothing
    /// The peer has closed its end, or the last writer of a fifo.
    case end
    case failed

    /// Most bytes of one read.
    private static let portion = 65_536

    /// Reads from a descriptor that does not block.
    init(of descriptor: Int32) {
        let buffer = ByteBuffer(capacity: Self.portion)
        var count = 0
        unsafe buffer.fill { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            // The pointer and the length are those of the buffer being filled.
            count = Int(unsafe apus_read(descriptor, base, bytes.count))
            return max(count, 0)
        }
        switch count {
        case 1...: self = .bytes(ByteString(buffer.span).bytes)
        case 0: self = .end
        case -Int(EAGAIN), -Int(EINTR): self = .nothing
        default: self = .failed
        }
    }
}
