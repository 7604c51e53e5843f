import Bytes
import ModuleKit

extension PseudoVariables {
    public var commands: [RPCCommand] {
        [
            RPCCommand("pv.shvGet", "Shows the value of a $shv, or of all of them.") {
                [shared] request throws(RPCFault) in
                guard request.has(0) else {
                    let members = shared.all.map { RPCValue.Member("shv", Self.describe($0.name, $0.variable.value)) }
                    return [.structure(["items": .structure(members)])]
                }
                let name = try request.text(0)
                guard let known = shared.all.first(where: { $0.name == name }) else {
                    throw RPCFault(404, "Variable not found")
                }
                return [Self.describe(name, known.variable.value)]
            },
            RPCCommand("pv.shvSet", "Sets a $shv: name, int or str, value.") { [shared] request throws(RPCFault) in
                for (index, part) in ["varname", "type", "value"].enumerated() where !request.has(index) {
                    throw RPCFault(500, "Missing parameter \(part) (Parameters: varname type value)")
                }
                let name = try request.text(0)
                let value: Value
                switch try request.text(1).string {
                case "int": value = .int(try request.int(2))
                case "str": value = .bytes(try request.text(2))
                default: throw RPCFault(500, "Unknown parameter type (Types: int or str)")
                }
                guard let known = shared.all.first(where: { $0.name == name }) else {
                    throw RPCFault(404, "Variable not found")
                }
                known.variable.value = value
                return [.string("Ok. Variable set to new value.")]
            },
        ]
    }

    private static func describe(_ name: ByteString, _ value: Value) -> RPCValue {
        let isInt: Bool
        let shown: RPCValue
        switch value {
        case .int(let number), .labelled(let number, _): (isInt, shown) = (true, .int(number))
        case .bytes(let text): (isInt, shown) = (false, .text(text))
        case .null, .slice: (isInt, shown) = (false, .null)
        }
        return .structure(["name": .text(name), "type": .string(isInt ? "int" : "string"), "value": shown])
    }
}
