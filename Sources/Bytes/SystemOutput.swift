import CLinux
import Glibc

/// Writing finished text to the outside: standard error, syslog, any descriptor.
public enum SystemOutput {
    /// How far `write` got.
    public struct Written: Sendable, Equatable {
        public var bytes: Int
        /// The `errno` that ended it; 0: all is written.
        public var code: Int32
    }

    /// Writes all of `buffer`; gives up when the descriptor is broken or full.
    @discardableResult
    public static func write(_ buffer: ByteBuffer, to descriptor: Int32) -> Written {
        unsafe buffer.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count, let base = bytes.baseAddress {
                // The pointer and the length come from one buffer that nobody changes meanwhile.
                let written = unsafe Glibc.write(descriptor, base + start, bytes.count - start)
                if written > 0 {
                    start += written
                } else if written < 0, errno != EINTR {
                    return Written(bytes: start, code: errno)
                }
            }
            return Written(bytes: start, code: 0)
        }
    }

    /// Hands a line to the system's log.
    /// - Parameters:
    ///   - severity: 0 (emergency) to 7 (debug).
    ///   - facility: syslog facility number; 3 is DAEMON, 16 LOCAL0.
    public static func syslog(severity: Int, facility: Int, _ buffer: ByteBuffer) {
        unsafe buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe apus_syslog(Int32(facility << 3 | severity), base, Int32(bytes.count))
        }
    }

    /// Sets the program name of syslog lines, for the rest of the process's life.
    public static func openSyslog(name: String, facility: Int) {
        // openlog keeps the pointer: the bytes are leaked on purpose, once per call.
        let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: name.utf8.count + 1)
        var index = 0
        for byte in name.utf8 {
            unsafe bytes[index] = CChar(bitPattern: byte)
            index += 1
        }
        unsafe bytes[index] = 0
        unsafe openlog(bytes, LOG_PID | LOG_NDELAY, Int32(facility << 3))
    }
}

extension SystemOutput {
    /// Makes the directory that `path` lies in, when it is missing; one level, mode 755.
    public static func makeDirectory(of path: String) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        // A failure shows when the file itself cannot be made.
        _ = unsafe mkdir(String(path[..<slash]), 0o755)
    }

    /// Makes the directory at `path`, when it is missing, and gives it to a user; one level, mode 755.
    public static func makeDirectory(_ path: String, owner: UInt32?, group: UInt32?) {
        // A failure shows when something is to be put there; a directory that was there keeps its owner.
        guard unsafe mkdir(path, 0o755) == 0, owner != nil || group != nil else { return }
        _ = unsafe chown(path, owner ?? UInt32.max, group ?? UInt32.max)
    }

    /// Writes `text` to a new file at `path`, replacing what was there.
    public static func writeFile(_ path: String, _ text: String) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        self.write(ByteBuffer(text), to: descriptor)
        close(descriptor)
        return true
    }

    /// Writes `bytes` to a new file at `path`, replacing what was there.
    public static func writeFile(_ path: String, _ bytes: ByteString) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        self.write(ByteBuffer(bytes.span), to: descriptor)
        close(descriptor)
        return true
    }

    /// Removes the file at `path`.
    public static func removeFile(_ path: String) { _ = unsafe unlink(path) }
}
