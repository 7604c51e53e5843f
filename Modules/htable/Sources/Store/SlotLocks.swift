import Bytes
import ModuleKit

/// Locks of table slots that scripts hold. Who finds one held waits suspended, first come, first served; no worker ever
/// waits.
final class SlotLocks: Sendable {
    struct Slot: Hashable, Sendable {
        var table: ObjectIdentifier
        var index: UInt64
    }

    private struct Held {
        var owner: SlotHolder
        /// A holder may take its own lock again, and gives it back as often.
        var depth = 1
        var waiters: [(holder: SlotHolder, token: any ResumeToken)] = []
    }

    private let held = Lock([Slot: Held]())

    enum Answer: Equatable {
        case taken
        /// The caller waits with the token that it made.
        case waits
        /// Whoever holds it waits, in the end, for the caller: neither would ever go on.
        case deadlock
    }

    /// - Parameter makeToken: called when the caller has to wait.
    func take(_ slot: Slot, for holder: SlotHolder, _ makeToken: () -> any ResumeToken) -> Answer {
        // The token is made before the lock is taken: it may need locks of its own.
        let mustWait = self.held.withLock { table in
            guard let entry = table[slot] else { return false }
            return entry.owner !== holder
        }
        let token = mustWait ? makeToken() : nil
        let answer = self.held.withLock { table -> Answer? in
            guard var entry = table[slot] else {
                table[slot] = Held(owner: holder)
                return .taken
            }
            if entry.owner === holder {
                entry.depth += 1
                table[slot] = entry
                return .taken
            }
            guard let token else { return nil }
            if Self.leads(from: entry.owner, to: holder, table) { return .deadlock }
            holder.awaited.withLock { $0 = slot }
            entry.waiters.append((holder, token))
            table[slot] = entry
            return .waits
        }
        guard let answer else { return self.take(slot, for: holder, makeToken) }
        if case .taken = answer {
            holder.slots.withLock { $0.append(slot) }
            // Somebody gave it back meanwhile: the worker finds the wake-up there when it comes to suspend.
            if let token {
                token.resume(ResumeResult(code: 1))
                return .waits
            }
        }
        return answer
    }

    private static func leads(from owner: SlotHolder, to holder: SlotHolder, _ table: [Slot: Held]) -> Bool {
        var current = owner
        for _ in 0...table.count {
            guard let slot = current.awaited.withLock({ $0 }), let next = table[slot]?.owner else { return false }
            if next === holder { return true }
            current = next
        }
        return false
    }

    /// - Returns: whether `holder` had it.
    @discardableResult
    func giveBack(_ slot: Slot, by holder: SlotHolder) -> Bool {
        let (wasHeld, next) = self.held.withLock { table -> (Bool, (holder: SlotHolder, token: any ResumeToken)?) in
            guard var entry = table[slot], entry.owner === holder else { return (false, nil) }
            entry.depth -= 1
            guard entry.depth == 0 else {
                table[slot] = entry
                return (true, nil)
            }
            guard !entry.waiters.isEmpty else {
                table[slot] = nil
                return (true, nil)
            }
            let next = entry.waiters.removeFirst()
            entry.owner = next.holder
            entry.depth = 1
            table[slot] = entry
            return (true, next)
        }
        guard wasHeld else { return false }
        holder.slots.withLock { slots in
            if let index = slots.lastIndex(of: slot) { slots.remove(at: index) }
        }
        if let next {
            next.holder.awaited.withLock { $0 = nil }
            next.holder.slots.withLock { $0.append(slot) }
            next.token.resume(ResumeResult(code: 1))
        }
        return true
    }

    /// The wait of `holder` is over without the lock: nobody hands it over to a script that has gone on.
    func abandonWait(of holder: SlotHolder) {
        guard let slot = holder.awaited.withLock({ $0 }) else { return }
        self.held.withLock { table in table[slot]?.waiters.removeAll { $0.holder === holder } }
        holder.awaited.withLock { $0 = nil }
    }

    /// Gives back all that `holder` still has; gives their number.
    func giveBackAll(of holder: SlotHolder) -> Int {
        self.abandonWait(of: holder)
        let slots = holder.slots.withLock { $0 }
        for slot in slots.reversed() { self.giveBack(slot, by: holder) }
        return slots.count
    }

    var heldCount: Int { self.held.withLock { $0.count } }
}

/// A run of a script, as far as locks go. Kept with its context.
final class SlotHolder: Sendable {
    /// What it holds, once for each time it took it.
    let slots = Lock<[SlotLocks.Slot]>([])
    /// What it waits for.
    let awaited = Lock<SlotLocks.Slot?>(nil)
}
