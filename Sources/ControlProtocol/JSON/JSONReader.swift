import Bytes
import ModuleKit

/// Reads JSON (RFC 8259) into the values of RPC: in one pass, with bounds on size, depth and number of values.
///
/// Members keep their order, and a name may repeat. `true` and `false` are 1 and 0: RPC has no type for them. A number
/// without a fraction is an int however it is written. Control characters in strings, and a backslash before any letter,
/// are taken as they are, since Kamailio's clients write them; half a surrogate pair becomes U+FFFD. Bytes above 127 are
/// kept and not looked at.
public struct JSONReader {
    /// Largest document, bytes.
    public static let byteLimit = 256 << 10
    /// Deepest nesting of arrays and objects.
    public static let depthLimit = 32
    /// Most values in a document, members' and elements' included.
    public static let valueLimit = 65_536

    private let bytes: [UInt8]
    private var position = 0
    private var values = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The value that `bytes` begin with; what follows it is ignored, as Kamailio does.
    public static func value(_ bytes: [UInt8]) throws(JSONError) -> RPCValue {
        var reader = JSONReader(bytes)
        guard bytes.count <= Self.byteLimit else { throw reader.error(.tooLarge) }
        return try reader.value(depth: 0)
    }

    private func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: self.position) }

    private var next: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func skipBlanks() {
        while let byte = self.next, byte <= 0x20 { self.position += 1 }
    }

    /// Steps over `byte` and the blanks before it, if it comes next.
    private mutating func skip(_ byte: UInt8) -> Bool {
        self.skipBlanks()
        guard self.next == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> RPCValue {
        self.skipBlanks()
        self.values += 1
        guard self.values <= Self.valueLimit else { throw self.error(.tooManyValues) }
        guard let first = self.next else { throw self.error(.incomplete) }
        switch first {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth < Self.depthLimit else { throw self.error(.tooDeep) }
            self.position += 1
            if first == UInt8(ascii: "{") { return .structure(try self.members(depth: depth + 1)) }
            return .array(try self.items(depth: depth + 1))
        case UInt8(ascii: "\""): return .text(try self.string())
        case UInt8(ascii: "-"), 48...57: return try self.number()
        default: return try self.word()
        }
    }

    private mutating func members(depth: Int) throws(JSONError) -> [RPCValue.Member] {
        var members: [RPCValue.Member] = []
        if self.skip(UInt8(ascii: "}")) { return members }
        repeat {
            self.skipBlanks()
            guard let byte = self.next else { throw self.error(.incomplete) }
            guard byte == UInt8(ascii: "\"") else { throw self.error(.noName) }
            let name = try self.string()
            guard self.skip(UInt8(ascii: ":")) else { throw self.error(self.next == nil ? .incomplete : .noColon) }
            members.append(RPCValue.Member(name.string, try self.value(depth: depth)))
        } while self.skip(UInt8(ascii: ","))
        guard self.skip(UInt8(ascii: "}")) else { throw self.error(self.next == nil ? .incomplete : .noComma) }
        return members
    }

    private mutating func items(depth: Int) throws(JSONError) -> [RPCValue] {
        var items: [RPCValue] = []
        if self.skip(UInt8(ascii: "]")) { return items }
        repeat { items.append(try self.value(depth: depth)) } while self.skip(UInt8(ascii: ","))
        guard self.skip(UInt8(ascii: "]")) else { throw self.error(self.next == nil ? .incomplete : .noComma) }
        return items
    }

    private mutating func word() throws(JSONError) -> RPCValue {
        let words: [(String, RPCValue)] = [("null", .null), ("true", .int(1)), ("false", .int(0))]
        for (word, value) in words where self.bytes[self.position...].starts(with: word.utf8) {
            self.position += word.utf8.count
            return value
        }
        throw self.error(.noValue)
    }

    private mutating func number() throws(JSONError) -> RPCValue {
        let start = self.position
        var isWhole = true
        while let byte = self.next {
            switch byte {
            case 48...57: break
            case UInt8(ascii: "-") where self.position == start: break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                isWhole = false
            default: return try self.number(start, isWhole)
            }
            self.position += 1
        }
        return try self.number(start, isWhole)
    }

    private func number(_ start: Int, _ isWhole: Bool) throws(JSONError) -> RPCValue {
        let text = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
        if isWhole, let number = Int(text) { return .int(number) }
        guard let number = Double(text), number.isFinite else {
            throw JSONError(reason: .badNumber, offset: start)
        }
        if let whole = Int(exactly: number) { return .int(whole) }
        return .double(number)
    }

    /// Reads a string; its first quotation mark comes next.
    private mutating func string() throws(JSONError) -> ByteString {
        self.position += 1
        var text: [UInt8] = []
        while let byte = self.next {
            self.position += 1
            switch byte {
            case UInt8(ascii: "\""): return ByteString(text)
            case UInt8(ascii: "\\"): try self.escape(into: &text)
            default: text.append(byte)
            }
        }
        throw self.error(.incomplete)
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let letter = self.next else { throw self.error(.incomplete) }
        self.position += 1
        switch letter {
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"): text += Array(String(try self.character()).utf8)
        default: text.append(letter)
        }
    }

    /// The character of `\u` and four digits, with those of its other half.
    private mutating func character() throws(JSONError) -> Character {
        let first = try self.unit()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        let end = self.position
        if first < 0xdc00, self.bytes[self.position...].starts(with: [0x5c, 0x75]) {
            self.position += 2
            let second = try self.unit()
            if 0xdc00...0xdfff ~= second,
                let scalar = Unicode.Scalar(0x10000 + ((first - 0xd800) << 10 | (second - 0xdc00)))
            {
                return Character(scalar)
            }
            self.position = end
        }
        return "\u{fffd}"
    }

    private mutating func unit() throws(JSONError) -> UInt32 {
        let end = self.position + 4
        guard end <= self.bytes.count else { throw self.error(.incomplete) }
        let digits = String(decoding: self.bytes[self.position..<end], as: UTF8.self)
        guard digits.utf8.allSatisfy({ $0 != 0x2b && $0 != 0x2d }), let unit = UInt32(digits, radix: 16) else {
            throw self.error(.badEscape)
        }
        self.position = end
        return unit
    }
}

/// Why bytes are no JSON that is taken.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    public enum Reason: String, Sendable {
        case incomplete = "the document ends too early"
        case noValue = "no value begins like this"
        case noName = "the name of a member is expected, in quotation marks"
        case noColon = "a colon is expected after a name"
        case noComma = "a comma or the end of the list is expected"
        case badNumber = "this is no number, or one that is too large"
        case badEscape = "four hexadecimal digits are expected after \\u"
        case tooLarge = "the document is larger than 256 KiB"
        case tooDeep = "lists and objects are nested more than 32 deep"
        case tooManyValues = "there are more than 65536 values"
    }

    public var reason: Reason
    /// Bytes before the place where it went wrong.
    public var offset: Int

    public var description: String { "\(self.reason.rawValue) (byte \(self.offset + 1))" }
}
