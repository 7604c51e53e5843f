import Bytes
import ModuleKit

extension PseudoVariables {
    public struct Settings: Sendable {
        var sharedValues: [(ByteString, Value)] = []
        var workerValues: [(ByteString, Value)] = []
        var attributeAliases: [ByteString: AttributeName] = [:]
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "shvset", .text, repeatable: true, "First value of a $shv: name=s:text or name=i:number."
            ) { settings, value in
                if case .text(let text) = value { settings.sharedValues.append(try InitialValue.parse(text)) }
            },
            ModuleParameter(
                "varset", .text, repeatable: true, "First value of a $var: name=s:text or name=i:number."
            ) { settings, value in
                if case .text(let text) = value { settings.workerValues.append(try InitialValue.parse(text)) }
            },
            ModuleParameter(
                "avp_aliases", .text, repeatable: true, "Names of their own for $avp: alias=i:5;other=s:name."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                for (alias, name) in try AttributeAlias.parse(text) { settings.attributeAliases[alias] = name }
            },
        ]
    }
}

/// `name=s:text` and `name=i:number`.
enum InitialValue {
    static func parse(_ text: ByteString) throws -> (ByteString, Value) {
        let parts = text.bytes.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].count >= 2, parts[1].dropFirst().first == UInt8(ascii: ":")
        else { throw ArgumentError("\(text.string) is neither name=s:text nor name=i:number") }
        let name = ByteString(Array(parts[0]))
        let value = ByteString(Array(parts[1].dropFirst(2)))
        switch parts[1].first {
        case UInt8(ascii: "s"): return (name, .bytes(value))
        case UInt8(ascii: "i"):
            guard let number = Value.integer(value.span, ByteRange(start: 0, count: value.count)) else {
                throw ArgumentError("\(value.string) is no number")
            }
            return (name, .int(number))
        default: throw ArgumentError("\(text.string) is neither name=s:text nor name=i:number")
        }
    }
}

/// `alias=i:5;other=s:name;third=name`.
enum AttributeAlias {
    static func parse(_ text: ByteString) throws -> [(ByteString, AttributeName)] {
        var aliases: [(ByteString, AttributeName)] = []
        for part in text.bytes.split(separator: UInt8(ascii: ";")) {
            let member = part.filter { $0 > 32 }
            guard !member.isEmpty else { continue }
            let sides = member.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
                throw ArgumentError(
                    "\(String(decoding: member, as: UTF8.self)) is not written alias=i:5 or alias=s:name")
            }
            aliases.append((ByteString(Array(sides[0])), AttributeVariable.name(ByteString(Array(sides[1])))))
        }
        return aliases
    }
}

extension PseudoVariables {
    /// What `varset` gave the variable: it reads so in every worker until something is assigned.
    func initialValue(of name: ByteString) -> Value? {
        self.settings.workerValues.last { $0.0 == name }?.1
    }
}
