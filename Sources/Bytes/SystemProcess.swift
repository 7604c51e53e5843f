import CLinux
import Glibc

/// Services of the system that concern the process as a whole.
public enum SystemProcess {
    /// - Returns: whether it worked.
    @discardableResult
    public static func changeDirectory(_ path: String) -> Bool { unsafe chdir(path) == 0 }

    /// Makes `path` the root of everything this process sees; needs to be root.
    /// - Returns: whether it worked.
    public static func changeRoot(_ path: String) -> Bool { unsafe chroot(path) == 0 && chdir("/") == 0 }

    /// Gives up all capabilities but that to bind ports below 1024, if the process has it, and all that programs which
    /// it runs could give it. Before the first thread is started.
    /// - Returns: whether it worked.
    public static func limitPrivileges() -> Bool { apus_privileges_limit() == 0 }

    /// A user of the system.
    public struct User: Sendable, Equatable {
        public var id: UInt32
        /// The group that the user belongs to first of all.
        public var group: UInt32
    }

    /// The user with a name or number; a number that nobody has counts with the group of the same number.
    public static func user(_ name: String) -> User? {
        // The result is read at once, before anything else can change it; the server has one thread then.
        if let number = UInt32(name) {
            guard let entry = unsafe getpwuid(number) else { return User(id: number, group: number) }
            return unsafe User(id: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
        }
        guard let entry = unsafe getpwnam(name) else { return nil }
        return unsafe User(id: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
    }

    /// Id of a group given by name or number.
    public static func groupID(_ name: String) -> UInt32? {
        if let number = UInt32(name) { return number }
        // As above: read at once.
        guard let entry = unsafe getgrnam(name) else { return nil }
        return unsafe entry.pointee.gr_gid
    }

    /// Gives up the groups that the process has beside its own; they would outlive a change of user.
    /// - Returns: whether it worked; only root may.
    public static func leaveOtherGroups(keeping group: UInt32) -> Bool {
        var kept = gid_t(group)
        // One element, valid for the call.
        return unsafe setgroups(1, &kept) == 0
    }

    /// Whether there is a process with this number.
    public static func isRunning(_ process: Int32) -> Bool {
        process > 0 && (kill(process, 0) == 0 || errno == EPERM)
    }

    /// Runs a command of the shell and waits for its end.
    /// - Returns: its exit status; -1 when it could not be run or was ended by a signal.
    @discardableResult
    public static func run(_ command: String) -> Int32 {
        // The text lives for the call.
        let status = unsafe system(command)
        guard status >= 0, status & 0x7f == 0 else { return -1 }
        return status >> 8 & 0xff
    }

    /// Whether the process has a terminal that it belongs to; false once that terminal is gone.
    public static var hasTerminal: Bool {
        // The path is a literal, NUL-terminated.
        let descriptor = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    /// Has the system show no values of `-A` and `--modparam` in its list of processes. Arguments read before are as they
    /// were.
    public static func hideArguments() { apus_hide_arguments() }

    /// From now on a fault leaves a line that names it, and the addresses of the calls, before it ends the process.
    /// - Parameters:
    ///   - name: what the line begins with, 63 bytes at most.
    ///   - toSyslog: in the system's log too, not on standard error alone.
    public static func reportFaults(as name: String, toSyslog: Bool) {
        // Copied by the call.
        unsafe apus_faults_report(name, toSyslog ? 1 : 0)
    }

    /// Writing to a peer that is gone is an error for the writer, not the end of the process.
    public static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Gives memory that the allocator holds and nobody uses back to the system. Other threads that allocate meanwhile may
    /// wait for some of it: for when much has become free.
    public static func returnMemory() { apus_memory_return() }

    /// Gives back what has not been used for ten seconds; to be called now and then, since threads do it by themselves only
    /// while they allocate.
    public static func settleMemory() { apus_memory_settle() }

    /// The process is no longer taken to use the pages of its program that it has read: for when the code that starts a
    /// server or loads a configuration, most of all there is, has been run.
    public static func forgetProgram() { apus_memory_unmap_files() }

    /// No memory image is left behind when the process dies.
    public static func disableCoreDump() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        // One value, valid for the call.
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }

    /// Keeps all memory of the process, now and later, out of the swap.
    /// - Returns: whether the system allowed it.
    public static func lockMemory() -> Bool { mlockall(MCL_CURRENT | MCL_FUTURE) == 0 }

    /// Files that the process may have open at a time.
    public static var fileLimit: Int {
        let limit = apus_file_limit()
        return limit < 0 ? 1024 : Int(clamping: limit)
    }

    /// Lets the process open up to `limit` files, as far as the system allows.
    public static func raiseFileLimit(to limit: Int) {
        Self.change(__rlimit_resource_t(RLIMIT_NOFILE.rawValue)) { _ in rlim_t(max(limit, 0)) }
    }

    /// Lets the first thread have as much stack as all others, as far as the system allows.
    ///
    /// The deepest configuration that is accepted needs some of it.
    public static func raiseStackLimit() {
        Self.change(__rlimit_resource_t(RLIMIT_STACK.rawValue)) { max($0, rlim_t(APUS_STACK)) }
    }

    private static func change(_ resource: __rlimit_resource_t, _ wanted: (rlim_t) -> rlim_t) {
        var limits = rlimit()
        // The struct is valid for both calls.
        guard unsafe getrlimit(resource, &limits) == 0 else { return }
        limits.rlim_cur = min(wanted(limits.rlim_cur), limits.rlim_max)
        _ = unsafe setrlimit(resource, &limits)
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
    public func wait() -> Int32 { apus_signals_wait(self.mask, -1) }
    /// The same, for so long at most; nil: none came.
    public func wait(milliseconds: Int) -> Int32? {
        let signal = apus_signals_wait(self.mask, Int32(clamping: max(milliseconds, 0)))
        return signal == 0 ? nil : signal
    }
}
