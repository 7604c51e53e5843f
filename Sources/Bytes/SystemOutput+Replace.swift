import Glibc

extension SystemOutput {
    /// Puts a file in place of the one at `path`, which stays whole until the new one is on the disk; who may read it
    /// stays as well, and a new one is for its owner and group.
    /// - Returns: false when it could not be written, for want of room for instance; nothing has changed then.
    public static func replaceFile(_ path: String, _ bytes: ByteString) -> Bool {
        let draft = path + ".new"
        // The paths are NUL-terminated for the duration of the calls.
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return false }
        var old = stat()
        if unsafe stat(path, &old) == 0 { fchmod(descriptor, old.st_mode & 0o7777) }
        let isWritten = self.writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
        guard close(descriptor) == 0, isWritten, unsafe rename(draft, path) == 0 else {
            self.removeFile(draft)
            return false
        }
        return true
    }

    /// - Returns: whether everything was taken.
    private static func writeAll(_ bytes: ByteString, to descriptor: Int32) -> Bool {
        // The bytes are there for the duration of the closure.
        unsafe bytes.bytes.withUnsafeBytes { all in
            var written = 0
            while written < all.count {
                let count = unsafe Glibc.write(descriptor, all.baseAddress?.advanced(by: written), all.count - written)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                written += count
            }
            return true
        }
    }
}
