import Testing

@testable import ApusServer

@Suite("The memory that the system lets the server have")
struct MemoryLimitTests {
    private func find(_ files: [String: String]) -> MemoryLimit? { MemoryLimit.find { files[$0] } }

    private static let limits = """
        Limit                     Soft Limit           Hard Limit           Units
        Max data size             unlimited            unlimited            bytes
        Max address space         unlimited            unlimited            bytes

        """

    @Test func `none is none`() {
        #expect(self.find([:]) == nil)
        #expect(
            self.find([
                "/proc/self/limits": Self.limits, "/proc/self/cgroup": "0::/apus\n4:memory:/apus\n",
                "/sys/fs/cgroup/apus/memory.max": "max\n",
                "/sys/fs/cgroup/memory/apus/memory.limit_in_bytes": "9223372036854771712\n",
            ]) == nil)
    }

    @Test func `the lowest of the groups above it counts`() {
        let files = [
            "/proc/self/cgroup": "0::/system.slice/apus.service\n", "/proc/self/limits": Self.limits,
            "/sys/fs/cgroup/system.slice/apus.service/memory.max": "536870912\n",
            "/sys/fs/cgroup/system.slice/memory.max": "268435456\n",
        ]
        #expect(self.find(files) == MemoryLimit(bytes: 1 << 28, source: "memory.max of its control group"))
    }

    @Test func `groups of the first version are known too`() {
        let files = [
            "/proc/self/cgroup": "5:cpu,memory:/a\n2:pids:/b\nnonsense\n",
            "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1073741824\n",
        ]
        #expect(self.find(files) == MemoryLimit(bytes: 1 << 30, source: "memory.limit_in_bytes of its control group"))
    }

    @Test func `a group that is not seen from here counts by the root that is`() {
        let files = ["/proc/self/cgroup": "0::/../elsewhere\n", "/sys/fs/cgroup/memory.max": "134217728\n"]
        #expect(self.find(files)?.bytes == 1 << 27)
    }

    @Test func `so does a limit of the process`() {
        let files = [
            "/proc/self/limits": Self.limits.replacing(
                "data size             unlimited", with: "data size             65536000 ")
        ]
        #expect(self.find(files) == MemoryLimit(bytes: 65_536_000, source: "ulimit -d"))
    }

    @Test func `what the machine has bounds it where nothing else does`() {
        let machine = ["/proc/meminfo": "MemTotal:        4096 kB\nMemFree:          1 kB\n"]
        #expect(MemoryLimit.bytes { machine[$0] } == 4 << 20)
        #expect(MemoryLimit.bytes { _ in nil } == .max)
        let group = ["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "1048576\n"]
        #expect(MemoryLimit.bytes { machine[$0] ?? group[$0] } == 1 << 20)
    }
}
