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
        (try? self.read(path, limit: limit)).map { ByteString($0) }
    }

    /// The bytes of the file at `path`; `-` is the standard input.
    /// - Throws: the system's `errno`, EFBIG for a file past `limit`.
    public static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let isStandardInput = path == "-"
        // The path is NUL-terminated for the duration of the call.
        let descriptor = unsafe isStandardInput ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError(code: errno) }
        defer { if !isStandardInput { close(descriptor) } }
        var bytes: [UInt8] = []
        let buffer = ByteBuffer(capacity: 65_536)
        while true {
            var count = 0
            unsafe buffer.fill { target in
                guard let base = target.baseAddress else { return 0 }
                // The pointer and the length are those of the buffer being filled.
                count = unsafe Glibc.read(descriptor, base, target.count)
                return max(count, 0)
            }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError(code: errno)
            }
            guard bytes.count + count <= limit else { throw SystemError(code: EFBIG) }
            bytes += ByteString(buffer.span).bytes
        }
    }

    /// The value of an environment variable.
    public static func environment(_ name: String) -> String? {
        // The environment is not changed while the server runs; the value is copied at once.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}

/// A system call that did not work.
public struct SystemError: Error, Equatable, Sendable {
    /// The `errno`.
    public var code: Int32

    public init(code: Int32) { self.code = code }

    /// Whether it says that there is no such file.
    public var isNotFound: Bool { self.code == ENOENT || self.code == ENOTDIR }
    public var isTooLarge: Bool { self.code == EFBIG }

    /// The system's words.
    public var text: String {
        // strerror returns a string of its own or of the thread; it is copied at once.
        guard let text = unsafe strerror(self.code) else { return "error \(self.code)" }
        return unsafe String(cString: text)
    }
}
