import Bytes
import Testing

@Suite("What the system is asked for the process")
struct SystemProcessTests {
    @Test func `what has been read of the program is forgotten, and found again when it runs on`() throws {
        let before = try self.residentFilePages()
        SystemProcess.forgetProgram()
        let after = try self.residentFilePages()
        #expect(after < before)
    }

    /// Kilobytes of files that the process has in its memory.
    private func residentFilePages() throws -> Int {
        let status = try #require(SystemInput.readFile("/proc/self/status"))
        let line = try #require(status.string.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(Int(line.split(whereSeparator: { " \t".contains($0) })[1]))
    }
}
