import Bytes
import ModuleKit

/// Writes packets: requests of a client, answers of a server.
public struct BinaryRPCWriter {
    private var payload: [UInt8] = []

    /// A call of `command`.
    public static func request(_ command: String, _ parameters: [RPCValue], cookie: UInt64) -> [UInt8] {
        var writer = BinaryRPCWriter()
        writer.append(.string(command))
        for parameter in parameters { writer.append(parameter) }
        return writer.packet(.request, cookie, 4)
    }

    public static func reply(_ values: [RPCValue], cookie: UInt64, cookieLength: Int) -> [UInt8] {
        var writer = BinaryRPCWriter()
        for value in values { writer.append(value) }
        return writer.packet(.reply, cookie, cookieLength)
    }

    public static func fault(_ fault: RPCFault, cookie: UInt64, cookieLength: Int) -> [UInt8] {
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
                self.appendMember(member.value)
            }
            self.payload.append(0x80 | BinaryRPC.RecordType.structure.rawValue)
        }
    }

    /// Inside of a struct, a list of structs is a struct without names: kamcmd reads nothing else there.
    private mutating func appendMember(_ value: RPCValue) {
        guard case .array(let items) = value, !items.isEmpty,
            items.allSatisfy({ if case .structure = $0 { true } else { false } })
        else { return self.append(value) }
        self.payload.append(BinaryRPC.RecordType.structure.rawValue)
        for item in items { self.append(item) }
        self.payload.append(0x80 | BinaryRPC.RecordType.structure.rawValue)
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
