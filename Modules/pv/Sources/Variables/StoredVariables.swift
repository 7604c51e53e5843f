import Bytes
import ModuleKit

/// Values of `$shv`: one for all workers, kept over reloads.
public final class SharedVariables: Sendable {
    private let known = Lock([ByteString: SharedVariable]())

    public init() {}

    /// The variable called `name`, made when it is asked for first.
    public func variable(_ name: ByteString) -> SharedVariable {
        self.known.withLock { table in
            if let variable = table[name] { return variable }
            let variable = SharedVariable()
            table[name] = variable
            return variable
        }
    }

    /// All of them, by name.
    public var all: [(name: ByteString, variable: SharedVariable)] {
        self.known.withLock { $0.map { (name: $0.key, variable: $0.value) } }.sorted { $0.name < $1.name }
    }
}

/// One `$shv`; 0 at first.
public final class SharedVariable: Sendable {
    private let current = Lock(Value.int(0))
    private let hasBegun = Lock(false)

    /// Gives it the value that the configuration begins with; a later configuration changes it no more.
    func begin(with value: Value) {
        let isFirst = self.hasBegun.withLock { hasBegun in
            defer { hasBegun = true }
            return !hasBegun
        }
        if isFirst { self.value = value }
    }

    /// An `int` or `bytes` value.
    public var value: Value {
        get { self.current.withLock { $0 } }
        set { self.current.withLock { $0 = newValue } }
    }

    func increment() -> Int {
        self.current.withLock { value in
            var number = 0
            if case .int(let now) = value { number = now }
            value = .int(number &+ 1)
            return number &+ 1
        }
    }
}

extension PseudoVariables {
    /// Variables that the script itself fills.
    var storedVariables: [ScriptVariable] {
        let shared = self.shared
        let names = self.variableNames
        let aliases = self.settings.attributeAliases
        return [
            ScriptVariable(
                "var", "vz", inner: .required, writable: true,
                summary: "Variable of the worker; it outlives the message, is 0 at first, and $null makes it 0."
            ) { name, compiler in
                let (text, slot) = try Self.slot(name, "", compiler)
                names.add(text, slot)
                let first = self.initialValue(of: text)
                var access = VariableAccess { route, _ in
                    let variables = route.worker.variables
                    if let first, case .int(0) = variables[slot] { return first }
                    return variables[slot]
                } write: { route, _, value in
                    let stored = route.stored(value)
                    if case .null = stored {
                        route.worker.variables[slot] = Self.zero(isDefault: first == nil)
                    } else if case .int(0) = stored {
                        route.worker.variables[slot] = Self.zero(isDefault: first == nil)
                    } else {
                        route.worker.variables[slot] = stored
                    }
                    return true
                }
                if first == nil { access.slot = slot }
                return access
            },
            ScriptVariable(
                "vn", inner: .required, writable: true,
                summary: "Variable of the worker that can be undefined, and is at first."
            ) { name, compiler in
                let (_, slot) = try Self.slot(name, "vn ", compiler)
                // An unused slot reads as the integer 0; a 0 that was assigned carries a text.
                return VariableAccess { route, _ in
                    switch route.worker.variables[slot] {
                    case .int(0): return .null
                    case .labelled(0, _): return .int(0)
                    default: return route.worker.variables[slot]
                    }
                } write: { route, _, value in
                    switch route.stored(value) {
                    case .null: route.worker.variables[slot] = .int(0)
                    case .int(0): route.worker.variables[slot] = .labelled(0, "0")
                    case let stored: route.worker.variables[slot] = stored
                    }
                    return true
                }
            },
            ScriptVariable(
                "avp", inner: .required, writable: true,
                summary: "Stack of values that goes with the transaction, newest first; $null takes the newest off."
            ) { name, _ in try AttributeVariable.access(name, aliases) },
            ScriptVariable(
                "shv", inner: .required, writable: true,
                summary: "Variable of the server, the same in all workers; 0 at first."
            ) { name, _ in
                guard case .literal(let text) = name else { throw ArgumentError("$shv takes a fixed name") }
                let variable = shared.variable(text)
                return VariableAccess { _, _ in
                    variable.value
                } write: { route, _, value in
                    variable.value = value.isNull ? .int(0) : route.stored(value)
                    return true
                }
            },
            ScriptVariable("shvinc", inner: .required, summary: "Adds 1 to a $shv and gives the sum.") { name, _ in
                guard case .literal(let text) = name else { throw ArgumentError("$shvinc takes a fixed name") }
                let variable = shared.variable(text)
                return VariableAccess { _, _ in .int(variable.increment()) }
            },
            ScriptVariable(
                "cnt", inner: .required, summary: "Number of values of an $avp, $xavp, $xavu or $xavi."
            ) { name, compiler in try Self.counter(name, aliases, compiler) },
        ]
    }

