import Bytes
import ModuleKit
import Synchronization

/// Locks that scripts take by name. Who finds one taken waits in line, suspended; nobody blocks a thread.
///
/// A lock belongs to the ticket that took it. Its holder gives it to the first in line, so nobody overtakes. Any thread
/// may call; tokens are woken after the table is let go.
final class ScriptLocks: Sendable {
    private struct Entry {
        var owner: UInt64
        var line: [(ticket: UInt64, token: any ResumeToken)] = []
    }

    private let stripes: [Lock<[ByteString: Entry]>]
    private let lastTicket = Atomic<UInt64>(0)

    /// - Parameter stripes: tables that keys are spread over, at least 1.
    init(stripes: Int) { self.stripes = (0..<max(stripes, 1)).map { _ in Lock([:]) } }

    private func stripe(_ key: ByteString) -> Lock<[ByteString: Entry]> {
        let hash = key.span.keyedHash(seed: HashSeed.process)
        return self.stripes[Int(truncatingIfNeeded: hash % UInt64(self.stripes.count))]
    }

    func makeTicket() -> UInt64 { self.lastTicket.add(1, ordering: .relaxed).newValue }

    /// Takes the lock when nobody has it.
    func take(_ key: ByteString, _ ticket: UInt64) -> Bool {
        self.stripe(key).withLock { table in
            guard table[key] == nil else { return false }
            table[key] = Entry(owner: ticket)
            return true
        }
    }

    /// Stands in line for the lock; `token` is woken with 1 when it has come to `ticket`, at once when nobody has it.
    func waitFor(_ key: ByteString, _ ticket: UInt64, _ token: any ResumeToken) {
        let isFree = self.stripe(key).withLock { table in
            guard table[key] == nil else {
                table[key]?.line.append((ticket, token))
                return false
            }
            table[key] = Entry(owner: ticket)
            return true
        }
        if isFree { token.resume(ResumeResult(code: 1)) }
    }

    /// Whether somebody has the lock.
    func isTaken(_ key: ByteString) -> Bool { self.stripe(key).withLock { $0[key] != nil } }

    func isOwned(_ key: ByteString, by ticket: UInt64) -> Bool {
        self.stripe(key).withLock { $0[key]?.owner == ticket }
    }

    /// Gives the lock away, or the place in line for it.
    func leave(_ key: ByteString, _ ticket: UInt64) {
        let next = self.stripe(key).withLock { table -> (any ResumeToken)? in
            guard var entry = table[key] else { return nil }
            guard entry.owner == ticket else {
                entry.line.removeAll { $0.ticket == ticket }
                table[key] = entry
                return nil
            }
            guard !entry.line.isEmpty else {
                table[key] = nil
                return nil
            }
            let first = entry.line.removeFirst()
            entry.owner = first.ticket
            table[key] = entry
            return first.token
        }
        next?.resume(ResumeResult(code: 1))
    }
}

/// The locks that one message holds. What is left when its script ends is given away, also when it never ends.
final class HeldLocks {
    private let locks: ScriptLocks
    private var held: [(key: ByteString, ticket: UInt64)] = []

    init(_ locks: ScriptLocks) { self.locks = locks }

    deinit { for lock in self.held { self.locks.leave(lock.key, lock.ticket) } }

    func holds(_ key: ByteString) -> Bool { self.held.contains { $0.key == key } }
    func add(_ key: ByteString, _ ticket: UInt64) { self.held.append((key, ticket)) }

    /// - Returns: false when the message does not hold it.
    func release(_ key: ByteString) -> Bool {
        guard let index = self.held.firstIndex(where: { $0.key == key }) else { return false }
        let lock = self.held.remove(at: index)
        self.locks.leave(lock.key, lock.ticket)
        return true
    }

    func releaseAtEnd(_ route: RouteContext) {
        guard !self.held.isEmpty else { return }
        let left = self.held
        self.held = []
        for lock in left {
            route.log(.warning, "the script ended without unlock(\"\(lock.key)\")")
            self.locks.leave(lock.key, lock.ticket)
        }
    }
}

/// A place in line that is given up when its script is never woken.
final class LockRequest {
    let key: ByteString
    let ticket: UInt64
    private let locks: ScriptLocks
    private var isSettled = false

    init(_ key: ByteString, _ ticket: UInt64, _ locks: ScriptLocks) {
        self.key = key
        self.ticket = ticket
        self.locks = locks
    }

    deinit { if !self.isSettled { self.locks.leave(self.key, self.ticket) } }

    /// Whether the lock has come to this request, and its script may go on with it; else the place in line is left.
    func settle(_ result: ResumeResult) -> Bool {
        self.isSettled = true
        if result.code > 0, self.locks.isOwned(self.key, by: self.ticket) { return true }
        self.locks.leave(self.key, self.ticket)
        return false
    }
}

extension RouteContext {
    var heldLocks: HeldLocks? { self.state(HeldLocks.self) }

    func heldLocks(_ locks: ScriptLocks) -> HeldLocks {
        if let held = self.heldLocks { return held }
        let held = HeldLocks(locks)
        self.setState(held)
        return held
    }
}
