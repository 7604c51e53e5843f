import Bytes
import Synchronization

/// All location tables of the server, and what they share. It outlives reloads of the configuration.
public final class LocationStore: Sendable {
    let interner = Interner()
    private let tables = Lock<[LocationTable]>([])
    private let counter = Atomic<UInt64>(0)
    private let expired = Atomic<Int>(0)
    /// `-<hex of the start>-<hex of the process>-`, the middle of every ruid.
    let identity: ByteString

    /// - Parameters:
    ///   - started: second of the wall clock.
    ///   - process: process id.
    init(started: Int, process: Int) {
        let buffer = ByteBuffer(capacity: 32)
        buffer.append("-")
        buffer.append(hex: UInt64(max(started, 0)))
        buffer.append("-")
        buffer.append(hex: UInt64(max(process, 0)))
        buffer.append("-")
        self.identity = ByteString(buffer.span)
    }

    /// The table of that name, made when it is asked for first.
    func table(named name: ByteString) -> LocationTable {
        self.tables.withLock { tables in
            if let known = tables.first(where: { $0.name == name }) { return known }
            let table = LocationTable(name: name, store: self)
            tables.append(table)
            return table
        }
    }

    /// The table of that name if there is one.
    func existingTable(named name: ByteString) -> LocationTable? {
        self.tables.withLock { $0.first { $0.name == name } }
    }

    var all: [LocationTable] { self.tables.withLock { $0 } }

    /// Bindings that were removed because they had expired.
    var expiredCount: Int { self.expired.load(ordering: .relaxed) }
    func countExpired(_ count: Int) { self.expired.wrappingAdd(count, ordering: .relaxed) }

    /// A number for a new binding.
    func nextNumber() -> UInt64 { self.counter.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Appends the `ruid` of a binding.
    func write(ruid number: UInt64, to buffer: ByteBuffer) {
        buffer.append(number & Self.fromRPC != 0 ? "ulcx" : "uloc")
        buffer.append(self.identity)
        buffer.append(hex: number & ~Self.fromRPC)
    }

    /// The number behind a `ruid`, or nil when it is none of this server's.
    func number(ruid: ByteString) -> UInt64? {
        let prefix = self.identity.count + 4
        let isRPC = ruid.bytes.starts(with: "ulcx".utf8)
        guard ruid.count > prefix, ruid.count <= prefix + 16, isRPC || ruid.bytes.starts(with: "uloc".utf8),
            ruid.bytes[4..<prefix].elementsEqual(self.identity.bytes)
        else { return nil }
        var value: UInt64 = 0
        for byte in ruid.bytes[prefix...] {
            guard let digit = byte.hexValue else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return isRPC ? value | Self.fromRPC : value
    }

    static let fromRPC: UInt64 = 1 << 63
}
