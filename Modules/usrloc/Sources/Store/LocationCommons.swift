import Bytes
import SIPMessage
import Synchronization

/// What all location tables share. They hold it, and it holds none of them.
package final class LocationCommons: Sendable {
    package let interner = Interner()
    /// What nobody sets, beside the wall clock.
    let clock = SteadyClock()
    private let counter = Atomic<UInt64>(0)
    private let expired = Atomic<Int>(0)
    /// Who registered over which connection; empty without `handle_lost_tcp`.
    let connected = Lock<[ConnectionID: [ConnectedUser]]>([:])
    /// `-<hex of the start>-<hex of the process>-`, the middle of every ruid.
    let identity: ByteString

    /// - Parameters:
    ///   - started: second of the wall clock.
    ///   - process: process id.
    package init(started: Int, process: Int) {
        let buffer = ByteBuffer(capacity: 32)
        buffer.append("-")
        buffer.append(hex: UInt64(max(started, 0)))
        buffer.append("-")
        buffer.append(hex: UInt64(max(process, 0)))
        buffer.append("-")
        self.identity = ByteString(buffer.span)
    }

    /// Bindings that were removed because they had expired.
    var expiredCount: Int { self.expired.load(ordering: .relaxed) }
    func countExpired(_ count: Int) { self.expired.wrappingAdd(count, ordering: .relaxed) }

    /// A number for a new binding.
    func nextNumber() -> UInt64 { self.counter.wrappingAdd(1, ordering: .relaxed).newValue }

    /// The `ruid` of a binding, also of one from another run of the server.
    func ruid(_ contact: ContactRecord) -> ByteString {
        guard !contact.prefix.isEmpty else { return self.ruid(contact.number) }
        let buffer = ByteBuffer(capacity: 48)
        self.interner.withBytes(contact.prefix) { buffer.append($0) }
        if contact.number != .max { buffer.append(hex: contact.number) }
        return ByteString(buffer.span)
    }

    /// The `ruid` of a binding of this run: `uloc-<hex of the start>-<hex of the process>-<hex of the number>`, `ulcx` in
    /// front of what an RPC command added. Each look-up makes one for each contact, in one piece of memory.
    func ruid(_ number: UInt64) -> ByteString {
        // Four letters, three dashes, three numbers.
        var text = InlineArray<64, UInt8>(repeating: 0)
        var count = 0
        for byte in number & Self.fromRPC != 0 ? "ulcx".utf8 : "uloc".utf8 {
            text[count] = byte
            count += 1
        }
        for index in 0..<min(self.identity.count, 40) {
            text[count] = self.identity.bytes[index]
            count += 1
        }
        let value = number & ~Self.fromRPC
        var shift = max((63 - value.leadingZeroBitCount) & ~3, 0)
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift) & 15)
            text[count] = digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a")
            count += 1
            shift -= 4
        }
        return ByteString(text.span.extracting(first: count))
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

/// An address of record of a table.
struct ConnectedUser: Equatable, Sendable {
    var table: ByteString
    var address: ByteString
}
