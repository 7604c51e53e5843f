import Bytes
import ModuleKit

/// Finished lines on their way to standard error, which takes many of them in one call.
final class LogBatch: Sendable {
    /// Bytes from which on what has been gathered is written.
    private static let limit = 64 << 10

    private struct State {
        let bytes = ByteBuffer(capacity: 4096)
        /// Offset past each line.
        var ends: [Int] = []
    }

    private let state = Lock(State())
    private let losses: LogLosses
    private let descriptor: Int32

    init(_ losses: LogLosses, descriptor: Int32 = 2) {
        self.losses = losses
        self.descriptor = descriptor
    }

    /// Takes a finished line, line end included.
    func add(_ line: ByteBuffer) {
        self.state.withLock { state in
            state.bytes.append(line.span)
            state.ends.append(state.bytes.count)
            if state.bytes.count >= Self.limit { self.write(&state) }
        }
    }

    /// Writes what has been gathered.
    func flush() {
        self.state.withLock { state in if !state.ends.isEmpty { self.write(&state) } }
    }

    private func write(_ state: inout State) {
        self.losses.write(state.bytes, ends: state.ends, to: self.descriptor)
        state.ends.removeAll(keepingCapacity: true)
        state.bytes.removeAll()
        if state.bytes.capacity > Self.limit * 2 { state.bytes.shrink(to: 4096) }
    }
}
