import Bytes
import ModuleKit

/// The variables that a script uses, as one JSON object.
enum VariableDump {
    struct Mask: OptionSet {
        let rawValue: Int
        static let nulls = Mask(rawValue: 1)
        static let attributes = Mask(rawValue: 2)
        static let script = Mask(rawValue: 4)
        static let stacks = Mask(rawValue: 8)
        static let others = Mask(rawValue: 16)
    }

    /// Variables that reading changes.
    private static let active: Set<String> = ["shtinc", "shtdec", "shvinc"]

    static func text(_ route: RouteContext, mask: Int, _ compiler: any ScriptCompiling) -> String {
        let mask = Mask(rawValue: mask)
        var members: [String] = []
        if mask.contains(.stacks) {
            for (name, stacks) in [("xavp", route.attributes.xavp), ("xavu", route.attributes.xavu)] {
                members += self.stacks(stacks, name, route)
            }
        }
        var seen: Set<String> = []
        for variable in compiler.knownVariables where seen.insert(variable.text).inserted {
            guard let member = self.member(variable, route, mask) else { continue }
            members.append(member)
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func member(_ variable: VariableReference, _ route: RouteContext, _ mask: Mask) -> String? {
        guard variable.transforms.isEmpty, !self.active.contains(variable.name), case .none = variable.index else {
            return nil
        }
        switch variable.name {
        case "avp":
            guard mask.contains(.attributes) else { return nil }
            let values = variable.values(in: route)
            guard !values.isEmpty || mask.contains(.nulls) else { return nil }
            return "\(self.quoted(variable.text)):[\(values.map { self.json($0, route) }.joined(separator: ","))]"
        case "xavp", "xavu", "xavi": return nil
        case "var", "vn": guard mask.contains(.script) else { return nil }
        default: guard mask.contains(.others) else { return nil }
        }
        let value = variable.read(in: route)
        if value.isNull, !mask.contains(.nulls) { return nil }
        return "\(self.quoted(variable.text)):\(self.json(value, route))"
    }

    /// `"$xavp(root)":[{"field":[…]}, …]`, roots and fields newest first.
    private static func stacks(_ stacks: NamedStacks, _ kind: String, _ route: RouteContext) -> [String] {
        var members: [String] = []
        for root in self.names(stacks) {
            let items = (0..<stacks.count(root)).compactMap { stacks.item(root, at: $0) }
            let texts = items.map { item -> String in
                guard case .fields(let fields) = item else {
                    return self.json(stacks.value(root), route)
                }
                let parts = self.names(fields).map { name in
                    let values = (0..<fields.count(name)).map { self.json(fields.value(name, at: $0), route) }
                    return "\(self.quoted(name.string)):[\(values.joined(separator: ","))]"
                }
                return "{" + parts.joined(separator: ",") + "}"
            }
            members.append("\(self.quoted("$\(kind)(\(root))")):[\(texts.joined(separator: ","))]")
        }
        return members
    }

    private static func names(_ stacks: NamedStacks) -> [ByteString] {
        var names: [ByteString] = []
        for position in 0..<stacks.count {
            let name = stacks.entry(at: position).name
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    private static func json(_ value: Value, _ route: RouteContext) -> String {
        switch value {
        case .null: "null"
        case .int(let number): String(number)
        case .bytes, .slice, .labelled: self.quoted(route.text(value).string)
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if character.value < 32 {
                    let hex = String(character.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                } else {
                    result.unicodeScalars.append(character)
                }
            }
        }
        return result + "\""
    }
}
