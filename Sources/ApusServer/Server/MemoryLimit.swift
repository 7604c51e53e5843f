import Bytes

/// The most memory that the system lets this process have: of its control group or those above it, or of `ulimit`.
///
/// The process ends when it wants more, so the log of its start says how much that is.
struct MemoryLimit: Equatable {
    /// Bytes.
    var bytes: Int
    /// What sets the limit, for people.
    var source: String

    /// - Parameter read: the text of a file of the system; nil when there is none.
    /// - Returns: the lowest limit; nil when there is none.
    static func find(
        read: (String) -> String? = { SystemInput.readFile($0)?.string }
    ) -> MemoryLimit? {
        (self.ofGroups(read) + self.ofProcess(read)).min { $0.bytes < $1.bytes }
    }

    /// The least of that and of what the machine has; `Int.max` when the system says nothing.
    static func bytes(read: (String) -> String? = { SystemInput.readFile($0)?.string }) -> Int {
        let lines = (read("/proc/meminfo") ?? "").split(separator: "\n")
        let machine = lines.first { $0.hasPrefix("MemTotal:") }.flatMap { line in
            Int(line.split(separator: " ").dropFirst().first ?? "").map { $0 << 10 }
        }
        return min(self.find(read: read)?.bytes ?? .max, machine ?? .max)
    }

    /// Limits of the control groups, version 1 and 2: those of a group hold for all below it.
    private static func ofGroups(_ read: (String) -> String?) -> [MemoryLimit] {
        var found: [MemoryLimit] = []
        for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let place: (root: String, file: String)
            if parts[1].isEmpty {
                place = ("/sys/fs/cgroup", "memory.max")
            } else if parts[1].split(separator: ",").contains("memory") {
                place = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            } else {
                continue
            }
            var names = parts[2].split(separator: "/")
            while true {
                let folder = ([place.root] + names.map(String.init)).joined(separator: "/")
                if let bytes = self.number(read("\(folder)/\(place.file)")) {
                    found.append(MemoryLimit(bytes: bytes, source: "\(place.file) of its control group"))
                }
                if names.popLast() == nil { break }
            }
        }
        return found
    }

    private static func ofProcess(_ read: (String) -> String?) -> [MemoryLimit] {
        let limits = (read("/proc/self/limits") ?? "").split(separator: "\n")
        return [("Max data size", "ulimit -d"), ("Max address space", "ulimit -v")].compactMap { name, source in
            guard let line = limits.first(where: { $0.hasPrefix(name) }) else { return nil }
            let soft = line.dropFirst(name.count).split(separator: " ").first.map(String.init)
            return self.number(soft).map { MemoryLimit(bytes: $0, source: source) }
        }
    }

    /// A limit in bytes; nil for `max`, `unlimited` and numbers that mean it.
    private static func number(_ text: String?) -> Int? {
        guard let text else { return nil }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let bytes = Int(digits), bytes < 1 << 60 else { return nil }
        return bytes
    }
}
