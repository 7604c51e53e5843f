import Bytes
import ControlProtocol
import ModuleKit

/// Answers for programs: JSON (RFC 8259), one line.
public enum AnswerJSON {
    /// An array of the values of an answer.
    ///
    /// A name that a struct has more than once becomes one member with an array, since most readers of JSON keep only
    /// the last of several.
    public static func text(_ values: [RPCValue]) -> String { JSONWriter.text(self.merged(.array(values))).string }

    /// An object for an error answer: `{"error":{"code":…,"message":…}}`.
    public static func text(_ fault: RPCFault) -> String {
        JSONWriter.text(
            .structure(["error": .structure(["code": .int(fault.code), "message": .string(fault.text)])])
        ).string
    }

    private static func merged(_ value: RPCValue) -> RPCValue {
        switch value {
        case .null, .int, .double, .text: value
        case .array(let items): .array(items.map(self.merged))
        case .structure(let members): .structure(self.merged(members))
        }
    }

    private static func merged(_ members: [RPCValue.Member]) -> [RPCValue.Member] {
        var places: [String: Int] = [:]
        var values: [(name: String, values: [RPCValue])] = []
        for member in members {
            let value = self.merged(member.value)
            if let place = places[member.name] {
                values[place].values.append(value)
            } else {
                places[member.name] = values.count
                values.append((member.name, [value]))
            }
        }
        return values.map { RPCValue.Member($0.name, $0.values.count == 1 ? $0.values[0] : .array($0.values)) }
    }
}
