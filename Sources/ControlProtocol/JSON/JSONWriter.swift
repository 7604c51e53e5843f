import Bytes
import ModuleKit

/// Writes values of RPC as JSON (RFC 8259): on one line, or with tabs and line ends as Kamailio sets them.
///
/// Bytes that are no UTF-8 become U+FFFD, numbers that JSON has not (infinity) null. Members stay as they are, a name that
/// repeats too.
public struct JSONWriter {
    private let buffer = ByteBuffer(capacity: 1024)
    private let isPretty: Bool

    private init(isPretty: Bool) { self.isPretty = isPretty }

    public static func text(_ value: RPCValue, isPretty: Bool = false) -> ByteString {
        let writer = JSONWriter(isPretty: isPretty)
        writer.append(value, depth: 0)
        let buffer = writer.buffer
        return ByteString(buffer.span)
    }

    private func append(_ value: RPCValue, depth: Int) {
        switch value {
        case .null: self.buffer.append("null")
        case .int(let number): self.buffer.append(String(number))
        case .double(let number): self.append(number)
        case .text(let text): self.append(quoted: text)
        case .array(let items):
            self.buffer.append("[")
            for (index, item) in items.enumerated() {
                if index > 0 { self.buffer.append(self.isPretty ? ", " : ",") }
                self.append(item, depth: depth + 1)
            }
            self.buffer.append("]")
        case .structure(let members): self.append(members, depth: depth + 1)
        }
    }

    private func append(_ number: Double) {
        guard number.isFinite else { return self.buffer.append("null") }
        if let whole = Int(exactly: number) { return self.buffer.append(String(whole)) }
        self.buffer.append(String(number))
    }

    private func append(_ members: [RPCValue.Member], depth: Int) {
        self.buffer.append("{")
        for (index, member) in members.enumerated() {
            if index > 0 { self.buffer.append(",") }
            self.breakLine(depth)
            self.append(quoted: ByteString(member.name))
            self.buffer.append(self.isPretty ? ":\t" : ":")
            self.append(member.value, depth: depth)
        }
        self.breakLine(depth - 1)
        self.buffer.append("}")
    }

    private func breakLine(_ depth: Int) {
        guard self.isPretty else { return }
        self.buffer.append("\n")
        for _ in 0..<depth { self.buffer.append("\t") }
    }

    private func append(quoted text: ByteString) {
        self.buffer.append("\"")
        // Decoding mends what is no UTF-8.
        let isPlain = text.bytes.allSatisfy { $0 < 128 }
        for byte in isPlain ? text.bytes : Array(text.string.utf8) {
            switch byte {
            case UInt8(ascii: "\""): self.buffer.append("\\\"")
            case UInt8(ascii: "\\"): self.buffer.append("\\\\")
            case 8: self.buffer.append("\\b")
            case 9: self.buffer.append("\\t")
            case 10: self.buffer.append("\\n")
            case 12: self.buffer.append("\\f")
            case 13: self.buffer.append("\\r")
            case 0..<32, 127:
                self.buffer.append("\\u00")
                self.buffer.append(hex: UInt64(byte), digits: 2)
            default: self.buffer.append(byte)
            }
        }
        self.buffer.append("\"")
    }
}
