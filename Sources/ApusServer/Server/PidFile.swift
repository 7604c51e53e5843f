import Bytes
import Glibc
import ModuleKit
import SIPTransport

/// The file that says which process the server is.
struct PidFile {
    let path: String

    /// - Throws: when another server that still runs has left its number there, or the file cannot be written.
    static func write(_ number: Int32, to path: String) throws -> PidFile {
        if let text = SystemInput.readFile(path, limit: 64)?.string.prefix(while: \.isNumber), let other = Int32(text),
            other != number, SystemProcess.isRunning(other)
        {
            throw ModuleError("process \(other) named in \(path) is still running: stop it or remove the file")
        }
        SystemOutput.makeDirectory(of: path)
        guard SystemOutput.writeFile(path, "\(number)\n") else {
            throw ModuleError("cannot write the process id to \(path): \(SocketError.text(of: errno))")
        }
        return PidFile(path: path)
    }

    func remove() { SystemOutput.removeFile(self.path) }
}
