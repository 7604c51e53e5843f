import Bytes
import ModuleKit

/// Answers for programs: JSON (RFC 8259), one line.
public struct AnswerJSON {
    private let buffer = ByteBuffer(capacity: 1024)

    /// An array of the values of an answer.
    ///
    /// A name that a struct has more than once becomes one member with an array, since most readers of JSON keep only
    /// the last of several.
    public static func text(_ values: [RPCValue]) -> String {
        var writer = AnswerJSON()
        writer.append(.array(values))
        return writer.finished
    }

    /// An object for an error answer: `{"error":{"code":…,"message":…}}`.
    public static func text(_ fault: RPCFault) -> String {
        var writer = AnswerJSON()
        writer.append(
            .structure(["error": .structure(["code": .int(fault.code), "message": .string(fault.text)])]))
        return writer.finished
    }

    private var finished: String {
        let buffer = self.buffer
        return ByteString(buffer.span).string
    }

    private mutating func append(_ value: RPCValue) {
        switch value {
        case .null: self.buffer.append("null")
        case .int(let number): self.append(plain: String(number))
        case .double(let number): self.append(plain: number.isFinite ? String(number) : "null")
        case .text(let text): self.append(quoted: text.string)
        case .array(let items):
            self.buffer.append("[")
            for (index, item) in items.enumerated() {
                if index > 0 { self.buffer.append(",") }
                self.append(item)
            }
            self.buffer.append("]")
        case .structure(let members): self.append(members)
        }
    }

    private mutating func append(_ members: [RPCValue.Member]) {
        var merged: [(name: String, values: [RPCValue])] = []
        for member in members {
            if let index = merged.firstIndex(where: { $0.name == member.name }) {
                merged[index].values.append(member.value)
            } else {
                merged.append((member.name, [member.value]))
            }
        }
        self.buffer.append("{")
        for (index, member) in merged.enumerated() {
            if index > 0 { self.buffer.append(",") }
            self.append(quoted: member.name)
            self.buffer.append(":")
            self.append(member.values.count == 1 ? member.values[0] : .array(member.values))
        }
        self.buffer.append("}")
    }

    private func append(plain text: String) { self.buffer.append(ByteString(text).span) }

    private func append(quoted text: String) {
        self.buffer.append("\"")
        for byte in text.utf8 {
            switch byte {
            case 0x22: self.buffer.append("\\\"")
            case 0x5c: self.buffer.append("\\\\")
            case 10: self.buffer.append("\\n")
            case 13: self.buffer.append("\\r")
            case 9: self.buffer.append("\\t")
            case 0..<32, 127:
                self.buffer.append("\\u00")
                self.buffer.append(hex: UInt64(byte), digits: 2)
            default: self.buffer.append(byte)
            }
        }
        self.buffer.append("\"")
    }
}
