import CLinux

/// Who is to be told about a descriptor.
enum Registration {
    case free
    case bell
    case listener(StreamListener)
    case connection(StreamConnection)
    case handler(any DescriptorHandler)
}

/// Names a registration with a loop until it is taken back.
public struct RegistrationKey: Hashable, Sendable {
    let rawValue: UInt64
}

/// The registrations of a loop.
///
/// A key is slot and generation, so that an event for a slot's last user reaches nobody.
struct RegistrationTable {
    private struct Slot {
        var entry = Registration.free
        var generation: UInt32 = 0
        var descriptor: Int32 = -1
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    mutating func insert(_ entry: Registration, descriptor: Int32) -> UInt64 {
        if self.free.isEmpty {
            self.free.append(UInt32(self.slots.count))
            self.slots.append(Slot())
        }
        let index = self.free.removeLast()
        self.slots[Int(index)].entry = entry
        self.slots[Int(index)].descriptor = descriptor
        return UInt64(self.slots[Int(index)].generation) << 32 | UInt64(index)
    }

    mutating func remove(_ key: UInt64) {
        guard let index = self.index(of: key) else { return }
        self.slots[index].entry = .free
        self.slots[index].descriptor = -1
        self.slots[index].generation &+= 1
        self.free.append(UInt32(index))
    }

    subscript(key: UInt64) -> Registration {
        guard let index = self.index(of: key) else { return .free }
        return self.slots[index].entry
    }

    func descriptor(of key: UInt64) -> Int32? {
        guard let index = self.index(of: key), self.slots[index].descriptor >= 0 else { return nil }
        return self.slots[index].descriptor
    }

    var all: [Registration] { self.slots.map(\.entry) }

    private func index(of key: UInt64) -> Int? {
        let index = Int(key & 0xffff_ffff)
        guard index < self.slots.count, UInt64(self.slots[index].generation) == key >> 32 else { return nil }
        return index
    }
}

extension EventLoop {
    /// Tells `handler` when `descriptor` is ready.
    ///
    /// The descriptor stays the handler's own, to close after `unregister`.
    public func register(
        _ descriptor: Int32,
        handler: any DescriptorHandler,
        reads: Bool = true,
        writes: Bool = false
    ) throws(SocketError) -> RegistrationKey {
        RegistrationKey(rawValue: try self.add(.handler(handler), descriptor, Self.flags(reads, writes)))
    }

    /// Changes what the handler wants to be told.
    public func update(_ key: RegistrationKey, reads: Bool, writes: Bool) {
        self.change(key.rawValue, Self.flags(reads, writes))
    }

    /// Ends a registration.
    ///
    /// Call it before closing the descriptor.
    public func unregister(_ key: RegistrationKey) { self.remove(key.rawValue) }

    static func flags(_ reads: Bool, _ writes: Bool) -> UInt32 {
        (reads ? UInt32(APUS_READABLE) : 0) | (writes ? UInt32(APUS_WRITABLE) : 0)
    }
}
