import Glibc

/// How the front end gets at files and the environment; tests and built-in configurations bring their own.
public struct FileAccess: Sendable {
    public enum Failure: Error, Equatable {
        case notFound
        case tooLarge
        /// The system's words.
        case unreadable(String)
    }

    /// Files above this many bytes are refused.
    public static let sizeLimit = 32 << 20

    /// The whole content of the file with the given path; `-` is the standard input.
    public var read: @Sendable (_ path: String) throws(Failure) -> [UInt8]
    /// The value of an environment variable.
    public var environment: @Sendable (_ name: String) -> String?

    public init(
        read: @escaping @Sendable (_ path: String) throws(Failure) -> [UInt8],
        environment: @escaping @Sendable (_ name: String) -> String?
    ) {
        self.read = read
        self.environment = environment
    }

    /// The files and the environment of the machine.
    public static let system = FileAccess(
        read: { path throws(Failure) in try readWholeFile(path) },
        environment: { name in environmentValue(name) }
    )

    /// Files held in memory, by their full path; nothing else exists.
    public static func memory(_ files: [String: String], environment: [String: String] = [:]) -> FileAccess {
        FileAccess(
            read: { path throws(Failure) in
                guard let text = files[path] else { throw .notFound }
                return Array(text.utf8)
            },
            environment: { environment[$0] }
        )
    }
}

private func readWholeFile(_ path: String) throws(FileAccess.Failure) -> [UInt8] {
    let isStandardInput = path == "-"
    // The path is NUL-terminated for the duration of the call.
    let descriptor = unsafe isStandardInput ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        // ENOENT and ENOTDIR both mean that there is no such file.
        let code = errno
        throw code == ENOENT || code == ENOTDIR ? .notFound : .unreadable(systemMessage(code))
    }
    defer { if !isStandardInput { close(descriptor) } }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        // The kernel writes at most `count` bytes into the chunk, which outlives the call.
        let count = unsafe chunk.withUnsafeMutableBytes { buffer -> Int in
            unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        }
        if count == 0 { return content }
        guard count > 0 else {
            if errno == EINTR { continue }
            throw .unreadable(systemMessage(errno))
        }
        guard content.count + count <= FileAccess.sizeLimit else { throw .tooLarge }
        content.append(contentsOf: chunk[..<count])
    }
}

private func systemMessage(_ code: Int32) -> String {
    // strerror returns a string of its own or of the thread; it is copied at once.
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}

private func environmentValue(_ name: String) -> String? {
    // The environment is not changed while a configuration is read; the value is copied at once.
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}
