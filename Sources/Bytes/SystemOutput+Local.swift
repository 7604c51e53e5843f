import CLinux
import Glibc

/// Handing a message to another program on this machine. Both block, up to a limit: never on a worker.
extension SystemOutput {
    /// Writes all of `bytes` into the named pipe at `path`, when somebody reads there.
    /// - Parameter limit: milliseconds to wait for room.
    /// - Returns: the `errno`, 0 when all is written; ENXIO: nobody reads; EINVAL: no pipe; ETIMEDOUT: no room in time.
    public static func writePipe(_ path: String, _ bytes: ByteString, within limit: Int) -> Int32 {
        // Not waiting for a reader, who may never come.
        let descriptor = unsafe open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return EINVAL }
        let buffer = ByteBuffer(bytes.span)
        let end = Instant.precise() + .milliseconds(max(limit, 0))
        var start = 0
        while start < buffer.count {
            let rest = ByteBuffer(buffer.span.extracting(start..<buffer.count))
            let written = self.write(rest, to: descriptor)
            start += written.bytes
            if written.code == 0 { break }
            guard written.code == EAGAIN else { return written.code }
            guard self.waitForRoom(descriptor, until: end) else { return ETIMEDOUT }
        }
        return 0
    }

    /// Sends `bytes` as one datagram to the unix socket at `path`.
    /// - Parameter limit: milliseconds to wait for room.
    /// - Returns: the `errno`, 0 when it is sent; ENAMETOOLONG: no socket has such a path; ETIMEDOUT: no room in time.
    public static func sendDatagram(_ path: String, _ bytes: ByteString, within limit: Int) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= room else { return ENAMETOOLONG }
        // The path fits, and the rest of the array is zero.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            for (index, byte) in path.utf8.enumerated() { unsafe target[index] = byte }
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        // The address is a local variable of the size that is told.
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { return errno }
        let buffer = ByteBuffer(bytes.span)
        let end = Instant.precise() + .milliseconds(max(limit, 0))
        while true {
            let written = self.write(buffer, to: descriptor)
            if written.code == 0 { return 0 }
            guard written.code == EAGAIN else { return written.code }
            guard self.waitForRoom(descriptor, until: end) else { return ETIMEDOUT }
        }
    }

    /// - Returns: false when there is no room at `end`.
    private static func waitForRoom(_ descriptor: Int32, until end: Instant) -> Bool {
        let left = (end - Instant.precise()).milliseconds
        guard left > 0 else { return false }
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // One element, a local variable.
        return unsafe poll(&wait, 1, Int32(clamping: left)) >= 0
    }
}
