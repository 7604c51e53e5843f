import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    private static let root = Argument("root", .format, "Name of the root.")
    private static let result = Argument("result", .variable, "Takes the text.")

    /// Functions between lists in texts and `$xavp` or `$xavu` roots.
    var stackListFunctions: [ScriptFunction] {
        let list = Argument("parameters", .format, "name=value;name=value.")
        let outcomes = [1: "done", -1: "the text is empty or no list"]
        return [
            ScriptFunction(
                "xavp_params_explode", list, Self.root, in: .any,
                summary: "Makes an $xavp root of a list a=1;b=2.", outcomes: outcomes,
                example: #"xavp_params_explode("a=1;b=2", "x");"#
            ) { route, arguments in
                Self.explode(route, arguments.text(0, in: route), UInt8(ascii: ";"), arguments.text(1, in: route))
            },
            ScriptFunction(
                "xavp_xparams_explode", list, Argument("separator", .format, "One character."), Self.root, in: .any,
                summary: "Makes an $xavp root of a list a=1,b=2 with a separator of its own.", outcomes: outcomes,
                example: #"xavp_xparams_explode("a=1,b=2", ",", "x");"#
            ) { route, arguments in
                let separator = arguments.text(1, in: route).bytes.first ?? UInt8(ascii: ";")
                return Self.explode(route, arguments.text(0, in: route), separator, arguments.text(2, in: route))
            },
            ScriptFunction(
                "xavu_params_explode", list, Self.root, in: .any,
                summary: "Sets the fields of an $xavu root to those of a list a=1;b=2.", outcomes: outcomes,
                example: #"xavu_params_explode("a=1;b=2", "x");"#
            ) { route, arguments in
                let root = arguments.text(1, in: route)
                guard let fields = Self.fields(arguments.text(0, in: route), UInt8(ascii: ";")), !root.isEmpty else {
                    return .failure
                }
                var known = route.attributes.xavu.fields(root) ?? NamedStacks()
                for (name, value) in fields { known.set(name, .value(value)) }
                route.attributes.xavu.set(root, .fields(known))
                return .success
            },
            ScriptFunction(
                "xavp_slist_explode", Argument("list", .format, "Values with separators in between."),
                Argument("separator", .format, "One character."),
                Argument("mode", .format, "t takes white space off the ends of values; empty: nothing."), Self.root,
                in: .any, summary: "Makes an $xavp root of a list; its fields v hold the values, the first at index 0.",
                outcomes: [1: "done", -1: "the list is empty"],
                example: #"xavp_slist_explode("a,b", ",", "t", "x");"#
            ) { route, arguments in Self.explodeList(route, arguments) },
            self.imploding(.xavp, "xavp_params_implode", quoting: false),
            self.imploding(.xavp, "xavp_params_implode_qval", quoting: true),
            self.imploding(.xavu, "xavu_params_implode", quoting: false),
        ]
    }

    /// Members of a list in order; nil when it is none.
    private static func fields(_ text: ByteString, _ separator: UInt8) -> [(ByteString, Value)]? {
        guard let count = ParameterList.count(text.span, separator: separator), count > 0 else { return nil }
        var list = ParameterList(separator: separator)
        var fields: [(ByteString, Value)] = []
        while list.next(text.span) {
            guard list.name.count > 0 else { return nil }
            fields.append((ByteString(text.span, list.name), .bytes(ByteString(text.span, list.value))))
        }
        return fields
    }

    private static func explode(
        _ route: RouteContext, _ text: ByteString, _ separator: UInt8, _ root: ByteString
    ) -> Outcome {
        guard !root.isEmpty, let members = Self.fields(text, separator) else {
            route.log(.error, "pv: \(text.string) is no list of parameters")
            return .failure
        }
        var fields = NamedStacks()
        for (name, value) in members { fields.pushLast(name, .value(value)) }
        route.attributes.xavp.push(root, .fields(fields))
        return .success
    }

    private static func explodeList(_ route: RouteContext, _ arguments: Arguments) -> Outcome {
        let separator = arguments.text(1, in: route).bytes.first ?? UInt8(ascii: ",")
        let trims = arguments.text(2, in: route).bytes.contains(UInt8(ascii: "t"))
        let root = arguments.text(3, in: route)
        var fields = NamedStacks()
        for part in arguments.text(0, in: route).bytes.split(separator: separator) {
            var value = ByteString(Array(part))
            if trims { value = ByteString(value.span, Transforming.trimmed(value.span)) }
            if !value.isEmpty { fields.pushLast("v", .value(.bytes(value))) }
        }
        guard !root.isEmpty, !fields.isEmpty else { return .failure }
        route.attributes.xavp.push(root, .fields(fields))
        return .success
    }

    private func imploding(_ kind: StackKind, _ name: String, quoting: Bool) -> ScriptFunction {
        ScriptFunction(
            name, Self.root, Self.result, in: .any,
            summary: "Writes the fields of the newest $\(kind.rawValue) root as a list a=1;b=2;"
                + (quoting ? " with texts in quotes." : "."),
            outcomes: [1: "written", -1: "there is no such root, or the variable refuses it"],
            example: "\(name)(\"x\", \"$var(list)\");"
        ) { route, arguments in
            let root = arguments.text(0, in: route)
            guard let fields = kind.stacks(route).fields(root), let variable = arguments.variable(1) else {
                return .failure
            }
            let out = ByteBuffer(capacity: 128)
            for position in 0..<fields.count {
                let (name, item) = fields.entry(at: position)
                guard case .value(let value) = item else { continue }
                out.append(name)
                if !route.isEmpty(value) {
                    let isQuoted = quoting && !value.isInt
                    out.append(UInt8(ascii: "="))
                    if isQuoted { out.append(UInt8(ascii: "\"")) }
                    route.print(value, to: out)
                    if isQuoted { out.append(UInt8(ascii: "\"")) }
                }
                out.append(UInt8(ascii: ";"))
            }
            return variable.write(.bytes(ByteString(out.span)), in: route) ? .success : .failure
        }
    }
}
