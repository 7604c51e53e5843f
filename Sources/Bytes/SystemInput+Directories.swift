import CLinux

extension SystemInput {
    /// Whether there is a directory at `path`.
    public static func isDirectory(_ path: String) -> Bool {
        // The path is NUL-terminated for the duration of the call; the handle is closed at once.
        guard let directory = unsafe apus_directory_open(path) else { return false }
        unsafe apus_directory_close(directory)
        return true
    }

    /// Files in a directory and in those below it whose names end with `ending`, sorted by path; hidden ones are left
    /// out.
    public static func files(in directory: String, endingWith ending: String) -> [String] {
        var result: [String] = []
        self.collect(in: directory, ending, depth: 0, into: &result)
        return result.sorted()
    }

    private static func collect(in path: String, _ ending: String, depth: Int, into result: inout [String]) {
        // Deeper trees than people make.
        guard depth < 64, let directory = unsafe apus_directory_open(path) else { return }
        var folders: [String] = []
        var name = [CChar](repeating: 0, count: 1024)
        while true {
            // The buffer holds the capacity that is told; the name in it ends with a NUL.
            let kind = unsafe name.withUnsafeMutableBufferPointer { buffer -> Int32 in
                guard let base = buffer.baseAddress else { return 0 }
                return unsafe apus_directory_next(directory, base, buffer.count)
            }
            if kind == 0 { break }
            let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let full = path == "." ? text : path.hasSuffix("/") ? path + text : "\(path)/\(text)"
            if kind == 2 { folders.append(full) } else if text.hasSuffix(ending) { result.append(full) }
        }
        unsafe apus_directory_close(directory)
        for folder in folders { self.collect(in: folder, ending, depth: depth + 1, into: &result) }
    }
}
