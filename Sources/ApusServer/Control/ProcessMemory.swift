import Bytes

/// What the kernel says of the memory of this process, in bytes.
struct ProcessMemory {
    var total = 0
    var resident = 0
    var peak = 0

    var free: Int { max(self.total - self.resident, 0) }

    static func read() -> ProcessMemory {
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
