import Bytes
import ModuleKit
import SIPMessage

/// `$avp(source)/$avp(target)`; without a target the source is meant.
final class AttributePair: Sendable {
    let source: AttributeReference
    let target: AttributeReference?
    let takesAll: Bool
    let deletesSource: Bool

    /// - Parameter flags: letters that may stand behind the target.
    init(_ text: ByteString, flags allowed: String, _ compiler: any ScriptCompiling) throws {
        let parts = SlashText.split(text)
        guard parts.count <= (allowed.isEmpty ? 2 : 3) else {
            throw ArgumentError("'\(text.string)' has too many slashes")
        }
        self.source = try AttributeReference(parts[0], compiler)
        self.target = parts.count > 1 && !parts[1].isEmpty ? try AttributeReference(parts[1], compiler) : nil
        let flags = try SlashText.flags(parts.count > 2 ? parts[2] : nil, allowed, of: "a pair of $avp")
        self.takesAll = flags.has("g")
        self.deletesSource = flags.has("d")
    }
}

/// `operator/value/flags` of `avp_op`.
private final class Computation: Sendable {
    enum Operation: String, CaseIterable {
        case add, sub, mul, div, mod, and, or, xor, not
    }

    let operation: Operation
    let operand: Operand
    let deletesSource: Bool

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        let parts = SlashText.split(text)
        guard let operation = Operation(rawValue: parts[0].string.lowercased()), parts.count <= 3,
            parts.count >= 2 || operation == .not
        else {
            let known = Operation.allCases.map(\.rawValue).joined(separator: ", ")
            throw ArgumentError("an operation is written operator/value/flags; operators are \(known)")
        }
        self.operation = operation
        self.operand = parts.count > 1 ? try Operand(parts[1], compiler) : .int(0)
        if case .text(let text) = self.operand { throw ArgumentError("'\(text.string)' is no number: write i:number") }
        self.deletesSource = try SlashText.flags(parts.count > 2 ? parts[2] : nil, "gd", of: "an operation").has("d")
    }

    /// Past 64 bits the result wraps; what cannot be divided gives 0.
    func apply(_ left: Int, _ right: Int, _ route: RouteContext) -> Int {
        switch self.operation {
        case .add: return left &+ right
        case .sub: return left &- right
        case .mul: return left &* right
        case .and: return left & right
        case .or: return left | right
        case .xor: return left ^ right
        case .not: return ~right
        case .div, .mod:
            guard right != 0 else {
                route.log(.error, "avp_op: division by 0")
                return 0
            }
            if right == -1 { return self.operation == .div ? 0 &- left : 0 }
            return self.operation == .div ? left / right : left % right
        }
    }
}

extension AttributeOperations {
    var computeFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "avp_op",
                Argument(
                    "names", .custom { text, compiler in try AttributePair(text, flags: "", compiler) },
                    "$avp(source), or $avp(source)/$avp(target)."),
                Argument(
                    "operation", .custom { text, compiler in try Computation(text, compiler) },
                    "operator/value/flags; value: i:number or variable; flags: d deletes the sources."),
                in: Self.routes,
                summary: "Computes with all numbers of an $avp, add sub mul div mod and or xor not; results are added.",
                outcomes: [1: "computed", -1: "there is no number"],
                example: #"avp_op("$avp(total)/$avp(rest)", "sub/i:3");"#
            ) { route, arguments in
                guard let pair = arguments.object(0, as: AttributePair.self),
                    let computation = arguments.object(1, as: Computation.self)
                else { return .failure }
                let source = pair.source.resolve(in: route)
                let target = pair.target?.resolve(in: route) ?? source
                guard case .int(let right)? = computation.operand.values(in: route).first else { return .failure }
                let values = route.attributes.values(source)
                var results: [Int] = []
                var kept: [Value] = []
                for value in values {
                    guard case .int(let left) = value else {
                        kept.append(value)
                        continue
                    }
                    results.append(computation.apply(left, right, route))
                }
                guard !results.isEmpty else { return .failure }
                if computation.deletesSource {
                    route.attributes.removeAll(source)
                    for value in kept.reversed() { route.attributes.push(source, value) }
                }
                for result in results { route.attributes.push(target, .int(result)) }
                return .success
            }
        ]
    }
}
