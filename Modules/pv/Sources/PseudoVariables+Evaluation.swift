import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// Formats that are read twice, and `$var` values in `$xavp` roots.
    var evaluationFunctions: [ScriptFunction] {
        let names = self.variableNames
        let compiler = self.host.compiler
        return [
            ScriptFunction(
                "pv_evalx", Argument("result", .variable, "Takes the text."),
                Argument("text", .format, "Text with variables; what they give is read once more as such a text."),
                in: .any, summary: "Expands a text twice: variables may hold the names of variables.",
                outcomes: [1: "done", -1: "what the first reading gives names an unknown variable"],
                example: #"$var(f) = "$fU"; pv_evalx("$var(user)", "$var(f)");"#
            ) { route, arguments in
                guard let variable = arguments.variable(0) else { return .failure }
                let text = arguments.text(1, in: route)
                guard Self.isShallow(text) else {
                    route.log(.error, "pv_evalx: the text is too deeply nested to be read a second time")
                    return .failure
                }
                do {
                    let format = try compiler.format(text)
                    return variable.write(.bytes(format.evaluate(in: route)), in: route) ? .success : .failure
                } catch {
                    route.log(.error, "pv_evalx: the text cannot be read a second time")
                    return .failure
                }
            },
            ScriptFunction(
                "pv_var_to_xavp", Argument("name", .format, "Name of a $var, or * for all of them."),
                Argument("root", .format, "Name of the root."), in: .any,
                summary: "Copies $var values into the fields of a new $xavp root.",
                outcomes: [1: "copied", -1: "no such $var is used in the script"],
                example: #"$var(a) = 1; pv_var_to_xavp("a", "x");"#
            ) { route, arguments in
                let wanted = arguments.text(0, in: route)
                let root = arguments.text(1, in: route)
                var fields = NamedStacks()
                for (name, slot) in names.all where wanted == "*" || wanted == name {
                    fields.pushLast(name, .value(Self.plain(route.worker.variables[slot])))
                }
                guard !fields.isEmpty, !root.isEmpty else {
                    route.log(.error, "pv_var_to_xavp: there is no $var(\(wanted.string))")
                    return .failure
                }
                route.attributes.xavp.push(root, .fields(fields))
                return .success
            },
            ScriptFunction(
                "pv_xavp_to_var", Argument("root", .format, "Name of the root."), in: .any,
                summary: "Copies the fields of the newest $xavp root into the $var of the same names.",
                outcomes: [1: "copied", -1: "there is no such root"],
                example: #"$xavp(x=>a) = 1; pv_xavp_to_var("x");"#
            ) { route, arguments in
                guard let fields = route.attributes.xavp.fields(arguments.text(0, in: route)) else {
                    route.log(.error, "pv_xavp_to_var: there is no such xavp")
                    return .failure
                }
                // The oldest first, so that of several values the newest stays.
                for position in (0..<fields.count).reversed() {
                    let (name, item) = fields.entry(at: position)
                    guard case .value(let value) = item, let slot = names.slot(name) else { continue }
                    route.worker.variables[slot] = value
                }
                return .success
            },
        ]
    }

    /// Whether parentheses, brackets and braces nest less than 16 deep: the text may come from the network, and each level
    /// is read anew.
    private static func isShallow(_ text: ByteString) -> Bool {
        var depth = 0
        for byte in text.bytes {
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(depth - 1, 0)
            default: continue
            }
            if depth >= 16 { return false }
        }
        return true
    }

    /// A 0 that carries a text to tell it from an unused slot is a 0.
    private static func plain(_ value: Value) -> Value {
        if case .labelled(0, "0") = value { return .int(0) }
        return value
    }
}

/// The names of `$var` that the script uses, with their slots; filled while the configuration is loaded.
final class VariableNames: Sendable {
    private let known = Lock([(name: ByteString, slot: Int)]())

    func add(_ name: ByteString, _ slot: Int) {
        self.known.withLock { known in
            if !known.contains(where: { $0.name == name }) { known.append((name, slot)) }
        }
    }

    var all: [(name: ByteString, slot: Int)] { self.known.withLock { $0 } }

    func slot(_ name: ByteString) -> Int? { self.known.withLock { $0.first { $0.name == name }?.slot } }
}
