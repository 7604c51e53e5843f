import Bytes

/// Which of several values a variable means: `$(avp(x)[1])`, `$(hdr(Via)[*])`.
public enum VariableIndex: Sendable {
    case none
    case at(Int)
    case all
}

/// How a declared variable is read and written, bound to the name in its parentheses.
public struct VariableAccess: Sendable {
    public typealias Read = @Sendable (RouteContext, VariableIndex) -> Value
    /// Gives false when the value cannot be stored (an unparsable URI, a bad address).
    public typealias Write = @Sendable (RouteContext, VariableIndex, Value) -> Bool

    public var read: Read
    public var write: Write?
    /// Where the worker keeps the value, for a variable that is nothing but its slot and turns `$null` into 0: it is
    /// read and written there without calling anybody. -1 for all others.
    public var slot = -1

    public init(read: @escaping Read, write: Write? = nil, slot: Int = -1) {
        self.read = read
        self.write = write
        self.slot = slot
    }
}

/// A use of a pseudo-variable in a script: name, index and transformations, bound when the script is loaded.
public final class VariableReference: Sendable {
    public enum Index: Sendable {
        case none
        case at(Int)
        case all
        case variable(VariableReference)
    }
    public typealias Transform = @Sendable (RouteContext, Value) -> Value

    /// As the script wrote it: `$(ru{uri.host})`.
    public let text: String
    /// The name before the parentheses: `ru`.
    public let name: String
    public let index: Index
    public let transforms: [Transform]
    private let access: VariableAccess
    /// No index and no transformations.
    private let isPlain: Bool
    /// Of `$var`: where the worker keeps it.
    private let slot: Int

    public init(text: String, name: String, index: Index, transforms: [Transform], access: VariableAccess) {
        self.text = text
        self.name = name
        self.index = index
        self.transforms = transforms
        self.access = access
        var hasIndex = true
        if case .none = index { hasIndex = false }
        self.isPlain = !hasIndex && transforms.isEmpty
        self.slot = self.isPlain ? access.slot : -1
    }

    public var isWritable: Bool { self.access.write != nil && self.transforms.isEmpty }

    public func read(in route: RouteContext) -> Value {
        if self.slot >= 0 { return route.worker.variables[self.slot] }
        if self.isPlain { return self.access.read(route, .none) }
        var value = self.access.read(route, self.resolvedIndex(in: route))
        for transform in self.transforms { value = transform(route, value) }
        return value
    }

    /// All values of a variable that is a stack, newest first: of `$avp(x)`.
    public func values(in route: RouteContext) -> [Value] {
        var values: [Value] = []
        while true {
            let value = self.access.read(route, .at(values.count))
            if value.isNull { return values }
            values.append(value)
        }
    }

    /// - Returns: false when the variable is read-only or refuses the value.
    @discardableResult
    public func write(_ value: Value, in route: RouteContext) -> Bool {
        if self.slot >= 0 {
            switch value {
            case .null: route.worker.variables[self.slot] = .int(0)
            case .slice: route.worker.variables[self.slot] = route.stored(value)
            case .int, .bytes, .labelled: route.worker.variables[self.slot] = value
            }
            return true
        }
        guard let write = self.access.write else { return false }
        return write(route, self.resolvedIndex(in: route), value)
    }

    private func resolvedIndex(in route: RouteContext) -> VariableIndex {
        switch self.index {
        case .none: .none
        case .at(let index): .at(index)
        case .all: .all
        case .variable(let variable): .at(route.int(variable.read(in: route)) ?? 0)
        }
    }
}
