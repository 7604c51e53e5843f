import CLinux
import Glibc

/// Services of the system that concern the process as a whole.
public enum SystemProcess {
    public static func changeDirectory(_ path: String) { _ = unsafe chdir(path) }

    /// Id of a user given by name or number.
    public static func userID(_ name: String) -> UInt32? {
        if let number = UInt32(name) { return number }
        // getpwnam's result is read at once, before anything else can change it; the server has one thread then.
        guard let entry = unsafe getpwnam(name) else { return nil }
        return unsafe entry.pointee.pw_uid
    }

    /// Id of a group given by name or number.
    public static func groupID(_ name: String) -> UInt32? {
        if let number = UInt32(name) { return number }
        guard let entry = unsafe getgrnam(name) else { return nil }
        return unsafe entry.pointee.gr_gid
    }

    public static func raiseFileLimit(to limit: Int) {
        var limits = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(7), &limits) == 0 else { return }
        limits.rlim_cur = min(rlim_t(max(limit, 0)), limits.rlim_max)
        _ = unsafe setrlimit(__rlimit_resource_t(7), &limits)
    }

    /// Leaves the terminal: the parent waits for the child's word and exits; nil when forking fails.
    /// - Returns: in the child, what to hand to `reportStarted`.
    public static func daemonize() -> Int32? {
        let pipe = apus_daemonize()
        return pipe < 0 ? nil : pipe
    }

    public static func reportStarted(_ pipe: Int32) { apus_daemon_report(pipe) }
}

/// Signals taken one at a time by a thread that waits for them.
public struct SignalSet: Sendable {
    private let mask: UInt64

    /// Blocks the signals in this thread and in those it starts from now on.
    public init(_ signals: [Int32]) {
        self.mask = signals.reduce(0) { $0 | 1 << UInt64($1) }
        apus_signals_block(self.mask)
    }

    /// Waits for one of the signals and gives its number.
    public func wait() -> Int32 { apus_signals_wait(self.mask) }
}
