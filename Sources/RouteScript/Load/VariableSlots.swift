import Bytes

/// Slots of `$var(name)` in a worker's variables; a name keeps its slot while the server runs.
final class VariableSlots: Sendable {
    private let slots = Lock<[ByteString: Int]>([:])

    func slot(of name: ByteString) -> Int {
        self.slots.withLock { slots in
            if let known = slots[name] { return known }
            let slot = slots.count
            slots[name] = slot
            return slot
        }
    }
}
