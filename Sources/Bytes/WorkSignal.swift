import CLinux

/// Wakes one waiting thread; a signal raised while nobody waits is kept.
@safe
public final class WorkSignal: @unchecked Sendable {  // the mutex inside guards the state; the pointer is set once
    private let state: OpaquePointer

    public init() { unsafe self.state = apus_signal_make() }
    deinit { unsafe apus_signal_free(self.state) }

    public func raise() { unsafe apus_signal_raise(self.state) }
    /// Returns when the signal is raised or the time is over; -1 waits without end.
    public func wait(milliseconds: Int) { unsafe apus_signal_wait(self.state, Int32(clamping: milliseconds)) }
}
