import CLinux
import Glibc
import Synchronization

/// The receiving end of a UDP descriptor for one worker thread.
///
/// Several ports, each of its own thread, may share one `DatagramSocket`: the kernel gives a datagram to whoever waits.
/// One thread receives for the port's whole life; `wake` and `stop` are for all others.
public final class DatagramPort: Sendable {
    /// The descriptor it receives from.
    public let socket: DatagramSocket
    private let receiver = Atomic<Int32>(0)  // thread id of the receiving thread; 0: none yet

    /// A further receiver of `socket`.
    public init(_ socket: DatagramSocket) { self.socket = socket }

    /// Why `receiveBatch` returned.
    public enum Outcome: Equatable, Sendable {
        /// So many datagrams are in the batch, at least 1.
        case received(Int)
        /// No datagram: somebody called `wake`, or the receive timeout passed.
        ///
        /// Look at what is queued.
        case woken
        /// `stop` was called; there will be no more.
        case stopped
        /// The descriptor failed with this `errno`.
        case failed(Int32)
    }

    /// Blocks until there is a datagram, then takes all that are there, up to `DatagramBatch.capacity`.
    ///
    /// - Parameter waits: whether to block; without, `woken` says that there is none.
    public func receiveBatch(_ batch: DatagramBatch, waits: Bool = true) -> Outcome {
        if self.receiver.load(ordering: .relaxed) == 0 {
            self.receiver.store(apus_thread_id(), ordering: .releasing)
        }
        guard !self.socket.isStopped else {
            batch.removeAll()
            return .stopped
        }
        let taken = batch.receive(from: self.socket.descriptor, waits: waits, spin: self.socket.busyPoll)
        self.socket.restoreTimeout()
        if self.socket.isStopped {
            batch.removeAll()
            return .stopped
        }
        if taken > 0 { return .received(taken) }
        switch Int32(-taken) {
        // ECONNREFUSED and its kind are about a datagram sent earlier, not about receiving.
        case 0, EAGAIN, EINTR, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH: return .woken
        case let code: return .failed(code)
        }
    }

    /// Whether this receiver wants to know from now on when datagrams came (`DatagramBatch.arrival`): it says so once, and
    /// takes it back once. Those that wait already count as having just come.
    public func noteArrivals(_ wanted: Bool) { self.socket.noteArrivals(wanted) }

    /// What waits in the kernel now: a system call.
    public var backlog: DatagramBacklog { self.socket.backlog }

    /// Makes the receiver return soon, blocked or not: there is work for it that did not come from the network.
    ///
    /// Queue the work first. Where ports share a descriptor a wake can be lost to a neighbour's; the receive timeout
    /// then bounds the delay.
    public func wake() {
        // Short timeout first: it catches a receiver that is about to block; the signal catches one that is blocked.
        self.socket.shortenTimeout()
        let thread = self.receiver.load(ordering: .acquiring)
        if thread != 0 { _ = apus_thread_interrupt(thread) }
    }

    /// Ends receiving on the descriptor, for all ports that share it.
    public func stop() { self.socket.stop() }
}
