import Bytes
import ModuleKit
import SIPTransport

/// Lines that standard error did not take: its disk is full, its reader gone. They are counted, and the count is logged
/// as soon as a line can be written again.
final class LogLosses: Sendable {
    private struct State {
        var lines = 0
        var code: Int32 = 0
        /// The last line was written in part: the next one begins on a line of its own.
        var isCut = false
    }

    private let state = Lock(State())

    /// Writes finished lines, line ends included.
    /// - Parameter ends: offset past each of them.
    func write(_ lines: ByteBuffer, ends: [Int], to descriptor: Int32) {
        if self.state.withLock({ $0.isCut }) {
            guard SystemOutput.write(ByteBuffer("\n"), to: descriptor).code == 0 else {
                return self.note(0, ends.count)
            }
            self.state.withLock { $0.isCut = false }
        }
        let written = SystemOutput.write(lines, to: descriptor)
        guard written.code != 0 else { return }
        let whole = ends.prefix { $0 <= written.bytes }
        self.note(written.code, ends.count - whole.count, isCut: written.bytes > whole.last ?? 0)
    }

    private func note(_ code: Int32, _ lines: Int, isCut: Bool = false) {
        self.state.withLock { state in
            state.lines += lines
            if code != 0 { state.code = code }
            if isCut { state.isCut = true }
        }
    }

    /// What to say of the lines lost, for which `write` is given a last try; nil: none are.
    func report(_ write: (String) -> Void) {
        let (lines, code) = self.state.withLock { state in
            defer { state.lines = 0 }
            return (state.lines, state.code)
        }
        guard lines > 0 else { return }
        write("\(lines) log lines lost, they could not be written: \(SocketError.text(of: code))")
        // The report itself is no line that anybody misses.
        self.state.withLock { state in if state.lines > 0 { state.lines += lines - 1 } }
    }
}
