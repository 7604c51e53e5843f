import Bytes
import ModuleKit

/// The binary RPC format that kamcmd speaks: packets of typed records.
///
/// A packet is a header (magic, kind, payload length, cookie) and a payload of records. A record begins with one byte:
/// bit 7 says whether bits 4 to 6 are the length itself or the number of length bytes that follow; bits 0 to 3 are the
/// type. All numbers are big-endian, in as few bytes as they need.
enum BinaryRPC {
    enum Kind: UInt8 {
        case request = 0
        case reply = 1
        case fault = 3
    }

    enum RecordType: UInt8 {
        case int = 0
        case string = 1
        case double = 2
        case structure = 3
        case array = 4
        case name = 5
        case bytes = 6
    }

    /// What the first bytes of a stream are.
    enum Framing: Equatable {
        case incomplete
        /// Not this protocol, or longer than `limit`.
        case broken
        case packet(headerLength: Int, payloadLength: Int, cookie: UInt64, cookieLength: Int, kind: UInt8)
    }

    static let limit = 1 << 20

    static func frame(_ bytes: [UInt8]) -> Framing {
        guard let magic = bytes.first else { return .incomplete }
        guard magic == 0xa1 else { return .broken }
        guard bytes.count >= 2 else { return .incomplete }
        let lengthBytes = Int(bytes[1] >> 2 & 3) + 1
        let cookieBytes = Int(bytes[1] & 3) + 1
        let header = 2 + lengthBytes + cookieBytes
        guard bytes.count >= header else { return .incomplete }
        let length = self.number(bytes, 2, lengthBytes)
        guard length <= self.limit else { return .broken }
        let cookie = self.number(bytes, 2 + lengthBytes, cookieBytes)
        guard bytes.count >= header + Int(length) else { return .incomplete }
        return .packet(
            headerLength: header, payloadLength: Int(length), cookie: cookie, cookieLength: cookieBytes,
            kind: bytes[1] >> 4)
    }

    static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<start + count { value = value << 8 | UInt64(bytes[index]) }
        return value
    }
}

/// Reads the records of a payload. Depth and length are bounded; anything malformed is nil.
struct BinaryRPCReader {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8], from start: Int, count: Int) {
        self.bytes = bytes
        self.position = start
        self.end = start + count
    }

    var isAtEnd: Bool { self.position >= self.end }

    /// The next value; nil when the payload is malformed or over.
    mutating func value(depth: Int = 0) -> RPCValue? {
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

/// Writes answers.
struct BinaryRPCWriter {
    private var payload: [UInt8] = []

    static func reply(_ values: [RPCValue], cookie: UInt64, cookieLength: Int) -> [UInt8] {
        var writer = BinaryRPCWriter()
        for value in values { writer.append(value) }
        return writer.packet(.reply, cookie, cookieLength)
    }

    static func fault(_ fault: RPCFault, cookie: UInt64, cookieLength: Int) -> [UInt8] {
        var writer = BinaryRPCWriter()
        writer.append(.int(fault.code))
        writer.append(.string(fault.text))
        return writer.packet(.fault, cookie, cookieLength)
    }

    private func packet(_ kind: BinaryRPC.Kind, _ cookie: UInt64, _ cookieLength: Int) -> [UInt8] {
        let length = Self.minimal(UInt64(self.payload.count), least: 1)
        var out: [UInt8] = [0xa1, kind.rawValue << 4 | UInt8(length.count - 1) << 2 | UInt8(cookieLength - 1)]
        out += length
        for index in (0..<cookieLength).reversed() {
            out.append(UInt8(truncatingIfNeeded: cookie >> UInt64(index * 8)))
        }
        return out + self.payload
    }

    private mutating func append(_ value: RPCValue) {
        switch value {
        case .null: self.record(.string, Array("<null string>\0".utf8))
        case .int(let number): self.record(.int, Self.integer(number))
        case .double(let number): self.record(.double, Self.integer(Self.thousandths(number)))
        case .text(let text): self.record(.string, text.bytes + [0])
        case .array(let items):
            self.payload.append(BinaryRPC.RecordType.array.rawValue)
            for item in items { self.append(item) }
            self.payload.append(0x80 | BinaryRPC.RecordType.array.rawValue)
        case .structure(let members):
            self.payload.append(BinaryRPC.RecordType.structure.rawValue)
            for member in members {
                self.record(.name, Array(member.name.utf8) + [0])
                self.append(member.value)
            }
            self.payload.append(0x80 | BinaryRPC.RecordType.structure.rawValue)
        }
    }

    private mutating func record(_ type: BinaryRPC.RecordType, _ bytes: [UInt8]) {
        if bytes.count < 8 {
            self.payload.append(UInt8(bytes.count) << 4 | type.rawValue)
        } else {
            let length = Self.minimal(UInt64(bytes.count), least: 1)
            self.payload.append(0x80 | UInt8(length.count) << 4 | type.rawValue)
            self.payload += length
        }
        self.payload += bytes
    }

    /// What the format can hold of a number: an int of thousandths; 0 for what is no number.
    private static func thousandths(_ number: Double) -> Int {
        guard !number.isNaN else { return 0 }
        return Int(min(max((number * 1000).rounded(), Double(Int32.min)), Double(Int32.max)))
    }

    /// As few bytes as the number needs; none for 0, four for a negative one.
    private static func integer(_ number: Int) -> [UInt8] {
        if number < 0 {
            let value = UInt32(bitPattern: Int32(clamping: number))
            return (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) }
        }
        // The client reads four bytes as a signed int: larger numbers are capped.
        return self.minimal(UInt64(min(number, Int(Int32.max))), least: 0)
    }

    private static func minimal(_ value: UInt64, least: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest > 0 || bytes.count < least {
            bytes.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        return bytes
    }
}
