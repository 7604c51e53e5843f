import Bytes
import ModuleKit

extension PseudoVariables {
    private static let root = Argument("root", .format, "Name of the root.")
    private static let field = Argument("field", .format, "Name of the field.")

    /// Functions that change values in `$xavp` and `$xavi`.
    var stackFunctions: [ScriptFunction] {
        [StackKind.xavp, .xavi].flatMap { kind in
            [
                ScriptFunction(
                    "\(kind.rawValue)_child_seti", Self.root, Self.field, Argument("value", .int, "The number."),
                    in: .any, summary: "Sets a field of the newest $\(kind.rawValue) root to a number; makes both.",
                    outcomes: [1: "set", -1: "the root is no set of fields, or the value no number"],
                    example: "\(kind.rawValue)_child_seti(\"a\", \"b\", \"5\");"
                ) { route, arguments in
                    guard let number = arguments.int(2, in: route) else { return .failure }
                    return Self.set(kind, .int(number), route, arguments)
                },
                ScriptFunction(
                    "\(kind.rawValue)_child_sets", Self.root, Self.field, Argument("value", .format, "The text."),
                    in: .any, summary: "Sets a field of the newest $\(kind.rawValue) root to a text; makes both.",
                    outcomes: [1: "set", -1: "the root is no set of fields"],
                    example: "\(kind.rawValue)_child_sets(\"a\", \"b\", \"$fU\");"
                ) { route, arguments in Self.set(kind, .bytes(arguments.text(2, in: route)), route, arguments) },
                ScriptFunction(
                    "\(kind.rawValue)_child_rm", Self.root, Self.field, in: .any,
                    summary: "Removes the newest value of a field of the newest $\(kind.rawValue) root.",
                    outcomes: [1: "removed", -1: "there is none"],
                    example: "\(kind.rawValue)_child_rm(\"a\", \"b\");"
                ) { route, arguments in
                    let (root, field) = (arguments.text(0, in: route), arguments.text(1, in: route))
                    let isRemoved = kind.change(route) { stacks in stacks.withFields(root) { $0.remove(field) } }
                    return isRemoved ?? false ? .success : .failure
                },
                ScriptFunction(
                    "\(kind.rawValue)_rm", Self.root, in: .any, summary: "Removes the newest $\(kind.rawValue) root.",
                    outcomes: [1: "removed", -1: "there is none"], example: "\(kind.rawValue)_rm(\"a\");"
                ) { route, arguments in
                    let root = arguments.text(0, in: route)
                    return kind.change(route) { $0.remove(root) } ? .success : .failure
                },
                ScriptFunction(
                    "\(kind.rawValue)_rm_all", Self.root, in: .any,
                    summary: "Removes all $\(kind.rawValue) roots of a name.",
                    outcomes: [1: "removed", -1: "there is none"], example: "\(kind.rawValue)_rm_all(\"a\");"
                ) { route, arguments in
                    let root = arguments.text(0, in: route)
                    return kind.change(route) { $0.removeAll(root) } ? .success : .failure
                },
            ]
        } + [self.copyFunction, self.shiftFunction]
    }

    private static func set(
        _ kind: StackKind, _ value: Value, _ route: RouteContext, _ arguments: Arguments
    ) -> Outcome {
        let (root, field) = (arguments.text(0, in: route), arguments.text(1, in: route))
        guard !root.isEmpty, !field.isEmpty else { return .failure }
        return kind.change(route) { stacks -> Outcome in
            if stacks.withFields(root, { $0.set(field, .value(value)) }) != nil { return .success }
            guard stacks.item(root) == nil else { return .failure }
            var fields = NamedStacks(ignoringCase: stacks.ignoresCase)
            fields.push(field, value)
            stacks.push(root, .fields(fields))
            return .success
        }
    }

    private var copyFunction: ScriptFunction {
        ScriptFunction(
            "xavp_copy", Argument("source", .format, "Name of the root to copy."),
            Argument("index", .int, "Which one; 0 is the newest."),
            Argument("destination", .format, "Name of the copy."),
            Argument(
                "place", .int, "Root that the copy replaces; left out: it comes below all others.", optional: true),
            in: .any, summary: "Copies an $xavp root with all that is in it.",
            outcomes: [1: "copied", -1: "there is no such source, or no such root to replace"],
            example: #"xavp_copy("a", "0", "b");"#
        ) { route, arguments in
            let destination = arguments.text(2, in: route)
            guard let index = arguments.int(1, in: route), !destination.isEmpty,
                let item = route.attributes.xavp.item(arguments.text(0, in: route), at: index)
            else {
                route.log(.error, "xavp_copy: there is no such xavp")
                return .failure
            }
            guard arguments.has(3) else {
                route.attributes.xavp.pushLast(destination, item)
                return .success
            }
            guard let place = arguments.int(3, in: route),
                route.attributes.xavp.replace(destination, at: place, with: item)
            else {
                route.log(.error, "xavp_copy: there is no such xavp to replace")
                return .failure
            }
            return .success
        }
    }

    private var shiftFunction: ScriptFunction {
        ScriptFunction(
            "xavp_lshift", Self.root, Argument("index", .int, "Which one comes first; negative counts from the last."),
            in: .any, summary: "Turns the $xavp roots of a name round until the one at the index is the newest.",
            outcomes: [1: "turned", -1: "there is no such root"], example: #"xavp_lshift("a", "1");"#
        ) { route, arguments in
            let root = arguments.text(0, in: route)
            let count = route.attributes.xavp.count(root)
            guard var index = arguments.int(1, in: route) else { return .failure }
            if index < 0 { index += count }
            guard index >= 0, index < count else { return .failure }
            let items = (0..<count).compactMap { route.attributes.xavp.item(root, at: $0) }
            for (place, item) in (items[index...] + items[..<index]).enumerated() {
                route.attributes.xavp.replace(root, at: place, with: item)
            }
            return .success
        }
    }

    /// Functions that write all stacks to the log.
    var printFunctions: [ScriptFunction] {
        [StackKind.xavp, .xavu, .xavi].map { kind in
            ScriptFunction(
                "pv_\(kind.rawValue)_print", in: .any, summary: "Logs all $\(kind.rawValue) values at level L_INFO.",
                outcomes: [1: "always"], example: "pv_\(kind.rawValue)_print();"
            ) { route, _ in
                guard route.program.logger.isOn(.info) else { return .success }
                Self.print(kind.stacks(route), kind.rawValue, depth: 0, route)
                return .success
            }
        }
    }

    private static func print(_ stacks: NamedStacks, _ kind: String, depth: Int, _ route: RouteContext) {
        let indent = String(repeating: "    ", count: depth)
        for position in 0..<stacks.count {
            let (name, item) = stacks.entry(at: position)
            switch item {
            case .value(let value):
                let type = value.isInt ? "int" : "str"
                route.log(.info, "\(indent)\(kind) \(name.string) (\(type)): \(route.text(value).string)")
            case .fields(let fields):
                route.log(.info, "\(indent)\(kind) \(name.string) (\(kind)):")
                Self.print(fields, kind, depth: depth + 1, route)
            }
        }
    }
}
