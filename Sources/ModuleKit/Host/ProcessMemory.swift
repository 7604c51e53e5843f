import Bytes

/// What the kernel says of the memory of this process, in bytes.
public struct ProcessMemory: Sendable {
    /// All that is mapped.
    public var total = 0
    /// What is in memory now.
    public var resident = 0
    /// The most that ever was in memory.
    public var peak = 0

    public var free: Int { max(self.total - self.resident, 0) }

    /// Reads the figures; zeros where the system does not tell.
    public static func read() -> ProcessMemory {
        var memory = ProcessMemory()
        guard let text = SystemInput.readFile("/proc/self/status") else { return memory }
        for line in text.string.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" })
            guard words.count >= 2, let kilobytes = Int(words[1]) else { continue }
            switch words[0] {
            case "VmSize": memory.total = kilobytes << 10
            case "VmRSS": memory.resident = kilobytes << 10
            case "VmHWM": memory.peak = kilobytes << 10
            default: break
            }
        }
        return memory
    }
}
