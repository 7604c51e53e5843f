import Bytes

/// What the system has to do: processors and bytes that wait to be read. Reading it blocks for some microseconds.
public struct SystemLoad: Sendable {
    private var busy = 0
    private var total = 0

    public init() {}

    /// Share of the time since the last question that the processors worked, 0 to 1; nil at the first one.
    public mutating func processors() -> Double? {
        guard let text = SystemInput.readFile("/proc/stat", limit: 1 << 20) else { return nil }
        return self.processors(text)
    }

    mutating func processors(_ text: ByteString) -> Double? {
        guard let line = text.string.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
        let figures = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
        guard figures.count >= 4 else { return nil }
        let total = figures.reduce(0, &+)
        // The fourth and the fifth are idle, the latter with a disk to wait for.
        let busy = total - figures[3] - (figures.count > 4 ? figures[4] : 0)
        defer {
            self.total = total
            self.busy = busy
        }
        guard self.total > 0, total > self.total else { return nil }
        return min(max(Double(busy - self.busy) / Double(total - self.total), 0), 1)
    }

    /// Bytes that the kernel has for UDP sockets on these ports and that nobody has read yet.
    public static func waitingBytes(ports: Set<UInt16>) -> Int {
        ["/proc/net/udp", "/proc/net/udp6"].reduce(0) { sum, path in
            sum + (SystemInput.readFile(path, limit: 4 << 20).map { Self.waitingBytes($0, ports: ports) } ?? 0)
        }
    }

    static func waitingBytes(_ text: ByteString, ports: Set<UInt16>) -> Int {
        var sum = 0
        for line in text.string.split(separator: "\n").dropFirst() {
            // Number, local address and port, remote ones, state, queues (sent:received), all in hexadecimal.
            let fields = line.split(separator: " ", maxSplits: 5)
            guard fields.count > 4, let port = fields[1].split(separator: ":").last.flatMap({ UInt16($0, radix: 16) }),
                ports.contains(port),
                let waiting = fields[4].split(separator: ":").last.flatMap({ Int($0, radix: 16) })
            else { continue }
            sum += waiting
        }
        return sum
    }
}