    private static func counter(
        _ name: VariableName, _ aliases: [ByteString: AttributeName], _ compiler: any ScriptCompiling
    ) throws -> VariableAccess {
        let text: ByteString
        switch name {
        case .literal(let literal): text = literal
        case .dynamic(let variable): text = ByteString(variable.text)
        case .none: throw ArgumentError("$cnt takes an $avp or $xavp")
        }
        guard let open = text.bytes.firstIndex(of: UInt8(ascii: "(")), text.bytes.last == UInt8(ascii: ")"),
            text.bytes.first == UInt8(ascii: "$")
        else { throw ArgumentError("$cnt counts $avp and $xavp, not \(text.string)") }
        let variable = String(decoding: text.bytes[1..<open], as: UTF8.self)
        let inner = ByteString(Array(text.bytes[(open + 1)...].dropLast()))
        if variable == "avp" {
            let attribute = AttributeVariable.name(inner, aliases)
            return VariableAccess { route, _ in .int(route.attributes.count(attribute)) }
        }
        guard let kind = StackKind(rawValue: variable) else {
            throw ArgumentError("$cnt counts $avp and $xavp, not \(text.string)")
        }
        let path = try StackPath(.literal(inner), variable: variable, compiler)
        return VariableAccess { route, _ in .int(StackReading.count(kind.stacks(route), path, route)) }
    }

    private static func slot(
        _ name: VariableName, _ prefix: ByteString, _ compiler: any ScriptCompiling
    ) throws -> (ByteString, Int) {
        guard case .literal(let text) = name, !text.isEmpty else {
            throw ArgumentError("a variable takes a fixed name")
        }
        return (text, compiler.variableSlot(prefix + text))
    }

    /// The 0 of a variable that has a first value carries a text: an unused slot reads as the integer 0.
    private static func zero(isDefault: Bool) -> Value { isDefault ? .int(0) : .labelled(0, "0") }
}

/// `$avp(x)`, `$avp(s:x)`, `$avp(i:5)`, `$avp($var(x))`.
enum AttributeVariable {
    static func access(_ name: VariableName, _ aliases: [ByteString: AttributeName]) throws -> VariableAccess {
        switch name {
        case .none: throw ArgumentError("$avp takes a name")
        case .literal(let text):
            let attribute = Self.name(text, aliases)
            return VariableAccess { route, index in
                Self.read(attribute, index, route)
            } write: { route, index, value in
                Self.write(attribute, index, value, route)
            }
        case .dynamic(let variable):
            return VariableAccess { route, index in
                Self.read(Self.name(variable.read(in: route), route), index, route)
            } write: { route, index, value in
                Self.write(Self.name(variable.read(in: route), route), index, value, route)
            }
        }
    }

    /// `avp_aliases` gives names of their own to attributes.
    static func name(_ text: ByteString, _ aliases: [ByteString: AttributeName]) -> AttributeName {
        aliases[text] ?? Self.name(text)
    }

    static func name(_ text: ByteString) -> AttributeName {
        guard text.count > 2, text.bytes[1] == UInt8(ascii: ":") else { return .text(text) }
        let rest = ByteString(Array(text.bytes.dropFirst(2)))
        switch text.bytes[0] {
        case UInt8(ascii: "i"):
            return Value.integer(rest.span, ByteRange(start: 0, count: rest.count)).map { .number($0) } ?? .text(text)
        case UInt8(ascii: "s"): return .text(rest)
        default: return .text(text)
        }
    }

    private static func name(_ value: Value, _ route: RouteContext) -> AttributeName {
        if case .int(let number) = value { return .number(number) }
        return Self.name(route.text(value))
    }

    private static func read(_ name: AttributeName, _ index: VariableIndex, _ route: RouteContext) -> Value {
        switch index {
        case .none: return route.attributes.value(name)
        case .at(let position): return position >= 0 ? route.attributes.value(name, at: position) : .null
        case .all:
            let values = route.attributes.values(name)
            guard values.count > 1 else { return values.first ?? .null }
            let buffer = ByteBuffer(capacity: 64)
            for (position, value) in values.enumerated() {
                if position > 0 { buffer.append(", ") }
                route.print(value, to: buffer)
            }
            return .bytes(ByteString(buffer.span))
        }
    }

    private static func write(
        _ name: AttributeName, _ index: VariableIndex, _ value: Value, _ route: RouteContext
    ) -> Bool {
        if case .all = index { route.attributes.removeAll(name) }
        guard !value.isNull else {
            switch index {
            case .none: route.attributes.remove(name)
            case .at(let position): route.attributes.remove(name, at: position)
            case .all: break
            }
            return true
        }
        route.attributes.push(name, route.stored(value))
        return true
    }
}
