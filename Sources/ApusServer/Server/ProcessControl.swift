import Bytes
import Glibc
import ModuleKit

/// What the process does with itself: directories, users, limits, signals.
enum ProcessControl {
    static func changeDirectory(_ path: String) { SystemProcess.changeDirectory(path) }

    /// Becomes another user and group; needs to be root.
    static func dropPrivileges(user: String?, group: String?) throws {
        if let group {
            guard let id = SystemProcess.groupID(group) else { throw ModuleError("there is no group '\(group)'") }
            guard setgid(id) == 0 else { throw ModuleError("cannot become group '\(group)'") }
        }
        if let user {
            guard let id = SystemProcess.userID(user) else { throw ModuleError("there is no user '\(user)'") }
            guard setuid(id) == 0 else { throw ModuleError("cannot become user '\(user)'") }
        }
    }

    static func raiseFileLimit(to limit: Int) { SystemProcess.raiseFileLimit(to: limit) }

    /// Blocks the signals that `waitForSignal` takes, in this thread and all threads started after it.
    static func blockStopSignals() -> SignalSet { SignalSet([SIGINT, SIGTERM, SIGHUP, SIGUSR1]) }
}

/// The process that was left behind when the server went to the background: it waits to hear how the start went.
struct Background {
    private let pipe: Int32

    /// Forks; the parent waits for `reportStarted` and exits with 0, or with 255 when the child dies first.
    static func enter(directory: String) throws -> Background {
        guard let pipe = SystemProcess.daemonize() else { throw ModuleError("cannot go to the background") }
        return Background(pipe: pipe)
    }

    func reportStarted() { SystemProcess.reportStarted(self.pipe) }
}
