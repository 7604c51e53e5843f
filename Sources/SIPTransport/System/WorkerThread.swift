import CLinux
import Synchronization

/// A thread of our own: named, pinned to a CPU if wanted, joined once.
///
/// It blocks all signals, so that they go to the thread that asked for them.
public final class WorkerThread: Sendable {
    /// What the thread is called.
    public let name: String
    private let handle: UInt64
    private let isJoined = Atomic<Bool>(false)

    private final class Start: Sendable {
        let name: String
        let cpu: Int32
        let body: @Sendable () -> Void

        init(name: String, cpu: Int32, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.cpu = cpu
            self.body = body
        }
    }

    /// Starts the thread at once.
    ///
    /// - Parameters:
    ///   - name: shown by `top -H`; its first 15 bytes count.
    ///   - cpu: the CPU to stay on, a value of `cpu(at:)`; nil lets the kernel choose.
    ///   - stackSize: bytes; 0 for 8 MiB at least, whatever the limits of the process say (of which only what is used is
    ///     real).
    ///   - body: what the thread runs. It is `@Sendable`, so it belongs to no actor even when written in `@main`.
    /// - Throws: when the system has no thread for us.
    public init(
        name: String,
        cpu: Int? = nil,
        stackSize: Int = 0,
        body: @escaping @Sendable () -> Void
    ) throws(SocketError) {
        self.name = name
        let start = Start(name: String(name.prefix(15)), cpu: cpu.map { Int32($0) } ?? -1, body: body)
        let argument = unsafe Unmanaged.passRetained(start)
        var handle: UInt64 = 0
        let result = unsafe apus_thread_start(&handle, stackSize, runWorkerThread, argument.toOpaque())
        guard result >= 0 else {
            unsafe argument.release()
            throw SocketError(.thread, code: -result)
        }
        self.handle = handle
    }

    /// Waits until the thread's body has returned.
    ///
    /// Only the first call waits.
    public func join() {
        guard !self.isJoined.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = apus_thread_join(self.handle)
    }

    /// CPUs this process may run on, at least 1.
    public static var availableCPUs: Int { Int(apus_cpu_count()) }

    /// Number of the `position`-th CPU this process may run on; nil when there are fewer.
    public static func cpu(at position: Int) -> Int? {
        let number = apus_cpu_at(Int32(clamping: position))
        return number < 0 ? nil : Int(number)
    }

    fileprivate static func run(_ argument: UnsafeMutableRawPointer) {
        // The pointer is the retained Start that init passed; it is taken exactly once.
        let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        _ = unsafe start.name.withCString { unsafe apus_thread_set_name($0) }
        if start.cpu >= 0 { _ = apus_thread_pin(start.cpu) }
        start.body()
    }
}

/// A plain function, never a closure: a closure written on the main actor would trap here.
private func runWorkerThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument = unsafe argument { unsafe WorkerThread.run(argument) }
    return nil
}
