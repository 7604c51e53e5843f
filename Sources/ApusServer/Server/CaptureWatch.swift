import Bytes
import Synchronization

/// Whether somebody captures packets on this machine (tcpdump, sngrep, a capture agent).
///
/// Captures see several datagrams that left as one before the kernel has cut them up, and the tools take them for one
/// long message. Who looks for a call at night is to see what the peer sees.
final class CaptureWatch: Sendable {
    private let seen = Atomic(false)

    /// As of the last `look`.
    var isSeen: Bool { self.seen.load(ordering: .relaxed) }

    /// Asks the kernel for the sockets that packets are captured by. Where it does not say, there are none.
    func look() {
        let sockets = SystemInput.readFile("/proc/net/packet").map { "\($0)" } ?? ""
        self.seen.store(Self.showsCapture(sockets), ordering: .relaxed)
    }

    /// - Parameter sockets: a line each; the fourth column is the protocol. 0003 is every protocol, which captures ask
    ///   for; others, such as DHCP clients, ask for their own.
    static func showsCapture(_ sockets: String) -> Bool {
        sockets.split(separator: "\n").contains { $0.split(separator: " ").dropFirst(3).first == "0003" }
    }
}
