import Bytes
import Synchronization

/// Identifiers that no other server and no other run of this one makes: random bits of the process, and a counter.
final class UniqueIdentifiers: Sendable {
    private let prefix = UInt64.random(in: .min ... .max)
    private let counter = Atomic<UInt64>(0)

    func next() -> ByteString {
        let number = self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        let buffer = ByteBuffer(capacity: 40)
        buffer.append("srid-")
        buffer.append(hex: self.prefix, digits: 16)
        buffer.append(UInt8(ascii: "-"))
        buffer.append(hex: number)
        return ByteString(buffer.span)
    }
}
