import CLinux
import Glibc

/// Reading small files.
public enum SystemInput {
    /// The directory that relative paths start from.
    public static var workingDirectory: String {
        // getcwd allocates the text, which is copied and freed here.
        guard let text = unsafe getcwd(nil, 0) else { return "" }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// The bytes of the file at `path`, at most `limit`; nil when it cannot be read.
    public static func readFile(_ path: String, limit: Int = 1 << 20) -> ByteString? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        let buffer = ByteBuffer(capacity: 16_384)
        while bytes.count < limit {
            var count = 0
            unsafe buffer.fill { target in
                guard let base = target.baseAddress else { return 0 }
                // The pointer and the length are those of the buffer being filled.
                count = unsafe read(descriptor, base, target.count)
                return max(count, 0)
            }
            guard count > 0 else { break }
            bytes += ByteString(buffer.span).bytes
        }
        return ByteString(bytes)
    }
}
