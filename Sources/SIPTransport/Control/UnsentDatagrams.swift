import Bytes
import CLinux
import Glibc

/// Answers for clients that do not read as fast as they ask: tried again until they have been sent or are too old.
///
/// Those of one client stay in order, and hold up nobody else's. On its loop's thread.
final class UnsentDatagrams {
    private struct Entry {
        var answer: [UInt8]
        var client: apus_unix_peer
        var address: [UInt8]
        var deadline: Instant
    }

    private let descriptor: Int32
    /// Keeps the descriptor open while something waits.
    private unowned let owner: ControlSocket
    private var entries: [Entry] = []
    private var isArmed = false
    private static let pause = Interval.milliseconds(10)
    /// More are thrown away.
    private static let limit = 256

    init(descriptor: Int32, owner: ControlSocket) {
        self.descriptor = descriptor
        self.owner = owner
    }

    func send(_ answer: [UInt8], to client: apus_unix_peer, within patience: Interval, on loop: EventLoop) {
        let address = self.entries.isEmpty ? [] : Self.address(of: client)
        let waits = self.entries.contains { $0.address == address }
        guard waits || self.attempt(answer, client) == -Int(EAGAIN), self.entries.count < Self.limit else { return }
        self.entries.append(
            Entry(
                answer: answer, client: client, address: Self.address(of: client),
                deadline: Instant.precise() + patience))
        self.arm(on: loop)
    }

    private static func address(of client: apus_unix_peer) -> [UInt8] {
        // The bytes of the value, copied while it lives.
        unsafe withUnsafeBytes(of: client.address) { unsafe Array($0.prefix(Int(client.length))) }
    }

    private func attempt(_ answer: [UInt8], _ client: apus_unix_peer) -> Int {
        var peer = client
        return unsafe answer.withUnsafeBufferPointer { bytes -> Int in
            guard let base = bytes.baseAddress else { return 0 }
            // The pointer and the length are those of the array.
            return Int(unsafe apus_send_to(self.descriptor, base, bytes.count, &peer))
        }
    }

    private func arm(on loop: EventLoop) {
        guard !self.isArmed, !self.entries.isEmpty else { return }
        self.isArmed = true
        loop.perform(Again(self.owner, self), after: Self.pause)
    }

    private func tryAgain(on loop: EventLoop) {
        self.isArmed = false
        let now = Instant.precise()
        var full: Set<[UInt8]> = []
        self.entries.removeAll { entry in
            if entry.deadline < now { return true }
            guard !full.contains(entry.address) else { return false }
            guard self.attempt(entry.answer, entry.client) == -Int(EAGAIN) else { return true }
            full.insert(entry.address)
            return false
        }
        self.arm(on: loop)
    }

    private final class Again: LoopTask, @unchecked Sendable {  // made and performed on the loop's thread
        private let owner: ControlSocket
        private let datagrams: UnsentDatagrams

        init(_ owner: ControlSocket, _ datagrams: UnsentDatagrams) {
            self.owner = owner
            self.datagrams = datagrams
        }

        func perform(on loop: EventLoop) { self.datagrams.tryAgain(on: loop) }
    }
}
