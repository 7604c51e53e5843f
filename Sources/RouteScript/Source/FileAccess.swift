import Bytes

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
        environment: { name in SystemInput.environment(name) }
    )

    /// The same files, with some texts in their place or besides them.
    public func overlaid(by texts: [String: [UInt8]]) -> FileAccess {
        guard !texts.isEmpty else { return self }
        let below = self.read
        return FileAccess(
            read: { path throws(Failure) in
                guard let text = texts[path] else { return try below(path) }
                guard text.count <= Self.sizeLimit else { throw .tooLarge }
                return text
            },
            environment: self.environment
        )
    }

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
    do throws(SystemError) {
        return try SystemInput.read(path, limit: FileAccess.sizeLimit)
    } catch {
        if error.isNotFound { throw .notFound }
        throw error.isTooLarge ? .tooLarge : .unreadable(error.text)
    }
}
