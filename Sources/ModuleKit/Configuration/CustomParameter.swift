import Bytes

/// A value declared by `group.name = value`; may change while the server runs, and differ for instances of its group.
public final class CustomParameter: Sendable {
    public let variable: ConfigurationVariable
    private let registry: ConfigurationRegistry

    public init(_ variable: ConfigurationVariable, in registry: ConfigurationRegistry) {
        self.variable = variable
        self.registry = registry
    }

    public var group: ByteString { self.variable.group }
    public var name: ByteString { self.variable.name }

    /// The value as the message of `route` sees it: of the instance that `cfg_select` chose for its group, else that of
    /// the group. An `int` or `bytes` value.
    public func value(in route: RouteContext) -> Value {
        guard let snapshot = route.configuration else { return self.value }
        let id =
            route.selectedGroups.isEmpty ? nil : route.selectedGroups.first(where: { $0.group == self.group })?.id
        return snapshot.value(self.variable, instance: id) ?? snapshot.value(self.variable) ?? .null
    }

    /// The value of the group now, for those who have no message.
    public var value: Value { self.registry.snapshot.value(self.variable) ?? .null }

    /// Changes it for everybody; a message that is being routed keeps what it has, its own script's too.
    /// - Returns: false when the value does not fit its type.
    @discardableResult
    public func set(_ value: Value) -> Bool { self.registry.apply([ConfigurationChange(self.variable, value)]) }

    /// Gives an instance of the group, made now if there is none, a value of its own.
    /// - Returns: false when the value does not fit its type.
    public func set(_ value: Value, ofInstance id: Int) -> Bool {
        self.registry.addInstance(self.group, id)
        return self.registry.apply([ConfigurationChange(self.variable, instance: id, value)])
    }
}
