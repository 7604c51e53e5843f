import Bytes
import ModuleKit

extension PseudoVariables {
    /// `$xavp`, `$xavi` and `$xavu`.
    var stackVariables: [ScriptVariable] {
        [
            Self.stacks(
                .xavp,
                "Stacks of values in stacks of roots, with the transaction: (root[i]=>field[j]). Without an index a write"
                    + " makes a new root or value, with one it changes that one; $null removes; [*] all."
            ),
            Self.stacks(.xavi, "Like $xavp, but the case of letters in names does not count."),
            ScriptVariable(
                "xavu", inner: .required, writable: true,
                summary: "One value for each name, or for each field of a root, with the transaction: (root=>field)."
            ) { name, compiler in
                let path = try StackPath(name, variable: "xavu", compiler)
                return VariableAccess { route, _ in
                    StackReading.value(route.attributes.xavu, path, route)
                } write: { route, _, value in
                    Self.writeUnique(path, value, route)
                }
            },
        ]
    }

    private static func stacks(_ kind: StackKind, _ summary: String) -> ScriptVariable {
        ScriptVariable(kind.rawValue, inner: .required, writable: true, summary: summary) { name, compiler in
            let path = try StackPath(name, variable: kind.rawValue, compiler)
            return VariableAccess { route, _ in
                StackReading.value(kind.stacks(route), path, route)
            } write: { route, _, value in
                kind.change(route) { StackWriting.write(&$0, path, value, route) }
            }
        }
    }

    private static func writeUnique(_ path: StackPath, _ value: Value, _ route: RouteContext) -> Bool {
        let root = path.root.name.resolve(in: route)
        let stored = route.stored(value)
        guard let field = path.field else {
            if stored.isNull {
                route.attributes.xavu.remove(root)
            } else {
                route.attributes.xavu.set(root, .value(stored))
            }
            return true
        }
        let name = field.name.resolve(in: route)
        let isDone: Void? = route.attributes.xavu.withFields(root) { fields in
            if stored.isNull { fields.remove(name) } else { fields.set(name, .value(stored)) }
        }
        if isDone == nil, !stored.isNull {
            var fields = NamedStacks()
            fields.push(name, stored)
            route.attributes.xavu.set(root, .fields(fields))
        }
        return true
    }
}

/// The two kinds of stacks that work alike.
enum StackKind: String, Sendable {
    case xavp, xavi, xavu

    func stacks(_ route: RouteContext) -> NamedStacks {
        switch self {
        case .xavp: route.attributes.xavp
        case .xavi: route.attributes.xavi
        case .xavu: route.attributes.xavu
        }
    }

    func change<R>(_ route: RouteContext, _ body: (inout NamedStacks) -> R) -> R {
        switch self {
        case .xavp: body(&route.attributes.xavp)
        case .xavi: body(&route.attributes.xavi)
        case .xavu: body(&route.attributes.xavu)
        }
    }
}

enum StackReading {
    static func value(_ stacks: NamedStacks, _ path: StackPath, _ route: RouteContext) -> Value {
        let root = path.root.name.resolve(in: route)
        let index = self.position(path.root.index, route)
        guard let field = path.field else { return self.value(stacks.item(root, at: index), root) }
        guard let fields = stacks.fields(root, at: index) else { return .null }
        let name = field.name.resolve(in: route)
        guard case .all = field.index.resolve(in: route) else {
            return self.value(fields.item(name, at: self.position(field.index, route)), name)
        }
        return self.joined(fields, name, route)
    }

    /// Number of values: of a name, of a field in one root, or of a field in all roots.
    static func count(_ stacks: NamedStacks, _ path: StackPath, _ route: RouteContext) -> Int {
        let root = path.root.name.resolve(in: route)
        guard let field = path.field else {
            guard case .at(let index) = path.root.index.resolve(in: route) else { return stacks.count(root) }
            return stacks.item(root, at: index) == nil ? 0 : 1
        }
        let name = field.name.resolve(in: route)
        if case .at(let index) = path.root.index.resolve(in: route) {
            return stacks.fields(root, at: index)?.count(name) ?? 0
        }
        var count = 0
        for index in 0..<stacks.count(root) { count += stacks.fields(root, at: index)?.count(name) ?? 0 }
        return count
    }

    /// No index and `[*]` read the newest.
    private static func position(_ index: StackPath.Index, _ route: RouteContext) -> Int {
        if case .at(let position) = index.resolve(in: route) { return position }
        return 0
    }

    private static func value(_ item: NamedStacks.Item?, _ name: ByteString) -> Value {
        switch item {
        case .value(let value)?: value
        case .fields?: .bytes("<<xavp:" + name + ">>")
        case nil: .null
        }
    }

    private static func joined(_ fields: NamedStacks, _ name: ByteString, _ route: RouteContext) -> Value {
        let count = fields.count(name)
        guard count > 1 else { return self.value(fields.item(name), name) }
        let buffer = ByteBuffer(capacity: 64)
        for index in 0..<count {
            if index > 0 { buffer.append(", ") }
            route.print(self.value(fields.item(name, at: index), name), to: buffer)
        }
        return .bytes(ByteString(buffer.span))
    }
}

/// Assignments. What the index names must be there; a name without index is pushed.
enum StackWriting {
    static func write(_ stacks: inout NamedStacks, _ path: StackPath, _ value: Value, _ route: RouteContext) -> Bool {
        let root = path.root.name.resolve(in: route)
        let index = path.root.index.resolve(in: route)
        let stored = route.stored(value)
        guard let field = path.field else { return self.write(&stacks, root, index, stored) }
        let name = field.name.resolve(in: route)
        let place = field.index.resolve(in: route)
        if case .none = index, !stored.isNull {
            var fields = NamedStacks(ignoringCase: stacks.ignoresCase)
            fields.push(name, stored)
            stacks.push(root, .fields(fields))
            return true
        }
        var position = 0
        if case .at(let wanted) = index { position = wanted }
        guard let item = stacks.item(root, at: position) else { return true }
        guard case .fields = item else { return stored.isNull }
        return stacks.withFields(root, at: position) { self.write(&$0, name, place, stored) } ?? false
    }

    private static func write(
        _ stacks: inout NamedStacks, _ name: ByteString, _ index: VariableIndex, _ value: Value
    ) -> Bool {
        switch (index, value) {
        case (.none, .null):
            stacks.remove(name)
            return true
        case (.at(let position), .null):
            stacks.remove(name, at: position)
            return true
        case (.all, .null):
            stacks.removeAll(name)
            return true
        case (.none, _):
            stacks.push(name, value)
            return true
        case (.at(let position), _): return position >= 0 && stacks.replace(name, at: position, with: .value(value))
        case (.all, _): return false
        }
    }
}
