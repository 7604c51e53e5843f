import Bytes
import Glibc
import ModuleKit
import SIPTransport

/// What the process does with itself: directories, users, limits, signals.
enum ProcessControl {
    static func changeDirectory(_ path: String) throws {
        guard SystemProcess.changeDirectory(path) else {
            throw ModuleError("cannot change to directory '\(path)': \(SocketError.text(of: errno))")
        }
    }

    static func changeRoot(_ path: String) throws {
        guard SystemProcess.changeRoot(path) else {
            throw ModuleError("cannot change root to '\(path)': \(SocketError.text(of: errno))")
        }
    }

    /// Becomes another user and group; needs to be root. Without a group it is the user's own.
    static func dropPrivileges(user: String?, group: String?) throws {
        var account: SystemProcess.User?
        if let user {
            account = SystemProcess.user(user)
            guard account != nil else { throw ModuleError("there is no user '\(user)'") }
        }
        var groupID = account?.group
        if let group {
            groupID = SystemProcess.groupID(group)
            guard groupID != nil else { throw ModuleError("there is no group '\(group)'") }
        }
        if let groupID, groupID != getgid() || account.map({ $0.id != getuid() }) == true {
            // First the groups: without the right to change users there is no right to change them either.
            guard SystemProcess.leaveOtherGroups(keeping: groupID), setgid(groupID) == 0 else {
                throw ModuleError("cannot become group \(group ?? String(groupID)): \(SocketError.text(of: errno))")
            }
        }
        if let account, account.id != getuid() {
            guard setuid(account.id) == 0 else {
                throw ModuleError("cannot become user \(user ?? ""): \(SocketError.text(of: errno))")
            }
        }
    }

    /// Whoever is no root keeps no capability but that to bind ports below 1024, which a reload may need, and with a user
    /// of the configuration's no way back: programs that it runs (`exec`) cannot be `sudo` either.
    static func limitPrivileges(_ logger: Logger, isDropped: Bool) throws {
        guard getuid() != 0 else {
            return logger.notice("running as root: with -u (user) it becomes another user once its sockets are bound")
        }
        guard isDropped else { return }
        guard SystemProcess.limitPrivileges() else {
            throw ModuleError("cannot give up privileges: \(SocketError.text(of: errno))")
        }
    }

    /// Most files that are asked for when the configuration does not say.
    private static let files = 1 << 20

    /// - Parameter limit: of the configuration; nil: as many as the system lets have, up to a million.
    static func raiseFileLimit(to limit: Int?) {
        if let limit { return SystemProcess.raiseFileLimit(to: limit) }
        if SystemProcess.fileLimit < Self.files { SystemProcess.raiseFileLimit(to: Self.files) }
    }

    /// How many connections leave enough descriptors for listeners, databases, name servers and files.
    static func connections(ofFiles limit: Int) -> Int { max(limit - min(256, limit / 4), 1) }

    /// Makes the run directory for the user that the server is going to be.
    static func prepareRunDirectory(_ path: String, user: String?, group: String?) {
        let account = user.flatMap { SystemProcess.user($0) }
        SystemOutput.makeDirectory(
            path, owner: account?.id, group: group.flatMap { SystemProcess.groupID($0) } ?? account?.group)
    }

    /// Ends the process when an orderly end takes longer than `milliseconds`: somebody's library call does not return.
    static func limitStop(milliseconds: Int, status: Int32 = 0) {
        _ = try? WorkerThread(name: "apus-stop") {
            WorkSignal().wait(milliseconds: milliseconds)
            _exit(status)
        }
    }

    /// Ends the process when modules take longer than `seconds` (0: any time) to store what they hold, or when it is
    /// asked to stop a second time. What is not stored by then is lost, and the exit status says so.
    static func limitStop(seconds: Int, _ signals: SignalSet) {
        if seconds > 0 { self.limitStop(milliseconds: seconds * 1000, status: 1) }
        _ = try? WorkerThread(name: "apus-stop") {
            while true {
                let signal = signals.wait()
                if signal == SIGINT || signal == SIGTERM { _exit(1) }
            }
        }
    }

    /// Blocks the signals that `Server.waitForStop` takes, in this thread and all threads started after it.
    static func blockStopSignals() -> SignalSet { SignalSet([SIGINT, SIGTERM, SIGHUP, SIGUSR1]) }
}

/// The process that was left behind when the server went to the background: it waits to hear how the start went.
struct Background {
    private let pipe: Int32

    /// Forks; the parent waits for `reportStarted` and exits with 0, or with 255 when the child dies first.
    static func enter() throws -> Background {
        guard let pipe = SystemProcess.daemonize() else { throw ModuleError("cannot go to the background") }
        return Background(pipe: pipe)
    }

    func reportStarted() { SystemProcess.reportStarted(self.pipe) }
}
