import Bytes
import ModuleKit

/// Reads the records of a payload. Depth and length are bounded; anything malformed is nil.
public struct BinaryRPCReader {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    public init(_ bytes: [UInt8], from start: Int, count: Int) {
        self.bytes = bytes
        self.position = start
        self.end = start + count
    }

    public var isAtEnd: Bool { self.position >= self.end }

    /// The next value; nil when the payload is malformed or over.
    public mutating func value() -> RPCValue? { self.value(depth: 0) }

    private mutating func value(depth: Int) -> RPCValue? {
        guard depth < 16, let (type, length, isMarker) = self.head() else { return nil }
        switch type {
        case .int:
            guard let number = self.integer(length) else { return nil }
            return .int(number)
        case .double:
            guard let number = self.integer(length) else { return nil }
            return .double(Double(number) / 1000)
        case .string, .name: return self.text(length, hasTerminator: true).map { .text($0) }
        case .bytes: return self.text(length, hasTerminator: false).map { .text($0) }
        case .array:
            guard !isMarker else { return nil }
            var items: [RPCValue] = []
            while !self.isAtEnd {
                if self.skipMarker(.array) { return .array(items) }
                guard let item = self.value(depth: depth + 1) else { return nil }
                items.append(item)
            }
            return nil
        case .structure:
            guard !isMarker else { return nil }
            if !self.isAtEnd, self.bytes[self.position] == BinaryRPC.RecordType.structure.rawValue {
                return self.namelessItems(depth: depth)
            }
            var members: [RPCValue.Member] = []
            while !self.isAtEnd {
                if self.skipMarker(.structure) { return .structure(members) }
                guard let (kind, size, _) = self.head(), kind == .name, let name = self.text(size, hasTerminator: true),
                    let value = self.value(depth: depth + 1)
                else { return nil }
                members.append(RPCValue.Member(name.string, value))
            }
            return nil
        }
    }

    /// A struct without names: a list of structs inside of a struct.
    private mutating func namelessItems(depth: Int) -> RPCValue? {
        var items: [RPCValue] = []
        while !self.isAtEnd {
            if self.skipMarker(.structure) { return .array(items) }
            guard let item = self.value(depth: depth + 1) else { return nil }
            items.append(item)
        }
        return nil
    }

    /// Type and length of the next record, and whether it ends a struct or array.
    private mutating func head() -> (BinaryRPC.RecordType, Int, Bool)? {
        guard self.position < self.end, let type = BinaryRPC.RecordType(rawValue: self.bytes[self.position] & 15) else {
            return nil
        }
        let first = self.bytes[self.position]
        self.position += 1
        let size = Int(first >> 4 & 7)
        guard first & 0x80 != 0 else { return (type, size, false) }
        guard size > 0 else { return (type, 0, true) }
        guard size <= 4, self.position + size <= self.end else { return nil }
        let length = BinaryRPC.number(self.bytes, self.position, size)
        self.position += size
        guard length <= UInt64(self.end - self.position) else { return nil }
        return (type, Int(length), false)
    }

    private mutating func skipMarker(_ type: BinaryRPC.RecordType) -> Bool {
        guard self.position < self.end, self.bytes[self.position] == 0x80 | type.rawValue else { return false }
        self.position += 1
        return true
    }

    private mutating func integer(_ length: Int) -> Int? {
        guard length <= 8, self.position + length <= self.end else { return nil }
        let value = BinaryRPC.number(self.bytes, self.position, length)
        self.position += length
        // Four bytes are a two's complement int.
        if length == 4 { return Int(Int32(truncatingIfNeeded: value)) }
        return Int(truncatingIfNeeded: value)
    }

    private mutating func text(_ length: Int, hasTerminator: Bool) -> ByteString? {
        guard self.position + length <= self.end else { return nil }
        var upper = self.position + length
        if hasTerminator, length > 0, self.bytes[upper - 1] == 0 { upper -= 1 }
        let text = ByteString(Array(self.bytes[self.position..<upper]))
        self.position += length
        return text
    }
}
