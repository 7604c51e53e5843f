import Bytes

/// The values of all variables of a configuration at one moment. Immutable: a worker holds one for a batch of
/// messages, so that no message sees half a change.
public final class ConfigurationSnapshot: Sendable {
    /// Names the registry that it comes from.
    public let registry: ObjectIdentifier
    /// Counts the changes of that registry.
    public let version: Int
    /// The numbers alone, for modules that read a setting for every message.
    @usableFromInline let numbers: [Int]
    let values: [Value]
    /// Values of group instances, by group, instance and place.
    let instances: [ByteString: [Int: [Int: Value]]]

    init(
        registry: ObjectIdentifier, version: Int, values: [Value], instances: [ByteString: [Int: [Int: Value]]]
    ) {
        self.registry = registry
        self.version = version
        self.values = values
        self.instances = instances
        self.numbers = values.map { if case .int(let number) = $0 { number } else { 0 } }
    }

    /// The same values, in memory of their own: for one worker.
    public func copy() -> ConfigurationSnapshot {
        ConfigurationSnapshot(
            registry: self.registry, version: self.version, values: self.values.inOwnMemory, instances: self.instances)
    }

    /// The value of a variable; of an instance that has none of its own, that of the group.
    /// - Returns: nil when the group has no such instance.
    public func value(_ variable: ConfigurationVariable, instance: Int? = nil) -> Value? {
        guard variable.slot < self.values.count else { return nil }
        guard let instance else { return self.values[variable.slot] }
        guard let own = self.instances[variable.group]?[instance] else { return nil }
        return own[variable.slot] ?? self.values[variable.slot]
    }

    public func hasInstance(_ group: ByteString, _ instance: Int) -> Bool {
        self.instances[group]?[instance] != nil
    }
}
