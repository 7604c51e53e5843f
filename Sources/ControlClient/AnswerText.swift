import Bytes
import ModuleKit

/// Answers as people read them: the form of kamcmd, nesting shown by tabs.
public struct AnswerText {
    private var text = ""

    /// The values of an answer, one or more lines each, with a line end after the last.
    public static func text(_ values: [RPCValue]) -> String {
        var writer = AnswerText()
        for value in values { writer.append(value, depth: 0) }
        return writer.text
    }

    private mutating func append(_ value: RPCValue, depth: Int) {
        let margin = String(repeating: "\t", count: depth)
        switch value {
        case .null, .int, .double, .text: self.text += "\(margin)\(Self.scalar(value) ?? "")\n"
        case .array(let items):
            self.text += "\(margin)[\n"
            for item in items { self.append(item, depth: depth + 1) }
            self.text += "\(margin)]\n"
        case .structure(let members):
            self.text += "\(margin){\n"
            for member in members { self.append(member, depth: depth + 1) }
            self.text += "\(margin)}\n"
        }
    }

    private mutating func append(_ member: RPCValue.Member, depth: Int) {
        let margin = String(repeating: "\t", count: depth)
        switch member.value {
        case .array(let items):
            self.text += "\(margin)\(member.name): [\n"
            for item in items { self.append(item, depth: depth + 1) }
            self.text += "\(margin)]\n"
        case .structure(let members):
            self.text += "\(margin)\(member.name): {\n"
            for inner in members { self.append(inner, depth: depth + 1) }
            self.text += "\(margin)}\n"
        case .null, .int, .double, .text: self.text += "\(margin)\(member.name): \(Self.scalar(member.value) ?? "")\n"
        }
    }

    private static func scalar(_ value: RPCValue) -> String? {
        switch value {
        case .null: "null"
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .text(let text): text.string
        case .array, .structure: nil
        }
    }
}
